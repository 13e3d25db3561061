"""A sync within a budget: a whole tree every time, nothing done twice, and in the end the tree of no budget at all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_caches import CountingEmbedder

from ragtree import Budget, Message, RagTree, Settings, SyncReport
from ragtree.indexing.reading import read_files
from ragtree.indexing.spending import Spending
from ragtree.llm.scripted import ScriptedChat
from ragtree.upkeep.verify import find_faults

WORDS = "harbour rope lantern keeper ferry stove kitten ledger tide quarry winter captain".split()


def text_of(number: int) -> str:
    return " ".join(
        f"The {WORDS[(number + at) % 12]} {number} of the {WORDS[(number * at + 5) % 12]} weighs {at} pounds."
        for at in range(1, 9)
    )


def folder_of(numbers: Iterable[int], place: Path) -> Path:
    """A new folder, a file for each number."""
    place.mkdir()
    for at, number in enumerate(numbers):
        (place / f"{at}.md").write_text(text_of(number), encoding="utf-8")
    return place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folder_of(range(8), tmp_path / "docs")


def made(kind: str = "abstractive") -> Settings:
    return Settings.model_validate(
        {
            "chunk": {"tokens": 24},
            "summarize": {"kind": kind, "tokens": 24, "support": 0.2},
            "tree": {"group_tokens": 64, "second_parent": 1},
        }
    )


def first_passage(messages: Sequence[Message]) -> str:
    """A summary that the check lets through: the first sentence of the first passage."""
    passage = messages[-1].content.split(">", 1)[1]
    return passage.split(".")[0].strip() + "."


def shape_of(tree: RagTree) -> set[tuple[str, str, str]]:
    return {(node.id, node.text, node.kind) for node in tree.nodes()}


def test_without_tokens_summaries_are_extractive_and_the_next_sync_asks_for_them(folder: Path, tmp_path: Path) -> None:
    with RagTree.open(tmp_path / "whole", made(), embedder=CountingEmbedder(), llm=ScriptedChat(first_passage)) as tree:
        whole = tree.sync(folder)
        assert whole.unwritten == 0 and whole.calls >= whole.summarized > 8
        wanted = shape_of(tree)
        spent = whole.prompt_tokens + whole.answer_tokens
    model = ScriptedChat(first_passage)
    with RagTree.open(tmp_path / "index", made(), embedder=CountingEmbedder(), llm=model) as tree:
        none = tree.sync(folder, budget=Budget(tokens=0))
        assert (none.calls, none.summarized, len(model.calls)) == (0, 0, 0)
        assert none.unwritten == tree.stats().unwritten > 8
        assert {node.kind for node in tree.nodes() if node.level} == {"extractive"}
        assert tree.verify() == []
        plan = tree.plan(folder)
        assert plan.unfinished and not plan.settings_changed and not plan.is_empty
        syncs = 1
        while tree.stats().unwritten:
            report = tree.sync(folder, budget=Budget(tokens=spent // 4))
            assert report.prompt_tokens + report.answer_tokens <= spent // 4
            assert report.summarized > 0  # every sync gets on
            assert tree.verify() == []
            syncs += 1
        assert 4 <= syncs < 12
        assert shape_of(tree) == wanted
        calls = len(model.calls)
        assert tree.sync(folder).calls == 0 and len(model.calls) == calls
        assert tree.plan(folder).is_empty


def test_a_question_does_not_start_what_the_budget_put_off(folder: Path, tmp_path: Path) -> None:
    model = ScriptedChat(first_passage)
    with RagTree.open(tmp_path / "index", made(), embedder=CountingEmbedder(), llm=model) as tree:
        tree.sync(folder, budget=Budget(tokens=0))
        tree.sync(folder, settings_too=False)  # what chat, ask and search do first
        assert model.calls == []


class Hasty:
    """Time that passes only while chunks are embedded: a budget of a minute is over after `texts` of them."""

    def __init__(self, embedder: CountingEmbedder, texts: int) -> None:
        self._embedder = embedder
        self._texts = texts
        self._before = len(embedder.texts)

    def __call__(self) -> float:
        return 61.0 * ((len(self._embedder.texts) - self._before) // self._texts)


def hasty_sync(tree: RagTree, folder: Path, embedder: CountingEmbedder, texts: int = 1, part: int = 5) -> SyncReport:
    clock = Hasty(embedder, texts)
    with (
        mock.patch("ragtree.indexing.waiting._PART", part),
        mock.patch("ragtree.tree.Spending", lambda budget: Spending(budget, clock)),
    ):
        return tree.sync(folder, budget=Budget(minutes=1))


def test_documents_wait_where_time_runs_out_and_nothing_is_read_or_embedded_twice(folder: Path, tmp_path: Path) -> None:
    once = CountingEmbedder()
    with RagTree.open(tmp_path / "whole", made("extractive"), embedder=once) as tree:
        tree.sync(folder)
        wanted = tree.nodes(0)
        chunks = {node.text for node in wanted}
    embedder = CountingEmbedder()
    waiting: list[int] = []
    with RagTree.open(tmp_path / "index", made("extractive"), embedder=embedder) as tree:
        while not waiting or waiting[-1]:
            with mock.patch("ragtree.indexing.reading.read_files", wraps=read_files) as read:
                report = hasty_sync(tree, folder, embedder)
            known = read.call_args.args[2] if read.called else None
            if waiting and known is not None:  # a file is opened to see that it is the same, and not parsed again
                assert all(
                    known(entry, hashlib.sha256((folder / entry.id).read_bytes()).hexdigest())
                    for entry in read.call_args.args[0]
                    if entry.id in report.waiting
                )
            waiting.append(len(report.waiting))
            assert len(waiting) < 20
            assert tree.stats().waiting == len(report.waiting)
            assert tree.verify() == []
            indexed = {document.id for document in tree.documents()}
            assert indexed.isdisjoint(report.waiting) and len(indexed) + len(report.waiting) == 8
            assert set(tree.plan(folder, measure=False).added) == set(report.waiting)
        assert len(waiting) > 3 and sorted(waiting, reverse=True) == waiting
        assert tree.nodes(0) == wanted  # the tree over them has followed, document by document
        assert tree.plan(folder).is_empty
    counts = Counter(text for text in embedder.texts if text in chunks)
    assert max(counts[text] - once.texts.count(text) for text in chunks) <= len(waiting)  # as sentences, at most


def test_a_changed_document_keeps_its_old_version_while_it_waits(folder: Path, tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    with RagTree.open(tmp_path / "index", made("extractive"), embedder=embedder) as tree:
        tree.sync(folder)
        (folder / "0.md").write_text(text_of(20), encoding="utf-8")
        (folder / "6.md").write_text(text_of(21), encoding="utf-8")
        (folder / "7.md").rename(folder / "9.md")
        (folder / "1.md").unlink()
        report = hasty_sync(tree, folder, embedder)
        assert report.waiting == ("6.md",) and report.changed == ("0.md",)
        assert report.removed == ("1.md",) and report.renamed == (("7.md", "9.md"),)
        texts = {document.id: document.text for document in tree.documents()}
        assert (texts["0.md"], texts["6.md"]) == (text_of(20), text_of(6))
        assert tree.verify() == []
        assert tree.sync(folder).changed == ("6.md",)
        assert tree.stats().waiting == 0
        assert {document.id: document.text for document in tree.documents()}["6.md"] == text_of(21)
        assert tree.verify() == []


def test_other_chunks_wait_until_all_of_them_are_ready(folder: Path, tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    with RagTree.open(tmp_path / "index", made("extractive"), embedder=embedder) as tree:
        tree.sync(folder)
        before = shape_of(tree)
    other = made("extractive")
    other = other.model_copy(update={"chunk": other.chunk.model_copy(update={"tokens": 16})})
    with RagTree.open(tmp_path / "index", other, embedder=embedder) as tree:
        (folder / "new.md").write_text(text_of(30), encoding="utf-8")
        put_off = 0
        while True:
            report = hasty_sync(tree, folder, embedder, part=20)
            assert tree.verify() == []
            if "7.md" not in report.waiting:  # the last of those that are in the index
                break
            assert shape_of(tree) == before and report.added == ()
            put_off += 1
            assert put_off < 10
        assert put_off > 1
        assert shape_of(tree) != before
        if report.waiting:
            assert report.waiting == ("new.md",) and tree.sync(folder).added == ("new.md",)
        assert {document.id for document in tree.documents()} >= {"0.md", "new.md"}


def test_a_sync_gets_on_however_little_time_there_is(folder: Path, tmp_path: Path) -> None:
    with RagTree.open(tmp_path / "index", made("extractive"), embedder=CountingEmbedder()) as tree:
        with mock.patch("ragtree.indexing.waiting._PART", 10):
            for _ in range(10):
                if not tree.sync(folder, budget=Budget(minutes=1e-9)).waiting:
                    break
        assert tree.stats().waiting == 0 and tree.stats().documents == 8
        assert tree.verify() == []


@settings(max_examples=5, deadline=None)
@given(tokens=st.lists(st.integers(0, 1500), min_size=1, max_size=4), seed=st.integers(0, 3))
def test_any_row_of_budgets_leaves_a_sound_tree(tokens: list[int], seed: int) -> None:
    with TemporaryDirectory() as place:
        folder = folder_of(range(seed, seed + 3), Path(place) / "docs")
        model = ScriptedChat(first_passage)
        with RagTree.open(Path(place) / "index", made(), embedder=CountingEmbedder(), llm=model) as tree:
            for limit in tokens:
                report = tree.sync(folder, budget=Budget(tokens=limit))
                assert report.prompt_tokens + report.answer_tokens <= limit
                written = sum(node.kind == "extractive" for node in tree.nodes() if node.level)
                assert written >= (report.unwritten > 0)
                assert find_faults(tree.nodes(), {document.id: document for document in tree.documents()}, 64) == []
            assert tree.sync(folder).unwritten == 0


def test_contexts_that_the_budget_did_not_allow_are_asked_for_later(folder: Path, tmp_path: Path) -> None:
    wanted = made("extractive")
    wanted = wanted.model_copy(update={"chunk": wanted.chunk.model_copy(update={"context": "llm"})})
    model = ScriptedChat(["The harbour 1 of the stove weighs 1 pounds."])
    with RagTree.open(tmp_path / "index", wanted, embedder=CountingEmbedder(), llm=model) as tree:
        plan = tree.plan(folder)
        asked = len(model.calls)
        report = tree.sync(folder, budget=Budget(tokens=0))
        assert len(model.calls) == asked and report.without_context == len(tree.nodes(0)) == plan.calls
        assert tree.verify() == []
        assert tree.plan(folder).unfinished
        report = tree.sync(folder)
        assert report.without_context == 0
        assert report.calls == plan.calls
        assert report.prompt_tokens == pytest.approx(plan.prompt_tokens, rel=0.25)


def test_groups_by_a_goal_wait_for_a_budget_that_allows_them(folder: Path, tmp_path: Path) -> None:
    def answer(messages: Sequence[Message]) -> str:
        return "harbour, stove" if "harbour" in messages[-1].content else "1"

    wanted = made("extractive")
    by_goal = wanted.tree.model_copy(update={"cluster": "llm", "goal": "by place", "goal_calls": 5})
    wanted = wanted.model_copy(update={"tree": by_goal})
    model = ScriptedChat(answer)
    with RagTree.open(tmp_path / "index", wanted, embedder=CountingEmbedder(), llm=model) as tree:
        report = tree.sync(folder, budget=Budget(tokens=0))
        assert (report.calls, model.calls, tree.verify()) == (0, [], [])
        whole = tree.sync(folder)
        assert whole.calls == len(model.calls) > 0
        assert whole.prompt_tokens > 0
        assert tree.sync(folder).calls == 0
        expected = shape_of(tree)
    with RagTree.open(tmp_path / "fresh", wanted, embedder=CountingEmbedder(), llm=ScriptedChat(answer)) as tree:
        tree.sync(folder)
        assert shape_of(tree) == expected
