"""One state of the tree for as long as one reads it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from samples import leaf, random_units

from ragtree.errors import IndexDamagedError
from ragtree.store import snapshots as module
from ragtree.store.catalog import Catalog
from ragtree.store.lexical_index import LexicalIndex
from ragtree.store.query_store import QueryStore
from ragtree.store.snapshots import Snapshots
from ragtree.store.table import TableReader
from ragtree.store.tree_change import TreeChange, placed
from ragtree.store.write_ahead import note_ahead, take_back, taken_back
from ragtree.types import Node


class Stored:
    """A catalog with its words and the snapshots of both."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "catalog.sqlite"
        self.catalog = Catalog(self.path)
        self.words = LexicalIndex(folder / "lexical")
        tables = TableReader(folder / "vectors", lambda rows, _: rows)
        self.snapshots = Snapshots(self.path, tables, self.words.reader)

    def be(self, nodes: list[Node]) -> None:
        keys = [node.id.encode() for node in nodes]
        self.catalog.put_vectors(dict(zip(keys, random_units(len(nodes), dimension=4), strict=True)))
        change = self.to(nodes, keys)
        note_ahead(self.catalog, [*(one.node.id for one in change.nodes), *change.gone])
        self.words.change([one.node for one in change.nodes], change.gone)
        self.catalog.change(change)

    def to(self, nodes: list[Node], keys: list[bytes]) -> TreeChange:
        """The change that makes these nodes the whole tree."""
        return self.catalog.changed(placed(nodes, keys), [node.id for node in self.catalog.nodes()])

    def log_is_held(self) -> bool:
        """True where somebody needs what is in the log, so that it cannot all be moved into the file."""
        with sqlite3.connect(self.path) as db:
            _, in_log, moved = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            return bool(moved < in_log)


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Stored]:
    made = Stored(tmp_path)
    made.be([leaf("a", "anchors"), leaf("b", "boats")])
    yield made
    made.snapshots.close()
    made.catalog.close()


def texts(stored: Stored) -> list[str]:
    with stored.snapshots.reading() as snapshot:
        return [node.text for node in snapshot.catalog.nodes()]


def test_a_snapshot_stays_as_it_was_and_the_next_one_is_new(stored: Stored) -> None:
    with stored.snapshots.reading() as snapshot:
        stored.be([leaf("b", "boats"), leaf("c", "capstans")])
        assert [node.id for node in snapshot.catalog.nodes()] == ["a", "b"]
        assert snapshot.table.ids == ["a", "b"]
        assert [key for key, _ in snapshot.words.search("anchors capstans", 5, leaves=True)] == ["a"]
        assert not snapshot.is_current()
        with stored.snapshots.reading() as inner:
            assert inner is snapshot
    assert texts(stored) == ["boats", "capstans"]
    with stored.snapshots.reading() as snapshot:
        assert [key for key, _ in snapshot.words.search("anchors capstans", 5, leaves=True)] == ["c"]
        assert snapshot.is_current()


def test_readers_of_one_state_share_it_and_one_that_begins_later_does_not_wait_for_them(stored: Stored) -> None:
    one, other = stored.snapshots.acquire(), stored.snapshots.acquire()
    assert one is other
    stored.be([leaf("c", "capstans")])
    new = stored.snapshots.acquire()
    assert new is not one
    assert one.table.ids == ["a", "b"]
    assert new.table.ids == ["c"]
    for snapshot in (one, other, new):
        stored.snapshots.release(snapshot)


def test_what_was_read_is_kept_from_one_reader_to_the_next(stored: Stored) -> None:
    with stored.snapshots.reading() as snapshot:
        table = snapshot.table
    with stored.snapshots.reading() as snapshot:
        assert snapshot.table is table


