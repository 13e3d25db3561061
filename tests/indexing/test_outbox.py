"""Chroma and the lexical index follow the catalog, whatever comes between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from samples import LIBRARY, built, whole_tree

from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import IndexDamagedError
from ragtree.indexing import outbox
from ragtree.indexing.outbox import repair_on_open, update_mirrors
from ragtree.store.catalog import Catalog
from ragtree.store.lexical_index import LexicalIndex
from ragtree.store.memory_store import MemoryStore
from ragtree.types import Node, Progress, Vectors


class RecordingStore(MemoryStore):
    """Notes what is written, and is interrupted after `lives` writes."""

    def __init__(self) -> None:
        super().__init__()
        self.lives = 10_000
        self.log: list[tuple[str, int | str]] = []

    def upsert(self, nodes: Sequence[Node], vectors: Vectors) -> None:
        for node, vector in zip(nodes, vectors, strict=True):
            self._spend()
            super().upsert([node], vector[None])
            self.log.append((node.id, node.level))

    def delete(self, ids: Iterable[str]) -> None:
        for key in list(ids):
            self._spend()
            super().delete([key])
            self.log.append((key, "gone"))

    def _spend(self) -> None:
        self.lives -= 1
        if self.lives < 0:
            raise KeyboardInterrupt


def apply(catalog: Catalog, nodes: Sequence[Node]) -> None:
    catalog.change(whole_tree(catalog, nodes))


@pytest.fixture
def trees(tmp_path: Path) -> list[list[Node]]:
    """Two trees that share some of their chunks."""
    for name in "ab":
        (tmp_path / name).mkdir()
    other = LIBRARY | {"bread.md": "Nothing is left of the bread but crumbs.\n\nThe mice ate all the crumbs."}
    return [built(tmp_path / "a", LIBRARY)[0], built(tmp_path / "b", other)[0]]


@pytest.fixture
def catalog(tmp_path: Path, trees: list[list[Node]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    monkeypatch.setattr(outbox, "_PAGE", 3)
    opened = Catalog(tmp_path / "catalog.sqlite")
    apply(opened, trees[0])
    yield opened
    opened.close()


@pytest.fixture
def words() -> LexicalIndex:
    return LexicalIndex(None)


def stored(store: MemoryStore) -> dict[str, Node]:
    return {node.id: node for node in store.nodes()}


def test_leaves_are_written_before_parents_and_these_before_anything_is_deleted(
    catalog: Catalog, words: LexicalIndex, trees: list[list[Node]]
) -> None:
    store = RecordingStore()
    update_mirrors(catalog, store, words)
    apply(catalog, trees[1])
    store.log.clear()
    update_mirrors(catalog, store, words)
    steps = [9 if what == "gone" else what for _, what in store.log]
    assert steps == sorted(steps)  # type: ignore[type-var]
    assert {0, 1, 9} <= set(steps)
    assert stored(store) == {node.id: node for node in trees[1]}
    assert words.ids() == stored(store).keys()
    assert not catalog.pending()


def test_only_what_changed_is_written(catalog: Catalog, words: LexicalIndex, trees: list[list[Node]]) -> None:
    store = RecordingStore()
    update_mirrors(catalog, store, words)
    apply(catalog, trees[1])
    store.log.clear()
    update_mirrors(catalog, store, words)
    old = {node.id: node for node in trees[0]}
    assert {key for key, what in store.log if what != "gone"} == {n.id for n in trees[1] if old.get(n.id) != n}
    assert {key for key, what in store.log if what == "gone"} == old.keys() - {node.id for node in trees[1]}


@pytest.mark.parametrize("second", [False, True])
def test_interrupted_anywhere_it_goes_on_and_no_summary_lacks_its_leaves(
    catalog: Catalog, words: LexicalIndex, trees: list[list[Node]], second: bool
) -> None:
    store = RecordingStore()
    if second:
        update_mirrors(catalog, store, words)
        apply(catalog, trees[1])
    wanted = {node.id: node for node in trees[1 if second else 0]}
    for lives in range(100):
        store.lives = lives
        try:
            update_mirrors(catalog, store, words)
        except KeyboardInterrupt:
            there = stored(store)
            assert all(child in there for node in there.values() for child in node.children if node.id in wanted)
        else:
            break
    assert stored(store) == wanted
    assert words.ids() == wanted.keys()
    assert not catalog.pending()


def test_mending_a_sound_store_does_nothing(catalog: Catalog, words: LexicalIndex) -> None:
    store = RecordingStore()
    assert repair_on_open(catalog, store, words)
    store.lives = 0
    assert not repair_on_open(catalog, store, words)


def test_a_store_that_lost_records_is_mended(catalog: Catalog, words: LexicalIndex, trees: list[list[Node]]) -> None:
    store = MemoryStore()
    update_mirrors(catalog, store, words)
    store.delete([trees[0][0].id, trees[0][-1].id])
    assert repair_on_open(catalog, store, words)
    assert stored(store) == {node.id: node for node in trees[0]}


def test_a_store_with_records_that_nobody_knows_is_mended(
    catalog: Catalog, words: LexicalIndex, trees: list[list[Node]]
) -> None:
    store = MemoryStore()
    update_mirrors(catalog, store, words)
    store.upsert([Node("stranger", 0, "x", 1)], HashingEmbedder().embed(["x"]))
    assert repair_on_open(catalog, store, words)
    assert stored(store) == {node.id: node for node in trees[0]}


@pytest.mark.parametrize("stranger", [False, True])
def test_a_lexical_index_of_another_size_is_written_anew_and_chroma_is_left_alone(
    catalog: Catalog, words: LexicalIndex, trees: list[list[Node]], stranger: bool
) -> None:
    store = RecordingStore()
    update_mirrors(catalog, store, words)
    store.log.clear()
    if stranger:
        words.upsert([Node("stranger", 0, "whales", 1)])
    else:
        words.delete([trees[0][0].id, trees[0][-1].id])
    assert repair_on_open(catalog, store, words)
    assert store.log == []
    assert words.ids() == {node.id for node in trees[0]}
    assert not repair_on_open(catalog, store, words)


def test_progress_counts_up_to_all_nodes(catalog: Catalog, words: LexicalIndex, trees: list[list[Node]]) -> None:
    steps: list[Progress] = []
    update_mirrors(catalog, MemoryStore(), words, steps.append)
    assert steps[-1] == Progress("store", len(trees[0]), len(trees[0]))


def test_a_node_without_a_vector_is_a_damaged_index(catalog: Catalog, words: LexicalIndex) -> None:
    with catalog.transaction() as db:
        db.execute("DELETE FROM vectors")
    with pytest.raises(IndexDamagedError, match="vectors"):
        update_mirrors(catalog, MemoryStore(), words)
