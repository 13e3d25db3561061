"""A plan is about what the sync then does, and changes nothing."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from ragtree import Budget, Document, Message, ModelError, Plan, RagTree, Settings, SyncReport
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat
from ragtree.planning.estimate import evenly_spaced
from ragtree.planning.speed import model_speed
from ragtree.types import OnProgress, Vectors, no_progress

WORDS = "harbour rope lantern keeper ferry stove kitten ledger tide quarry winter captain".split()


class Counting(HashingEmbedder):
    """Notes every text."""

    def __init__(self) -> None:
        super().__init__(64)
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        self.texts.extend(texts)
        return super().embed(texts, progress)


def text_of(number: int, sentences: int = 0) -> str:
    return " ".join(
        f"The {WORDS[(number + at) % 12]} {number} of the {WORDS[(number * at + 5) % 12]} weighs {at} pounds."
        for at in range(1, 1 + (sentences or 5 + 3 * number % 40))
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Thirty files of many lengths, every third with headings."""
    place = tmp_path / "docs"
    place.mkdir()
    for number in range(30):
        text = text_of(number)
        if number % 3 == 0:
            text = "\n\n".join(f"# Part {at}\n\n{part.strip()}." for at, part in enumerate(text.split(". ")))
        (place / f"{number}.md").write_text(text, encoding="utf-8")
    return place


def made(kind: str = "abstractive", **more: object) -> Settings:
    fields: dict[str, dict[str, object]] = {
        "chunk": {"tokens": 24},
        "summarize": {"kind": kind, "tokens": 16},
        "tree": {"group_tokens": 128},
    }
    for name, value in more.items():
        room, _, key = name.partition("__")
        fields[room][key] = value
    return Settings.model_validate(fields)


def first_passage(messages: Sequence[Message]) -> str:
    """A summary that the check lets through: the first sentence of the first passage."""
    return messages[-1].content.split(">", 1)[1].split(".")[0].strip() + "."


def opened(place: Path, settings: Settings, model: ScriptedChat | None = None) -> RagTree:
    return RagTree.open(place / "index", settings, embedder=Counting(), llm=model)


def state(tree: RagTree) -> list[object]:
    tables = ("documents", "files", "nodes", "vectors", "summaries", "contexts", "answers", "meta")
    return [tree._catalog.rows(f"SELECT * FROM {table}") for table in tables]


def difference(found: Plan | SyncReport) -> dict[str, object]:
    names = ("added", "changed", "renamed", "removed", "unchanged", "skipped", "ignored")
    return {name: getattr(found, name) for name in names}


# --- what is different


