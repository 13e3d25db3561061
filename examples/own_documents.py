"""Documents that are not files: add, filter, replace and remove them. The index is in a temporary folder."""

from tempfile import TemporaryDirectory

from ragtree import Document, RagTree

TICKETS = [
    Document(
        id="ticket-17",
        text="The pump in hall 2 stops after ten minutes. A new thermal fuse, part 4411, cured it.",
        metadata={"product": "pump", "year": 2025},
    ),
    Document(
        id="ticket-18",
        text="The fan in hall 3 howls above 2,000 revolutions. The bearing was dry and has been greased.",
        metadata={"product": "fan", "year": 2026},
    ),
]


def main() -> None:
    with TemporaryDirectory() as folder, RagTree.open(folder) as tree:
        tree.add(TICKETS)
        for hit in tree.search("Which part cured it?", k=1, where={"product": "pump"}):
            print(hit.node.document_id, "-", hit.node.text)

        tree.add([Document(id="ticket-18", text="The fan in hall 3 was replaced by a silent one.")])
        print(tree.search("the fan in hall 3", k=1)[0].node.text)

        tree.remove(["ticket-17"])
        print([document.id for document in tree.documents()])


if __name__ == "__main__":
    main()