def test_the_log_is_free_when_nobody_reads_and_moves_on_while_readers_overlap(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = stored.snapshots.acquire()
    stored.catalog.mark_all_unstored()
    stored.catalog.put_summary("key", "summary")
    assert stored.log_is_held()
    monkeypatch.setattr(module, "_RENEWED", 0.0)
    second = stored.snapshots.acquire()
    assert second is first
    assert first.catalog.get_summary("key") == "summary"  # a later moment of the same tree
    assert not stored.log_is_held()
    for snapshot in (first, second):
        stored.snapshots.release(snapshot)
    stored.catalog.put_summary("key", "another")
    assert not stored.log_is_held()


def test_words_of_a_change_that_is_being_made_are_waited_for(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process has written the words, and is about to write the catalog."""
    change = stored.to([leaf("c", "capstans")], [b"a"])
    note_ahead(stored.catalog, ["a", "b", "c"])
    stored.words.change([one.node for one in change.nodes], change.gone)
    threading.Timer(0.2, stored.catalog.change, (change,)).start()
    with stored.snapshots.reading() as snapshot:
        assert snapshot.table.ids == ["c"]
        assert [key for key, _ in snapshot.words.search("capstans anchors", 5, leaves=True)] == ["c"]


def test_a_change_that_is_never_made_is_not_waited_for_for_ever(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.1)
    note_ahead(stored.catalog, ["a", "c"])
    stored.words.change([leaf("c", "capstans")], ["a"])
    with stored.snapshots.reading() as snapshot:
        assert [key for key, _ in snapshot.words.search("capstans anchors boats", 5, leaves=True)] == ["b"]
    take_back(stored.catalog)
    assert [one.node.id for one in stored.catalog.to_store(9)] == ["a", "b"]  # b was never written to Chroma
    assert stored.catalog.to_forget() == ["c"]
    stored.words.change([leaf("a", "anchors")], ["c"])
    taken_back(stored.catalog)
    with stored.snapshots.reading() as snapshot:
        found = snapshot.words.search("capstans anchors boats", 5, leaves=True)
        assert {key for key, _ in found} == {"a", "b"}


def test_among_words_of_other_states_as_many_are_found(stored: Stored) -> None:
    many = [leaf(f"n{number:02}", "ropes and more ropes") for number in range(40)]
    stored.words.upsert([*many, leaf("a", "ropes")])
    stored.be([leaf("a", "ropes"), leaf("b", "boats"), *many[30:]])
    stored.words.upsert(many[:30])
    with stored.snapshots.reading() as snapshot:
        assert len(snapshot.words.search("ropes", 11, leaves=True)) == 11
        assert len(snapshot.words.search("ropes", 4, leaves=True)) == 4


def test_what_chroma_does_not_have_yet_is_found_by_its_vector(stored: Stored) -> None:
    def never() -> None:
        raise AssertionError("Chroma was asked")

    with stored.snapshots.reading() as snapshot:
        assert not snapshot.in_store
        vector = snapshot.table.vectors[1]
        store = QueryStore(never, snapshot)  # type: ignore[arg-type]
        assert store.search(vector, 1, leaves=True) == [("b", 1.0)]


def test_a_reader_cannot_write(stored: Stored) -> None:
    from ragtree.errors import StoreError

    with stored.snapshots.reading() as snapshot, pytest.raises(StoreError, match="readonly"):
        snapshot.catalog.set_facts({"id": "value"})


def test_after_close_the_files_are_free(stored: Stored) -> None:
    held = stored.snapshots.acquire()
    stored.snapshots.close()
    stored.snapshots.release(held)  # a thread that reads still ends without harm
    stored.snapshots.close()
    assert not stored.log_is_held()


def test_vectors_that_are_the_same_are_taken_from_the_last_state_and_shortened_anew_with_another_embedder(
    stored: Stored,
) -> None:
    with stored.snapshots.reading() as snapshot:
        before = dict(zip(snapshot.table.ids, snapshot.table.vectors.tolist(), strict=True))
    with stored.catalog.transaction() as db:
        db.execute(
            "UPDATE vectors SET vector = ? WHERE key = ?", (random_units(1, 4, seed=9).astype("<f4").tobytes(), b"a")
        )
    stored.catalog.put_vectors({b"c": random_units(1, dimension=4, seed=3)[0]})
    stored.catalog.change(stored.to([leaf("a"), leaf("c")], [b"a", b"c"]))
    with stored.snapshots.reading() as snapshot:
        after = dict(zip(snapshot.table.ids, snapshot.table.vectors.tolist(), strict=True))
        assert after["a"] == before["a"]
        assert after["c"] == random_units(1, dimension=4, seed=3)[0].tolist()
    stored.catalog.change(stored.to([leaf("a")], [b"a"]), known={"embedder": "another"})
    with stored.snapshots.reading() as snapshot:
        assert snapshot.table.vectors.tolist() == random_units(1, dimension=4, seed=9).tolist()


def test_words_that_are_not_there_for_a_moment_are_waited_for(stored: Stored, tmp_path: Path) -> None:
    folder = tmp_path / "lexical" / "leaves"
    folder.rename(tmp_path / "aside")
    threading.Timer(0.02, (tmp_path / "aside").rename, (folder,)).start()
    with stored.snapshots.reading() as snapshot:
        assert [key for key, _ in snapshot.words.search("anchors", 5, leaves=True)] == ["a"]


def test_words_that_cannot_be_read_are_told_and_leave_nothing_open(stored: Stored, tmp_path: Path) -> None:
    (tmp_path / "lexical" / "leaves").rename(tmp_path / "aside")
    with pytest.raises(IndexDamagedError, match="ragtree repair"), stored.snapshots.reading():
        pass
    assert not stored.log_is_held()