def test_the_difference_is_that_of_the_sync(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(folder / "old.zip", "w") as archive:
        archive.writestr("inner.md", text_of(50))
    (folder / "empty.md").write_text("", encoding="utf-8")
    with opened(tmp_path, made("extractive")) as tree:
        tree.add([Document("own.md", "The pilot boat has a blue hull.")])
        plan = tree.plan(folder)
        assert difference(plan) == difference(tree.sync(folder))
        assert tree.plan(folder).is_empty
        (folder / "1.md").write_text(text_of(40), encoding="utf-8")
        (folder / "2.md").rename(folder / "renamed.md")
        (folder / "3.md").unlink()
        (folder / "old.zip").rename(folder / "new.zip")
        os.utime(folder / "4.md", (1, 1))
        (folder / "5.md").write_bytes(b"%PDF-1.4 broken")
        (folder / "own.md").write_text("Another text under the same name.", encoding="utf-8")
        with zipfile.ZipFile(folder / "more.zip", "w") as archive:
            archive.writestr("one.md", text_of(51))
            archive.writestr("two.md", text_of(52))
        (folder / ".hidden").write_text("x", encoding="utf-8")
        before = state(tree)
        plan = tree.plan(folder)
        assert state(tree) == before
        assert plan.changed == ("1.md",) and plan.removed == ("3.md",)
        assert plan.renamed == (("2.md", "renamed.md"), ("old.zip/inner.md", "new.zip/inner.md"))
        assert plan.added == ("more.zip/one.md", "more.zip/two.md")
        assert [one.source for one in plan.skipped] == ["5.md", "empty.md", "own.md"]
        (folder / "own.md").unlink()
        assert difference(tree.plan(folder)) == difference(tree.sync(folder))
        assert tree.plan(folder, measure=False).is_empty


def test_files_that_are_not_in_the_sample_are_told_by_their_bytes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragtree.planning.plan._SAMPLE", 4)
    monkeypatch.setattr("ragtree.planning.plan._SAMPLE_BYTES", 1)
    with opened(tmp_path, made("extractive")) as tree:
        plan = tree.plan(folder)
        assert difference(plan) == difference(tree.sync(folder))
        for path in folder.iterdir():
            path.write_text(path.read_text(encoding="utf-8") + " It is old.", encoding="utf-8")
        plan = tree.plan(folder)
        assert len(plan.changed) == 30 and difference(plan) == difference(tree.sync(folder))


# --- what it costs


@pytest.mark.parametrize("shape", ["documents", "clusters", "raptor"])
def test_the_first_plan_is_near_what_the_sync_does(folder: Path, tmp_path: Path, shape: str) -> None:
    model = ScriptedChat(first_passage)
    with opened(tmp_path, made(tree__shape=shape), model) as tree:
        before = state(tree)
        plan = tree.plan(folder)
        assert state(tree) == before
        asked = len(model.calls)
        assert asked == 1  # to see how fast it is
        done = tree.sync(folder)
        assert plan.files == len(done.added) == 30 and plan.pages == 0
        chunks = tree.stats().levels[0]
        assert plan.levels[0] == plan.chunks == pytest.approx(chunks, rel=0.1)
        assert plan.calls == plan.summaries == pytest.approx(done.calls, rel=0.25)
        assert plan.prompt_tokens == pytest.approx(done.prompt_tokens, rel=0.25)
        assert plan.minutes == pytest.approx(sum(plan.seconds.values()) / 60) and plan.minutes > 0
        assert plan.seconds.keys() == {
            "reading", "chunking", "embedding chunks", "embedding summaries", "grouping", "storing", "language model"
        }  # fmt: skip


def test_without_measuring_no_model_is_loaded(folder: Path, tmp_path: Path) -> None:
    model, embedder = ScriptedChat(first_passage), Counting()
    with RagTree.open(tmp_path / "index", made(), embedder=embedder, llm=model) as tree:
        plan = tree.plan(folder, measure=False)
        assert plan.calls > 0 and plan.prompt_tokens > 0
        assert plan.paid == plan.seconds == {}
        assert embedder.texts == [] and model.calls == []


def test_a_small_change_costs_little(folder: Path, tmp_path: Path) -> None:
    model = ScriptedChat(first_passage)
    with opened(tmp_path, made(), model) as tree:
        whole = tree.sync(folder).calls
        (folder / "3.md").rename(folder / "renamed.md")
        plan = tree.plan(folder, measure=False)
        assert (plan.chunks, plan.renamed) == (0, (("3.md", "renamed.md"),))
        tree.sync(folder)
        path = folder / "13.md"
        path.write_text(path.read_text(encoding="utf-8") + " The pilot boat has a blue hull.", encoding="utf-8")
        plan = tree.plan(folder, measure=False)
        assert 0 < plan.chunks < 4 and 0 < plan.calls < whole / 8
        assert abs(plan.calls - tree.sync(folder).calls) <= 4


def test_documents_that_are_built_again_with_other_settings_count(folder: Path, tmp_path: Path) -> None:
    with opened(tmp_path, made("extractive")) as tree:
        tree.sync(folder)
        chunks = tree.stats().levels[0]
    model = ScriptedChat(first_passage)
    with opened(tmp_path, made(), model) as tree:
        plan = tree.plan(folder)
        assert plan.settings_changed and plan.files == 0 and plan.chunks == 0  # the vectors are there
        assert plan.levels[0] == pytest.approx(chunks, rel=0.1)
        asked = len(model.calls)
        tree.sync(folder)
        assert plan.calls == pytest.approx(len(model.calls) - asked, rel=0.25)
        assert tree.plan(folder).is_empty
    with opened(tmp_path, made(chunk__tokens=48), ScriptedChat(first_passage)) as tree:
        plan = tree.plan(folder)
        tree.sync(folder)
        assert plan.settings_changed and plan.chunks == pytest.approx(tree.stats().levels[0], rel=0.15)


def test_what_the_budget_put_off_counts(folder: Path, tmp_path: Path) -> None:
    model = ScriptedChat(first_passage)
    with opened(tmp_path, made(), model) as tree:
        tree.sync(folder, budget=Budget(tokens=0))
        plan = tree.plan(folder, measure=False)
        assert plan.unfinished and not plan.settings_changed and not plan.is_empty and plan.chunks == 0
        assert plan.calls == pytest.approx(tree.sync(folder).calls, rel=0.25)
        assert tree.plan(folder).is_empty


def test_contexts_titles_and_doubtful_documents_are_counted(folder: Path, tmp_path: Path) -> None:
    def answer(messages: Sequence[Message]) -> str:
        return "harbour, stove" if "harbour" in messages[-1].content else "1"

    for name, settings in {
        "contexts": made("extractive", chunk__context="llm"),
        "titles": made("extractive", tree__labels="llm"),
    }.items():
        with opened(tmp_path / name, settings, ScriptedChat(answer)) as tree:
            plan = tree.plan(folder)
            report = tree.sync(folder)
            assert plan.calls == pytest.approx(report.calls, rel=0.25, abs=2)
            assert plan.prompt_tokens / plan.calls == pytest.approx(report.prompt_tokens / report.calls, rel=0.25)
            assert plan.seconds["language model"] > 0
    goal = made("extractive", tree__cluster="llm", tree__goal="by place")
    with opened(tmp_path / "goal", goal, ScriptedChat(answer)) as tree:
        plan = tree.plan(folder)
        assert 0 < tree.sync(folder).calls <= plan.calls <= 31 * len(plan.levels)


def test_a_tree_of_chunks_alone_needs_no_groups(folder: Path, tmp_path: Path) -> None:
    with opened(tmp_path, made("extractive", tree__cluster="none")) as tree:
        plan = tree.plan(folder)
        tree.sync(folder)
        assert (plan.summaries, plan.calls, len(plan.levels)) == (0, 0, 1)
        assert plan.levels[0] == pytest.approx(tree.stats().levels[0], rel=0.1)
        assert tree.plan(folder).is_empty


@pytest.mark.parametrize("texts", [["The ferry sails at nine."], ["x", "x"], ["word " * 400]])
def test_tiny_folders_have_a_plan(texts: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    with opened(tmp_path, made("extractive")) as tree:
        plan = tree.plan(folder)
        report = tree.sync(folder)
        assert difference(plan) == difference(report) and plan.levels[0] == tree.stats().levels[0]
        assert tree.plan(folder).is_empty
        for path in folder.iterdir():
            path.unlink()
        assert len(tree.plan(folder).removed) == len(texts)


def test_a_model_that_is_down_is_told_by_the_plan(folder: Path, tmp_path: Path) -> None:
    class Down(ScriptedChat):
        def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
            raise ModelError("connection refused")
            yield ""

    with opened(tmp_path, made(), Down([""])) as tree:
        with pytest.raises(ModelError, match="refused"):
            tree.plan(folder)
        assert tree.plan(folder, measure=False).calls > 0


# --- the parts


def test_a_sample_is_spread_over_all() -> None:
    assert evenly_spaced(range(10), 20) == list(range(10))
    assert evenly_spaced(range(100), 4) == [12, 37, 62, 87]


def test_the_speed_of_a_model_is_told_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("ragtree.planning.speed.time.monotonic", lambda: now)

    def write(messages: Sequence[Message]) -> str:
        nonlocal now
        now += 3.0
        return "one two three four"

    reading, writing = model_speed(ScriptedChat(write), [Message("user", "word " * 99)], 20)
    assert reading == pytest.approx(3 / (99 + 16 + 1)) and writing == 0
