from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from samples import leaf, parent, random_units

from ragtree.errors import IndexDamagedError, IndexMismatchError
from ragtree.store.catalog import Catalog, vector_key
from ragtree.store.documents import DocumentRecord, StoredDocument
from ragtree.store.tree_change import PlacedNode, TreeChange, joined, placed
from ragtree.store.write_ahead import note_ahead
from ragtree.types import Block, Box, Document, Location, Mark, Span

DOCUMENT = Document(
    "ü/a.md",
    "Seite eins.\nSeite zwei 🐋\x00.",
    "Der Titel",
    "ü/a.md",
    metadata={"year": 1907, "share": 0.5, "read": True, "none": ""},
    marks=(Mark(0, Location(page=1)), Mark(12, Location(page=2, heading=("Teil", "Kapitel ü")))),
    lines=False,
    blocks=(
        Block(Span(0, 11), "heading", 1, Box(72, 70, 300, 84)),
        Block(Span(12, 25), "text", 2, Box(72, 90, 540, 120)),
    ),
)
STORED = StoredDocument(DOCUMENT, DocumentRecord("ü/a.md", DOCUMENT.sha256, "folder", 30, 1234567890123456789))
NODES = [leaf("a"), leaf("b", start=20), parent("p", [leaf("a"), leaf("b", start=20)], kind="collection")]
KEYS = [vector_key("e", node.id) for node in NODES]
TREE = TreeChange(placed(NODES, KEYS))


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


def test_documents_come_back_with_their_marks_after_reopening(catalog: Catalog, tmp_path: Path) -> None:
    catalog.change(TREE, [STORED], known={"embedder": "e"})
    catalog.close()
    again = Catalog(tmp_path / "catalog.sqlite")
    assert again.document("ü/a.md") == DOCUMENT
    assert again.records() == {"ü/a.md": STORED.record}
    assert again.document("nowhere") is None
    assert again.facts().embedder == "e"
    assert again.nodes() == NODES
    again.close()


def test_a_transaction_that_fails_leaves_everything_as_it_was(catalog: Catalog) -> None:
    catalog.change(TREE, [STORED], known={"collection": "old"})
    catalog.mark_stored(["a", "b", "p"])

    def documents() -> Iterator[StoredDocument]:
        yield StoredDocument(Document("new.md", "New."), DocumentRecord("new.md", "0", "api", 4, 0))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catalog.change(TreeChange((), {"a", "b", "p"}), documents(), ["ü/a.md"], {"collection": "new"})
    assert list(catalog.records()) == ["ü/a.md"]
    assert catalog.nodes() == NODES
    assert catalog.facts().collection == "old"
    assert not catalog.pending()
    catalog.set_facts({"collection": "new"})
    assert catalog.facts().collection == "new"


def test_levels_are_read_apart(catalog: Catalog) -> None:
    catalog.change(TREE)
    assert catalog.level_sizes() == (2, 1)
    assert catalog.nodes(1) == NODES[2:]
    assert catalog.top() == ["p"]
    assert catalog.chunks_of("d.md") == NODES[:2]
    assert catalog.chunk_tokens() == NODES[0].tokens * 2


def test_new_nodes_wait_to_be_stored_and_lost_ones_to_be_forgotten(catalog: Catalog) -> None:
    catalog.change(TREE)
    assert [(one.node.id, one.key) for one in catalog.to_store(2)] == [("a", KEYS[0]), ("b", KEYS[1])]
    catalog.mark_stored(["a", "b", "p"])
    catalog.change(TreeChange((), {"p"}))
    assert catalog.to_store(9) == []
    assert catalog.to_forget() == ["p"]
    catalog.change(catalog.changed(TREE.nodes, ["a", "b"]))
    assert catalog.to_forget() == []
    assert [one.node.id for one in catalog.to_store(9)] == ["p"]


def test_vectors_come_back_bit_for_bit_however_many(catalog: Catalog) -> None:
    vectors = random_units(1200)
    keys = [vector_key("e", str(number)) for number in range(1200)]
    catalog.put_vectors(dict(zip(keys, vectors, strict=True)))
    found = catalog.get_vectors([*keys, b"nowhere"])
    assert np.array_equal(np.stack([found[key] for key in keys]), vectors)
    assert b"nowhere" not in found


def test_another_format_is_a_mismatch_with_both_versions(catalog: Catalog, tmp_path: Path) -> None:
    catalog.set_facts({"format": "99"})
    catalog.close()
    with pytest.raises(IndexMismatchError, match=r"format 99, this ragtree reads \d+") as caught:
        Catalog(tmp_path / "catalog.sqlite")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("damage", ["not a database", "header", "middle"])
