"""A sound tree has no faults; with one thing damaged, the fault is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from samples import LIBRARY, built, leaf, parent

from ragtree import RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.types import Claim, Document, Evidence, Node, Span
from ragtree.upkeep.verify import find_faults, find_faults_of_documents

BUDGET = 64
Tree = tuple[list[Node], dict[str, Document]]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    nodes, documents = built(tmp_path, LIBRARY, BUDGET)
    assert max(node.level for node in nodes) >= 2
    return nodes, documents


def changed(nodes: list[Node], index: int, **fields: object) -> list[Node]:
    return [replace(node, **fields) if node is nodes[index] else node for node in nodes]  # type: ignore[arg-type]


def claiming(node: Node, *evidence: Evidence) -> tuple[Claim, ...]:
    return (replace(node.claims[0], evidence=evidence), *node.claims[1:])


def first_parent(nodes: list[Node]) -> int:
    return next(index for index, node in enumerate(nodes) if node.level == 1)


def test_a_sound_tree_has_no_faults(tree: Tree) -> None:
    assert find_faults(*tree, BUDGET) == []


def test_no_tree_over_no_documents_is_sound() -> None:
    assert find_faults([], {}, BUDGET) == []


DAMAGES: dict[str, Callable[[list[Node]], list[Node]]] = {
    "has no parent": lambda ns: changed(ns, first_parent(ns), children=ns[first_parent(ns)].children[1:]),
    "children that are gone": lambda ns: [node for node in ns if node is not ns[3]],
    "is not right above its children": lambda ns: changed(ns, -1, level=ns[-1].level + 1),
    "more than one collection": lambda ns: [*ns, replace(ns[-1], id="another root")],
    "two nodes have the same id": lambda ns: [*ns, ns[-1]],
    "has 0 children": lambda ns: changed(ns, first_parent(ns), children=()),
    "tokens below it": lambda ns: changed(ns, 0, tokens=BUDGET + 1),
    "without evidence": lambda ns: changed(ns, -1, claims=claiming(ns[-1])),
    "says nothing that it can prove": lambda ns: changed(ns, -1, claims=()),
    "a passage that is gone": lambda ns: changed(ns, -1, claims=claiming(ns[-1], Evidence("gone", Span(0, 1)))),
    "is gone": lambda ns: changed(ns, -1, claims=claiming(ns[-1], Evidence(ns[0].id, Span(0, 10_000)))),
    "passage that is gone": lambda ns: changed(ns, -1, claims=claiming(ns[-1], Evidence(ns[-2].id, Span(0, 1)))),
    "is not the document's text": lambda ns: changed(ns, 0, text="Something else."),
    "overlap or leave a gap": lambda ns: changed(ns, 1, span=Span(ns[1].span.start + 5, ns[1].span.end)),
    "is not in the catalog": lambda ns: changed(ns, 0, document_id="nowhere.md"),
    "is in no chunk": lambda ns: [node for node in ns if node is not ns[2]],
}


@pytest.mark.parametrize("sentence", DAMAGES)
def test_each_fault_is_found(tree: Tree, sentence: str) -> None:
    nodes, documents = tree
    faults = find_faults(DAMAGES[sentence](nodes), documents, BUDGET)
    assert any(sentence in fault for fault in faults), faults
    assert all("\n" not in fault for fault in faults)


def test_a_document_without_its_chunks_is_found(tree: Tree) -> None:
    nodes, documents = tree
    faults = find_faults(nodes, documents | {"new.md": Document("new.md", "Never cut.")}, BUDGET)
    assert faults == ["new.md: the text after 0 is in no chunk"]


def test_a_document_that_grew_is_found(tree: Tree) -> None:
    nodes, documents = tree
    grown = Document("bread.md", documents["bread.md"].text + " More.")
    assert len(find_faults(nodes, documents | {"bread.md": grown}, BUDGET)) == 1


def of_kind(nodes: list[Node], kind: str) -> list[Node]:
    return [node for node in nodes if node.kind == kind]


def without(nodes: list[Node], *gone: Node) -> list[Node]:
    """The nodes without some, and without them among the children of the others."""
    keys = {node.id for node in gone}
    return [
        replace(node, children=tuple(child for child in node.children if child not in keys))
        for node in nodes
        if node.id not in keys
    ]


def test_a_tree_of_documents_has_a_node_for_each_and_one_collection(tree: Tree) -> None:
    nodes, documents = tree
    assert find_faults_of_documents(nodes, list(documents), grown=True) == []
    assert {node.document_id for node in of_kind(nodes, "document")} == documents.keys()
    assert len(of_kind(nodes, "collection")) == 1


def test_a_document_without_a_node_is_found(tree: Tree) -> None:
    nodes, documents = tree
    (bread,) = (node for node in of_kind(nodes, "document") if node.document_id == "bread.md")
    faults = find_faults_of_documents(without(nodes, bread), list(documents), grown=True)
    assert faults == ["bread.md has 0 document nodes"]
    assert find_faults_of_documents(without(nodes, bread), list(documents), grown=False) == []
    twice = [*nodes, replace(bread, id="another")]
    assert "bread.md has 2 document nodes" in find_faults_of_documents(twice, list(documents), grown=True)


def test_a_document_node_that_leaves_out_a_chunk_is_found(tree: Tree) -> None:
    nodes, documents = tree
    (bread,) = (node for node in of_kind(nodes, "document") if node.document_id == "bread.md")
    less = [replace(node, children=node.children[1:]) if node is bread else node for node in nodes]
    faults = find_faults_of_documents(less, list(documents), grown=True)
    assert faults == ["bread.md: its document node is not above exactly its chunks"]


def test_a_node_that_two_documents_share_is_found(tree: Tree) -> None:
    nodes, documents = tree
    bread, clocks = (node for node in of_kind(nodes, "document") if node.document_id in ("bread.md", "clocks.md"))
    sharing = [
        replace(node, children=(*node.children, *clocks.children[:1])) if node is bread else node for node in nodes
    ]
    faults = find_faults_of_documents(sharing, list(documents), grown=True)
    assert "bread.md shares a node with another document" in faults


def test_themes_over_the_budget_and_documents_without_one_are_faults_only_once_a_sync_has_ended(tree: Tree) -> None:
    nodes, documents = tree
    chunk = leaf("new", document="new.md")
    lonely = [*nodes, chunk, parent("new document", [chunk], kind="document")]
    more = documents | {"new.md": Document("new.md", chunk.text)}
    assert find_faults(lonely, more, BUDGET) == ["node new document (document) has no parent"]
    assert find_faults(lonely, more, BUDGET, behind=True) == []
    (collection,) = of_kind(nodes, "collection")
    large = [replace(node, tokens=BUDGET) if node.id in collection.children else node for node in nodes]
    assert any("tokens below it" in fault for fault in find_faults(large, documents, BUDGET))
    assert find_faults(large, documents, BUDGET, behind=True) == []


# --- rows and mirrors

SETTINGS = {
    "chunk": {"tokens": 16},
    "summarize": {"tokens": 24},
    "tree": {"group_tokens": 64},
    "llm": {"model": "none"},
}


@pytest.fixture
def grown(tmp_path: Path) -> Iterator[RagTree]:
    with RagTree.open(tmp_path / "index", Settings.model_validate(SETTINGS), embedder=HashingEmbedder()) as tree:
        tree.add([Document(key, text) for key, text in LIBRARY.items()])
        assert tree.verify() == []
        yield tree


STATEMENTS = {
    "stale by 1.5": "UPDATE nodes SET stale = 1.5, node = json_set(node, '$.stale', 1.5) WHERE level = 1",
    "differs from what its row says": "UPDATE nodes SET tokens = tokens + 1 WHERE level = 0",
    "other children than its edges say": "DELETE FROM edges WHERE position = 1",
    "edges lead from node": "INSERT INTO edges VALUES ('nobody', 0, 'nothing')",
    "stands where another one does": "UPDATE nodes SET position = 0",
    "has no vector": "DELETE FROM vectors WHERE key IN (SELECT vector FROM nodes WHERE level = 1)",
    "is damaged": "UPDATE vectors SET vector = no_numbers(vector)",
    "Chroma has another vector": "UPDATE vectors SET vector = (SELECT vector FROM vectors LIMIT 1)",
    "Chroma does not have node": "UPDATE nodes SET node = json_set(node, '$.label', 'another')",
    "different numbers of dimensions": "UPDATE vectors SET vector = substr(vector, 5) WHERE key = "
    "(SELECT vector FROM nodes LIMIT 1)",
}


@pytest.mark.parametrize("sentence", STATEMENTS)
def test_each_fault_of_a_row_is_found(grown: RagTree, sentence: str) -> None:
    catalog = grown._catalog
    catalog._db.create_function("no_numbers", 1, lambda vector: b"\xff" * len(vector))
    with catalog.transaction() as db:
        db.execute(STATEMENTS[sentence])
    faults = grown.verify()
    assert any(sentence in fault for fault in faults), faults
    assert all("\n" not in fault for fault in faults)


def test_a_vector_that_chroma_has_otherwise_is_found(grown: RagTree) -> None:
    node = grown.nodes(0)[2]
    grown._store.upsert([node], grown._store.vectors([grown.nodes(0)[3].id]))
    assert grown.verify() == [f"Chroma has another vector of node {node.id}"]
    grown.repair()
    assert grown.verify() == []


def test_a_catalog_with_noise_in_a_page_that_no_question_needs_is_found(grown: RagTree) -> None:
    path = grown.path / "catalog.sqlite"
    grown.close()
    (root,) = sqlite3.connect(path).execute("SELECT rootpage FROM sqlite_master WHERE name = 'contexts'").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"noise" * 800)
    with RagTree.open(grown.path, embedder=HashingEmbedder()) as tree:
        faults = tree.verify()
        assert faults
        assert all("catalog.sqlite is damaged" in fault for fault in faults)
