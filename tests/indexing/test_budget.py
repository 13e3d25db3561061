"""A sync within a budget: a sound index every time, nothing done twice, and in the end the tree of no budget at all."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from small_index import NotingEmbedder, first_sentences, opened, settings, text_of, write_folder

from ragtree import Budget, Message, RagTree, SyncReport
from ragtree.indexing.folder_changes import read_files
from ragtree.indexing.spending import Spending
from ragtree.llm.scripted import ScriptedChat

NAMES = [f"{number:03}.md" for number in range(8)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "docs", range(8))


def shape_of(tree: RagTree) -> set[tuple[str, str, str]]:
    return {(node.id, node.text, node.made) for node in tree.nodes()}


def documents_of(tree: RagTree) -> set[tuple[str, str, str]]:
    """The trees of the documents; the themes above follow them, and remember what was there before."""
    return {(node.id, node.text, node.made) for node in tree.nodes() if node.document_id}


# --- tokens


def test_without_tokens_summaries_are_extractive_and_the_next_sync_asks_for_them(folder: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "whole", settings("abstractive")) as tree:
        whole = tree.sync(folder)
        assert whole.unwritten == 0 and whole.calls >= whole.summarized > 8
        wanted = documents_of(tree)
        spent = whole.prompt_tokens + whole.answer_tokens
    model = ScriptedChat(first_sentences)
    with opened(tmp_path / "index", settings("abstractive"), llm=model) as tree:
        none = tree.sync(folder, budget=Budget(tokens=0))
        assert (none.calls, none.summarized, len(model.calls)) == (0, 0, 0)
        assert none.over_budget and none.waiting == ()
        assert none.unwritten == tree.stats().unwritten > 8
        stand_ins = [node for node in tree.nodes() if node.level and node.made != "verbatim"]
        assert {(node.made, node.stale) for node in stand_ins} == {("extractive", 1.0)}
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
        assert documents_of(tree) == wanted
        assert all(node.stale < 1 for node in tree.nodes())
        calls = len(model.calls)
        assert tree.sync(folder).calls == 0 and len(model.calls) == calls
        assert tree.plan(folder).is_empty


@examples(max_examples=5, deadline=None)
@given(tokens=st.lists(st.integers(0, 1500), min_size=1, max_size=4), seed=st.integers(0, 3))
def test_any_row_of_budgets_leaves_a_sound_tree(tokens: list[int], seed: int) -> None:
    with TemporaryDirectory() as place:
        folder = write_folder(Path(place) / "docs", range(seed, seed + 3))
        with opened(Path(place) / "index", settings("abstractive")) as tree:
            for limit in tokens:
                report = tree.sync(folder, budget=Budget(tokens=limit))
                assert report.prompt_tokens + report.answer_tokens <= limit
                stand_ins = sum(node.made == "extractive" for node in tree.nodes() if node.level)
                assert stand_ins >= (report.unwritten > 0)
                assert tree.verify() == []
            assert tree.sync(folder).unwritten == 0


def test_contexts_that_the_budget_did_not_allow_are_asked_for_later(folder: Path, tmp_path: Path) -> None:
    model = ScriptedChat(["The harbour 1 of the stove weighs 1 pounds."])
    with opened(tmp_path / "index", settings(chunk={"context": "llm"}), llm=model) as tree:
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
        assert tree.verify() == [] and tree.plan(folder).is_empty


def test_groups_by_a_goal_wait_for_a_budget_that_allows_them(folder: Path, tmp_path: Path) -> None:
    def answer(messages: Sequence[Message]) -> str:
        return "harbour, stove" if "harbour" in messages[-1].content else "1"

    wanted = settings(tree={"cluster": "llm", "goal": "by place"})
    model = ScriptedChat(answer)
    with opened(tmp_path / "index", wanted, llm=model) as tree:
        report = tree.sync(folder, budget=Budget(tokens=0))
        assert (report.calls, model.calls, tree.verify()) == (0, [], [])
        whole = tree.sync(folder)
        assert whole.calls == len(model.calls) > 0
        assert whole.prompt_tokens > 0
        assert tree.sync(folder).calls == 0
        expected = shape_of(tree)
    with opened(tmp_path / "fresh", wanted, llm=ScriptedChat(answer)) as tree:
        tree.sync(folder)
        assert shape_of(tree) == expected


# --- minutes


class Hasty:
    """Time that passes only while texts are embedded: a budget of a minute is over after `texts` of them."""

    def __init__(self, embedder: NotingEmbedder, texts: int) -> None:
        self._embedder = embedder
        self._texts = texts
        self._before = len(embedder.texts)

    def __call__(self) -> float:
        return 61.0 * ((len(self._embedder.texts) - self._before) // self._texts)


def hasty_sync(tree: RagTree, folder: Path, embedder: NotingEmbedder, texts: int = 1) -> SyncReport:
    """Documents are committed two by two, and time is up after the first commit."""
    clock = Hasty(embedder, texts)
    with (
        mock.patch("ragtree.indexing.sync._FIRST_BATCH", 10),
        mock.patch("ragtree.tree.Spending", lambda budget: Spending(budget, clock)),
    ):
        return tree.sync(folder, budget=Budget(minutes=1))


def versions(tree: RagTree) -> dict[str, str]:
    return {document.id: document.text for document in tree.documents()}


def test_documents_wait_where_time_runs_out_and_nothing_is_read_or_embedded_twice(folder: Path, tmp_path: Path) -> None:
    once = NotingEmbedder()
    with opened(tmp_path / "whole", settings(), once) as tree:
        tree.sync(folder)
        wanted = tree.nodes(0)
        chunks = {node.text for node in wanted}
    embedder = NotingEmbedder()
    waiting: list[int] = []
    with opened(tmp_path / "index", settings(), embedder) as tree:
        while not waiting or waiting[-1]:
            with mock.patch("ragtree.indexing.folder_changes.read_files", wraps=read_files) as read:
                report = hasty_sync(tree, folder, embedder)
            due = [entry.id for entry in read.call_args.args[0]]
            assert len(due) == (waiting[-1] if waiting else 8)  # what is in the index is not opened again
            waiting.append(len(report.waiting))
            assert len(waiting) < 20
            assert set(report.waiting) < set(due)
            assert tree.stats().waiting == len(report.waiting)
            assert tree.verify() == []
            indexed = set(versions(tree))
            assert indexed.isdisjoint(report.waiting) and len(indexed) + len(report.waiting) == 8
            assert set(tree.plan(folder, measure=False).added) == set(report.waiting)
        assert len(waiting) > 3 and sorted(waiting, reverse=True) == waiting
        assert tree.nodes(0) == wanted
        assert tree.plan(folder).is_empty
    counts, whole = Counter(embedder.texts), Counter(once.texts)
    assert max(counts[text] - whole[text] for text in chunks) <= len(waiting)  # as sentences of themes, at most


def test_a_changed_document_keeps_its_old_version_while_it_waits(folder: Path, tmp_path: Path) -> None:
    embedder = NotingEmbedder()
    with opened(tmp_path / "index", settings(), embedder) as tree:
        tree.sync(folder)
        for name, number in (("000.md", 20), ("006.md", 21)):
            (folder / name).write_text(text_of(number), encoding="utf-8")
        (folder / "007.md").rename(folder / "009.md")
        (folder / "001.md").unlink()
        report = hasty_sync(tree, folder, embedder)
        assert report.removed == ("001.md",) and report.renamed == (("007.md", "009.md"),)
        (waiting,) = report.waiting
        assert sorted([*report.changed, waiting]) == ["000.md", "006.md"]
        old, new = {"000.md": (0, 20), "006.md": (6, 21)}[waiting]
        assert versions(tree)[waiting] == text_of(old)
        assert versions(tree)[report.changed[0]] == (folder / report.changed[0]).read_text(encoding="utf-8")
        assert tree.verify() == []
        assert tree.sync(folder).changed == (waiting,)
        assert tree.stats().waiting == 0
        assert versions(tree)[waiting] == text_of(new)
        assert tree.verify() == []


def test_with_other_settings_documents_follow_one_after_the_other(folder: Path, tmp_path: Path) -> None:
    embedder = NotingEmbedder()
    with opened(tmp_path / "index", settings(), embedder) as tree:
        tree.sync(folder)
    other = settings(chunk={"tokens": 32})
    with opened(tmp_path / "fresh", other) as tree:
        tree.sync(folder)
        wanted = {document: texts_of(tree, document) for document in NAMES}
    with opened(tmp_path / "index", other, embedder) as tree:
        before = {document: texts_of(tree, document) for document in NAMES}
        (folder / "new.md").write_text(text_of(30), encoding="utf-8")
        left: list[set[str]] = []
        while not left or left[-1]:
            report = hasty_sync(tree, folder, embedder)
            assert tree.verify() == []
            left.append(set(report.waiting))
            assert "new.md" in versions(tree)  # a new document does not wait for the others
            for document in NAMES:  # each has its old chunks or its new ones
                assert texts_of(tree, document) == (before if document in left[-1] else wanted)[document]
            assert tree.plan(folder, measure=False).settings_changed == bool(report.waiting)
            assert len(left) < 12
        assert len(left) > 3 and all(now <= then for then, now in pairwise(left))
        assert tree.plan(folder).is_empty


def test_a_document_that_waits_for_its_file_and_for_other_settings_counts_once(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for name in ("one.md", "two.md"):
            archive.writestr(name, text_of(40 + len(name)) + name)
    embedder = NotingEmbedder()
    with opened(tmp_path / "index", settings(), embedder) as tree:
        tree.sync(folder)
        everything = {*NAMES, "all.zip/one.md", "all.zip/two.md"}
        assert set(versions(tree)) == everything
    with opened(tmp_path / "index", settings(chunk={"tokens": 32}), embedder) as tree:
        for number, name in enumerate(NAMES[:4]):
            (folder / name).write_text(text_of(20 + number), encoding="utf-8")
        with zipfile.ZipFile(folder / "all.zip", "a") as archive:
            archive.writestr("three.md", text_of(50))
        (folder / "new.zip").write_bytes((folder / "all.zip").read_bytes() + bytes(9999))
        report = hasty_sync(tree, folder, embedder)
        assert len(set(report.waiting)) == len(report.waiting)
        assert set(report.waiting) == {*everything, "new.zip"} - set(report.changed)
        assert tree.stats().waiting == len(report.waiting)


def texts_of(tree: RagTree, document: str) -> list[str]:
    return [node.text for node in tree.nodes(0) if node.document_id == document]


@pytest.mark.parametrize("after", ["a new folder", "other settings"])
def test_a_sync_gets_on_however_little_time_there_is(folder: Path, tmp_path: Path, after: str) -> None:
    other = settings(chunk={"tokens": 32})
    if after == "other settings":
        with opened(tmp_path / "index", settings()) as tree:
            tree.sync(folder)
    with opened(tmp_path / "index", other) as tree:
        for _ in range(10):
            if not tree.sync(folder, budget=Budget(minutes=1e-9)).waiting:
                break
        assert tree.stats().waiting == 0 and tree.stats().documents == 8
        assert tree.verify() == [] and tree.plan(folder).is_empty


def test_a_question_does_not_start_what_the_budget_put_off(folder: Path, tmp_path: Path) -> None:
    model = ScriptedChat(first_sentences)
    with opened(tmp_path / "index", settings("abstractive"), llm=model) as tree:
        tree.sync(folder, budget=Budget(tokens=0))
        tree.sync(folder, settings_too=False)  # what chat, ask and search do first
        assert model.calls == []
