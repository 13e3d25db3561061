"""Answers by the real bundled model, scored: short ones, whole ones, and a choice among options."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small import small

from ragtree import Settings
from ragtree.evaluate.base import Dataset, Question
from ragtree.evaluate.evaluation import evaluate
from ragtree.evaluate.short_answers import passages_prompt
from ragtree.llm.scripted import ScriptedChat

SETTINGS = Settings.model_validate(
    {
        "chunk": {"tokens": 16},
        "tree": {"group_tokens": 240},
        "llm": {"context": 1024, "answer_tokens": 24, "threads": 1},
        "retrieve": {"max_tokens": 60, "mode": "leaves"},
    }
)


def with_a_question_that_has_no_answer() -> Dataset:
    data = small()
    none = Question(id="q6", text="What is the capital of Mongolia?", document_id="oven", unanswerable=True)
    return replace(data, questions=(*data.questions[:3], none))


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scoring")


def test_short_answers_have_the_measures_of_the_literature(trees: Path) -> None:
    report = evaluate(with_a_question_that_has_no_answer(), SETTINGS, budgets=(60,), reader="short", out=trees)
    estimates = report.cells[0].estimates
    assert {"exact match", "F1", "ROUGE-L", "BLEU-1", "BLEU-4", "abstention"} <= set(estimates)
    assert any(name.startswith("METEOR") for name in estimates)
    assert estimates["F1"].n == 4
    assert estimates["ROUGE-L"].n == 3  # a question without an answer has no words to compare
    assert estimates["F1"].mean > 0
    cost = report.cells[0].cost
    assert cost is not None
    assert cost.prompt_tokens > 100
    assert cost.reading_seconds > 0
    assert set(report.models) == {"embedder bundled", "language model bundled"}
    assert len(set(report.models.values())) == 2


def test_whole_answers_are_measured_by_their_citations_too(trees: Path) -> None:
    report = evaluate(with_a_question_that_has_no_answer(), SETTINGS, budgets=(60,), reader="full", out=trees)
    estimates = report.cells[0].estimates
    assert estimates["citation recall"].mean > 0
    assert 0 < estimates["citation precision"].mean <= 1
    assert estimates["faithfulness"].mean == 1.0  # what is shown was checked
    abstained = dict(zip((one.id for one in report.asked), report.cells[0].values["abstention"], strict=True))
    assert abstained == {"q1": 1.0, "q2": 1.0, "q3": 1.0, "q6": 1.0}


def test_options_are_chosen_by_their_probability(trees: Path) -> None:
    data = small()
    options = ("forty pounds", "Zanzibar xylophone", "qwx vrt", "the the the of of")
    asked = tuple(
        replace(question, options=options, label=label, kind=kind, proofs=())
        for question, label, kind in ((data.questions[1], 0, "easy"), (data.questions[2], None, "hard"))
    )
    report = evaluate(replace(data, questions=asked), SETTINGS, budgets=(60,), reader="short", out=trees)
    assert report.cells[0].values["accuracy"] == (1.0, None)
    assert report.cells[0].by_kind["easy"]["accuracy"].n == 1
    assert "accuracy" not in report.cells[0].by_kind["hard"]


def test_a_judge_is_asked_about_every_pair_and_its_word_is_kept(trees: Path) -> None:
    grid = {"retrieve.mode": ("leaves", "traverse")}
    report = evaluate(
        with_a_question_that_has_no_answer(), SETTINGS, grid, budgets=(60,), reader="short", judge="bundled", out=trees
    )
    judged = report.cell("retrieve.mode=traverse").values["judged better"]
    assert len(judged) == 4
    assert all(value in (0.0, 0.5, 1.0) for value in judged)
    assert report.cell("retrieve.mode=leaves").values["judged better"] == (0.5,) * 4
    assert "judged better" in {contrast.measure for contrast in report.contrasts}


def test_a_prompt_keeps_the_best_passages_that_the_context_holds() -> None:
    from ragtree import Hit, Node

    hits = [Hit(Node(id=str(n), level=0, text=f"passage{n} " * 40, tokens=40), 1 - n / 10) for n in range(5)]
    model = ScriptedChat([], context=260)
    (_, user) = passages_prompt(model, "short", "What?", hits, 10_000, 32, None)
    assert "passage0" in user.content
    assert "passage4" not in user.content
    assert user.content.index("passage1") < user.content.index("passage0")
