"""A grid over a small dataset: real trees, real embedder, and what is shared, kept and resumed."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from small import small

from ragtree import Progress, Settings
from ragtree.errors import DatasetError
from ragtree.evaluate import run as run_module
from ragtree.evaluate.evaluation import evaluate
from ragtree.evaluate.grid import cells_of
from ragtree.evaluate.report import read_report
from ragtree.evaluate.run import Spec, run_grid
from ragtree.settings import ChunkSettings, TreeSettings

SETTINGS = Settings(chunk=ChunkSettings(tokens=16), tree=TreeSettings(group_tokens=240))
MODES = {"retrieve.mode": ("leaves", "collapsed")}


def spec(**more: object) -> Spec:
    fields: dict[str, object] = {"budgets": (16, 60), "scope": "document"}
    return Spec(small(), cells_of(SETTINGS, MODES), **{**fields, **more})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory):
    root = tmp_path_factory.mktemp("run")
    return run_grid(spec(), root / "run", root / "trees"), root


def test_every_question_is_asked_in_every_cell(kept) -> None:
    found, _ = kept
    assert len(found.records) == 2 * 5
    record = found.records["retrieve.mode=leaves", "q2"]
    assert set(record.values) == {
        f"{measure}@{budget}"
        for measure in ("evidence recall", "span recall", "span precision", "span IoU")
        for budget in (16, 60)
    }
    assert record.values["evidence recall@60"] == 1.0
    assert 0 < record.values["span precision@60"] < 1
    assert record.context_tokens > 0


def test_one_tree_a_document_is_built_once_for_both_modes(kept) -> None:
    found, _ = kept
    assert len(found.trees) == 4
    assert [tree.embedded for tree in found.trees.values()] == [tree.nodes for tree in found.trees.values()]


def test_a_finished_run_asks_nothing_again(kept) -> None:
    found, root = kept
    with mock.patch.object(run_module.RagTree, "open", side_effect=AssertionError("a tree was opened")):
        assert run_grid(spec(), root / "run", root / "trees") == found


def test_an_interrupted_run_goes_on_where_it_was(kept, tmp_path: Path) -> None:
    whole, _ = kept
    calls: list[Progress] = []

    def interrupt(step: Progress) -> None:
        calls.append(step)
        if step.stage == "evaluate" and step.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_grid(spec(), tmp_path / "run", tmp_path / "trees", interrupt)
    lines = (tmp_path / "run" / "records.jsonl").read_text(encoding="utf-8").count('{"record"')
    assert lines == 5
    asked: list[str] = []
    search = run_module.Searcher.search

    def counted(self, question, mode):
        asked.append(question.id)
        return search(self, question, mode)

    with mock.patch.object(run_module.Searcher, "search", counted):
        again = run_grid(spec(), tmp_path / "run", tmp_path / "trees")
    assert len(asked) == 5
    assert {key: record.values for key, record in again.records.items()} == {
        key: record.values for key, record in whole.records.items()
    }


def test_progress_ends_at_all_of_it(tmp_path: Path) -> None:
    steps: list[Progress] = []
    run_grid(spec(limit=2), tmp_path / "run", tmp_path / "trees", steps.append)
    last = steps[-1]
    assert (last.stage, last.done, last.total) == ("evaluate", 4, 4)


def test_a_folder_with_another_run_is_refused(kept) -> None:
    _, root = kept
    with pytest.raises(DatasetError, match="another --out"):
        run_grid(spec(seed=1), root / "run", root / "trees")


def test_one_tree_over_all_is_asked_all_questions(tmp_path: Path) -> None:
    found = run_grid(spec(scope="corpus"), tmp_path / "run", tmp_path / "trees")
    assert len(found.trees) == 1
    assert found.records["retrieve.mode=leaves", "q3"].values["evidence recall@60"] == 1.0


def test_questions_that_name_no_document_need_one_tree_over_all(tmp_path: Path) -> None:
    wrong = Spec(small(relevant=True), cells_of(SETTINGS, {}), (60,), "document")
    with pytest.raises(DatasetError, match="--scope corpus"):
        run_grid(wrong, tmp_path / "run", tmp_path / "trees")


def test_a_limit_draws_whole_documents_by_the_seed() -> None:
    drawn = {seed: [question.id for question in spec(limit=2, seed=seed).questions()] for seed in range(20)}
    assert all(len(ids) == 2 for ids in drawn.values())
    assert len({tuple(ids) for ids in drawn.values()}) > 3
    assert any(ids == ["q1", "q5"] for ids in drawn.values())
    assert spec(limit=2, seed=3).questions() == spec(limit=2, seed=3).questions()


def test_a_second_grid_finds_the_trees_of_the_first(tmp_path: Path) -> None:
    for settings, new in ((SETTINGS, True), (SETTINGS, False)):
        report = evaluate(
            small(), settings, MODES if new else {"retrieve.mode": ("traverse",)}, budgets=(60,), out=tmp_path
        )
        assert (report.cells[0].cost.embedded > 0) == new  # type: ignore[union-attr]


def test_a_report_has_what_it_takes_to_run_it_again(tmp_path: Path) -> None:
    report = evaluate(small(relevant=True), SETTINGS, MODES, budgets=(60,), out=tmp_path)
    folder = Path(report.folder)
    assert read_report(folder / "report.json") == report
    text = (folder / "report.md").read_text(encoding="utf-8")
    for wanted in (
        "nDCG@10",
        "MRR",
        report.dataset.sha256,
        "SHA-256",
        "seed 0",
        "torch",
        "chunk.tokens=16",
        "made for",
    ):
        assert wanted in text, wanted
    assert (folder / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert list(report.models) == ["embedder bundled"]
    assert len(report.models["embedder bundled"]) == 64
    assert report.cell("retrieve.mode=leaves").estimates["nDCG@10"].mean == 1.0
    assert {contrast.measure for contrast in report.contrasts} == {"nDCG@10"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"baseline": "leaves"}, "is no cell"),
        ({"judge": "bundled"}, "a judge compares answers"),
        ({"reader": "short"}, "needs a language model"),
    ],
)
def test_what_cannot_end_well_is_refused_before_any_work(tmp_path: Path, more: dict[str, str], said: str) -> None:
    settings = SETTINGS.model_copy(update={"llm": SETTINGS.llm.model_copy(update={"model": "none"})})
    with pytest.raises(DatasetError, match=said):
        evaluate(small(), settings, out=tmp_path, **more)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_broken_report_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"format": 1}', encoding="utf-8")
    with pytest.raises(DatasetError, match=r"a\.json is no report of ragtree eval: dataset"):
        read_report(tmp_path / "a.json")
    with pytest.raises(DatasetError, match=r"none\.json"):
        read_report(tmp_path / "none.json")
