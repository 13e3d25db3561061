"""A sound tree has no faults; with one thing damaged, the fault is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from samples import LIBRARY, built

from ragtree import RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.upkeep.verify import find_faults
from ragtree.types import Claim, Document, Evidence, Node, Span

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
    "is not right above its children": lambda ns: changed(ns, -1, children=(ns[0].id, *ns[-1].children)),
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


# --- rows and copies

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