def test_a_damaged_file_is_reported_in_one_line(catalog: Catalog, tmp_path: Path, damage: str) -> None:
    catalog.change(TreeChange(placed([leaf(f"n{n}", "word " * 99) for n in range(200)], [b"k"] * 200)), [STORED])
    catalog.close()
    path = tmp_path / "catalog.sqlite"
    data = path.read_bytes()
    broken = {"not a database": b"PK" * 4000, "header": data[:60], "middle": data[:4096] + b"\xff" * (len(data) - 4096)}
    path.write_bytes(broken[damage])
    with pytest.raises(IndexDamagedError, match=r"catalog\.sqlite") as caught:
        Catalog(path).nodes()
    assert "\n" not in str(caught.value)


def test_closing_twice_does_no_harm_and_no_pickle_is_in_the_file(catalog: Catalog, tmp_path: Path) -> None:
    catalog.change(TREE, [STORED])
    catalog.close()
    catalog.close()
    with sqlite3.connect(tmp_path / "catalog.sqlite") as db:
        ((text,),) = db.execute("SELECT text FROM documents").fetchall()
    assert text == DOCUMENT.text


def test_what_was_paid_for_and_what_the_other_stores_follow_waits_for_the_disk(catalog: Catalog) -> None:
    said: list[str] = []
    catalog._db.set_trace_callback(said.append)

    def waits() -> bool:
        """Whether the last transaction was written through to the disk."""
        ways = [line for line in said if line.startswith(("PRAGMA synchronous", "COMMIT"))]
        waited = "FULL" in ways[ways.index("COMMIT") - 1]
        said.clear()
        return waited

    catalog.put_answer("asked", "What the model said.")
    assert waits()
    catalog.put_context("chunk", "A sentence.")
    assert waits()
    catalog.put_summary("group", "A label.")
    assert waits()
    catalog.put_vectors({b"key": random_units(1, 4)[0]})
    assert waits()
    note_ahead(catalog, ["a"])
    assert waits()
    catalog.change(TREE, [STORED])
    assert waits()
    catalog.put_summary_of("group", "{}", ["asked"])  # it can be made again of the answers that last
    assert not waits()
    assert catalog.get_answer("asked") is None


def test_a_fact_that_there_is_not_is_refused(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="'shape'"):
        catalog.set_facts({"shape": "round"})


def test_every_change_of_the_tree_is_another_state(catalog: Catalog) -> None:
    states = [catalog.facts().state]
    for change in (TREE, TreeChange(), TreeChange((), {"p"})):
        catalog.change(change)
        states.append(catalog.facts().state)
    assert len(set(states)) == len(states)


def test_the_difference_between_two_trees_is_what_is_new_or_other_or_gone(catalog: Catalog) -> None:
    catalog.change(TREE)
    moved = replace(NODES[1], label="moved")
    new = [PlacedNode(NODES[0], 0, KEYS[0]), PlacedNode(moved, 1, KEYS[1]), PlacedNode(leaf("c", start=40), 2, b"c")]
    change = catalog.changed(new, ["a", "b", "p"])
    assert [one.node.id for one in change.nodes] == ["b", "c"]
    assert change.gone == {"p"}


def test_changes_are_joined_and_what_one_removes_and_another_writes_is_written() -> None:
    one = TreeChange(placed([leaf("a")], [b"a"]), {"b", "c"}, {b"a": random_units(1)[0]})
    both = joined([one, TreeChange(placed([leaf("b")], [b"b"]), {"d"})])
    assert [placed.node.id for placed in both.nodes] == ["a", "b"]
    assert both.gone == {"c", "d"}
    assert list(both.vectors) == [b"a"]
    assert not joined([])


def test_nodes_are_counted_by_kind_and_documents_by_how_they_were_built(catalog: Catalog) -> None:
    other = StoredDocument(Document("b.md", "Short."), DocumentRecord("b.md", "0", "api", 6, 0), built="now")
    catalog.change(TREE, [STORED, other])
    assert catalog.kind_sizes() == {"chunk": 2, "collection": 1}
    assert catalog.built_otherwise("now") == ["ü/a.md"]
    assert (catalog.built("b.md"), catalog.built("nowhere")) == ("now", "")
    assert catalog.document_count() == 2
    assert catalog.characters(["b.md", "nowhere"]) == 6
    assert catalog.parents(["a", "p"]) == {"a": ["p"]}
    assert catalog.children(["p"]) == {"p": ["a", "b"]}
