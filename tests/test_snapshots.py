"""Readers see the tree as a commit left it, and never a state between two commits."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from versions import State, document, faults, next_state, text_of, version_of

from ragtree import RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.store.catalog import Catalog
from ragtree.store.chroma import ChromaStore
from ragtree.store.tree_change import TreeChange
from ragtree.types import Answer, Hit, Node, OnProgress, Vectors, no_progress

SETTINGS = Settings.model_validate(
    {
        "llm": {"model": "none"},
        "embed": {"kind": "plain"},
        "chunk": {"tokens": 40, "language": "en"},
        "tree": {"group_tokens": 240},
        "summarize": {"tokens": 60},
    }
)
NAMES = [f"record{number}" for number in range(14)]
MODES = ("hybrid", "leaves", "lexical", "collapsed", "traverse")
QUERIES = ("the keeper of the lantern and the mill", "record3 version 2 orchard", "quarry ferry chapel")
SYNCS = 6


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[RagTree]:
    with RagTree.open(tmp_path / "index", SETTINGS, embedder=HashingEmbedder()) as opened:
        yield opened


def be(tree: RagTree, before: State, after: State) -> None:
    """Bring the index from one state to the other, in one or two syncs with several commits each."""
    gone = before.keys() - after.keys()
    if gone:
        tree.remove(gone)
    new = [document(name, version) for name, version in after.items() if before.get(name) != version]
    if new:
        tree.add(new)


@dataclass
class History:
    """The state after every commit: the documents, and what is found. Readers say between which states they asked."""

    states: list[State] = field(default_factory=list)
    found: list[dict[tuple[str, str], list[Hit]]] = field(default_factory=list)
    begun: int = 0
    """Number of commits that were begun; the last of them may be done."""

    @property
    def done(self) -> int:
        """The last commit that is done for certain."""
        return len(self.found) - 1

    def begin(self) -> None:
        self.begun += 1

    def note(self, tree: RagTree) -> None:
        """Call it while nothing is written."""
        found = {(mode, query): tree.search(query, k=8, mode=mode) for mode in MODES for query in QUERIES}
        self.states.append({one.id: version_of(one) for one in tree.documents()})
        self.found.append(found)


@dataclass(frozen=True)
class Look:
    """What a reader got, and the states between which it asked."""

    kind: tuple[str, str]
    got: list[Hit]
    first: int
    last: int


def same(one: Sequence[Hit], other: Sequence[Hit], within: float = 1e-4) -> bool:
    """True if the nodes and scores are the same; nodes with equal scores may change places by rounding."""
    if sorted(hit.node.id for hit in one) != sorted(hit.node.id for hit in other):
        return False
    nodes = {hit.node.id: hit for hit in other}
    return all(
        hit.node == nodes[hit.node.id].node and abs(hit.score - nodes[hit.node.id].score) < within for hit in one
    )


@contextmanager
def reading(*readers: Callable[[random.Random], None]) -> Iterator[None]:
    """Let readers read as fast as they can while the block lasts, each in its own thread; raise what they raised."""
    raised: list[BaseException] = []
    over = threading.Event()

    def run(number: int, reader: Callable[[random.Random], None]) -> None:
        chance = random.Random(number)
        try:
            while not over.is_set():
                reader(chance)
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(readers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    if raised:
        raise raised[0]


def syncing(tree: RagTree, history: History, count: int, seed: int) -> None:
    """Syncs in quick succession."""
    chance = random.Random(seed)
    for _ in range(count):
        state = history.states[-1]
        be(tree, state, next_state(state, chance, NAMES))


@pytest.fixture
def history(tree: RagTree, monkeypatch: pytest.MonkeyPatch) -> History:
    """Record the first state, and from then on the state after every commit."""
    be(tree, {}, dict.fromkeys(NAMES[:10], 1))
    known = History()
    known.note(tree)
    prepare, follow = tree._reader.prepare, tree._mirrors.follow

    def begin(change: TreeChange) -> None:
        known.begin()
        prepare(change)

    def end(progress: OnProgress = no_progress) -> None:
        follow(progress)
        known.note(tree)

    monkeypatch.setattr(tree._reader, "prepare", begin)
    monkeypatch.setattr(tree._mirrors, "follow", end)
    return known


@pytest.mark.parametrize("slow", [False, True])
def test_every_search_while_syncs_run_is_that_of_a_commit(
    tree: RagTree, history: History, slow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Look] = []
    if slow:  # Chroma lags behind the catalog for a while
        for name in ("upsert", "delete"):
            monkeypatch.setattr(ChromaStore, name, slowed(getattr(ChromaStore, name)))

    def search(chance: random.Random) -> None:
        kind = chance.choice(MODES), chance.choice(QUERIES)
        first = history.done
        looks.append(Look(kind, tree.search(kind[1], k=8, mode=kind[0]), first, 0))
        looks[-1] = replace(looks[-1], last=history.begun)

    with reading(search):
        syncing(tree, history, SYNCS, seed=7)
    assert len(looks) > 30
    assert sum(look.first < look.last for look in looks) > 5
    assert len(history.found) == history.begun + 1 > 2 * SYNCS
    for look in looks:
        around = history.found[look.first : look.last + 1]
        assert any(same(look.got, found[look.kind]) for found in around), look


def slowed(write: Callable[..., None]) -> Callable[..., None]:
    def later(*arguments: object) -> None:
        time.sleep(0.03)
        write(*arguments)
        time.sleep(0.03)

    return later


def test_in_a_snapshot_documents_are_whole_and_summaries_have_their_leaves(tree: RagTree, history: History) -> None:
    looks: list[tuple[int, list[Node], set[str], int]] = []

    def look(chance: random.Random) -> None:
        first = history.done
        with tree.snapshot():
            found = [hit.node for hit in tree.search(chance.choice(QUERIES), mode=chance.choice(MODES))]
            summaries = [node for node in tree.nodes() if node.level]
            evidence = {item.leaf for node in [*found, *summaries] for claim in node.claims for item in claim.evidence}
            leaves = tree.nodes(ids=sorted(evidence))
            texts = {document.id: document.text for document in tree.documents()}
        assert {leaf.id for leaf in leaves} == evidence
        seen = [node for node in [*found, *leaves] if not node.level]
        assert all(leaf.span.of(texts[leaf.document_id]) == leaf.text for leaf in seen)
        looks.append((first, seen, set(texts), history.begun))

    with reading(look, look):
        syncing(tree, history, SYNCS, seed=8)
    assert len(looks) > 20
    for first, seen, names, last in looks:
        around = history.states[first : last + 1]
        assert any(state.keys() == names and not faults(state, seen) for state in around)


def test_an_answer_cites_one_state(tree: RagTree, history: History) -> None:
    answers: list[tuple[int, Answer, int]] = []

    def ask(chance: random.Random) -> None:
        first = history.done
        answer = tree.ask(f"What did the keeper of {chance.choice(NAMES)} write down?")
        answers.append((first, answer, history.begun))

    with reading(ask):
        syncing(tree, history, SYNCS, seed=9)
    assert sum(bool(answer.citations) for _, answer, _ in answers) > 5
    for first, answer, last in answers:
        leaves = [hit.node for hit in answer.hits if not hit.node.level]
        assert any(not faults(state, leaves) and cites(state, answer) for state in history.states[first : last + 1])


def cites(state: State, answer: Answer) -> bool:
    quoted = ((one.document_id, one.span, one.quote) for one in answer.citations)
    return all(key in state and span.of(text_of(key, state[key])) == quote for key, span, quote in quoted)


def test_what_is_removed_is_found_no_more_by_who_asks_afterwards(tree: RagTree, history: History) -> None:
    with tree.snapshot():
        other = threading.Thread(target=tree.remove, args=([NAMES[0]],))
        other.start()
        other.join(60)
        assert tree.document(NAMES[0]) is not None  # this block began before
        for (mode, query), found in history.found[0].items():
            assert same(tree.search(query, k=8, mode=mode), found), mode
        before = tree.search(NAMES[0], k=40)
    after = tree.search(NAMES[0], k=40)
    assert {hit.node.document_id for hit in before} > {hit.node.document_id for hit in after}
    assert NAMES[0] not in {hit.node.document_id for hit in after}


def test_as_many_are_found_while_chroma_holds_what_is_gone_or_lacks_what_is_new(
    tree: RagTree, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = history.found[0]
    state = history.states[0]

    def interrupted(store: ChromaStore, nodes: Sequence[Node], vectors: Vectors) -> None:
        upsert(store, nodes[: len(nodes) // 2], vectors[: len(nodes) // 2])
        raise KeyboardInterrupt

    upsert = ChromaStore.upsert
    with monkeypatch.context() as patch:
        patch.setattr(ChromaStore, "upsert", interrupted)
        with pytest.raises(KeyboardInterrupt):
            be(tree, state, dict.fromkeys(state, 2))
    found = {key: tree.search(key[1], k=8, mode=key[0]) for key in wanted}
    assert all(len(found[key]) == len(wanted[key]) for key in wanted)
    now = {one.id: version_of(one) for one in tree.documents()}
    assert now.keys() == state.keys() and 2 in now.values()  # what was committed until then
    assert not faults(now, [h.node for hits in found.values() for h in hits if not h.node.level])
    tree._mirrors.follow()  # the next sync writes what is due, whatever else it does
    assert all(same(tree.search(key[1], k=8, mode=key[0]), found[key]) for key in found)
    tree.add([])
    assert tree.verify() == []


def test_a_chroma_that_is_written_anew_is_not_relied_on(tree: RagTree, history: History) -> None:
    leaves = [node.id for node in tree.nodes(0)]
    assert len(leaves) > 80
    tree._catalog.mark_all_unstored()
    tree._store.delete(leaves[::2])
    assert all(same(tree.search(key[1], k=8, mode=key[0]), found) for key, found in history.found[0].items())


def test_a_change_that_came_to_no_end_is_taken_back(
    tree: RagTree, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lexical index has the change, the catalog has not."""
    state, wanted = history.states[0], history.found[0]

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Catalog, "change", interrupted)
        with pytest.raises(KeyboardInterrupt):
            be(tree, state, dict.fromkeys(list(state)[1:], 2) | {"new": 1})
    assert all(same(tree.search(key[1], k=8, mode=key[0]), wanted[key]) for key in wanted)
    tree.close()
    with RagTree.open(tmp_path / "index", SETTINGS, embedder=HashingEmbedder()) as again:
        for mode, query in wanted:
            found = again.search(query, k=8, mode=mode)
            if mode == "hybrid":  # the lexical index counts what it dropped among its documents until it is merged
                assert same(found, wanted[mode, query], within=2e-3), query
            elif mode != "lexical":
                assert [hit.node.id for hit in found] == [hit.node.id for hit in wanted[mode, query]], query
        assert again.verify() == []
