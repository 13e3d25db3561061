"""Index a folder, search it and ask it a question: python examples/ask_a_folder.py [FOLDER] [QUESTION]"""

import sys
from pathlib import Path

from ragtree import RagTree

FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "library")
QUESTION = sys.argv[2] if len(sys.argv) > 2 else "What did the stove for the toll hut cost?"


def main() -> None:
    with RagTree.open(FOLDER / ".ragtree") as tree:
        report = tree.sync(FOLDER)
        print(f"{tree.stats().documents} documents, {report.embedded} texts embedded this time")

        for hit in tree.search(QUESTION, k=3):
            print(f"{hit.score:.2f}  {hit.node.source}, {hit.node.location}")

        answer = tree.ask(QUESTION)
        print(answer.text)
        for citation in answer.citations:
            print(f"[{citation.number}] {citation}: {citation.quote!r}")


if __name__ == "__main__":
    main()
