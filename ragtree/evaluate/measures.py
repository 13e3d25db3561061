"""Records -> for every measure of a cell, one value for each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .base import Question
from .metrics.ranking import ranking_scores
from .records import Record

RANKING = {
    "nDCG@10": "nDCG@10",
    "recall@10": "R@10",
    "recall@20": "R@20",
    "recall@100": "R@100",
    "MAP": "AP",
    "MRR": "RR",
    "P@10": "P@10",
}
"""Our name for a ranking measure -> that of ir_measures."""

JUDGED = "judged better"
_HEADLINES = ("nDCG@10", "evidence recall@", "coverage@", "accuracy", "F1", "ROUGE-L", JUDGED)
"""The measures that cells are compared by. The tables show the others, too, with their intervals."""


def values_by_measure(
    questions: Sequence[Question], records: Mapping[str, Record]
) -> dict[str, tuple[float | None, ...]]:
    """Every measure of a cell, with one value for each question in order; None if it does not apply."""
    values: dict[str, tuple[float | None, ...]] = _ranking_values(questions, records)
    names = dict.fromkeys(name for question in questions for name in records[question.id].values)
    for name in names:
        values[name] = tuple(records[question.id].values.get(name) for question in questions)
    return values


def headlines(names: Sequence[str]) -> list[str]:
    """Those of the names that cells are compared by, the most telling first."""
    return [name for headline in _HEADLINES for name in names if name.startswith(headline)]


def _ranking_values(
    questions: Sequence[Question], records: Mapping[str, Record]
) -> dict[str, tuple[float | None, ...]]:
    judged = [question for question in questions if question.relevant]
    if not judged:
        return {}
    relevant = {question.id: question.relevant for question in judged}
    run = {
        question.id: [(key, float(-rank)) for rank, key in enumerate(records[question.id].ranking or ())]
        for question in judged
    }
    scores = ranking_scores(list(RANKING.values()), relevant, run)
    row = {question.id: number for number, question in enumerate(judged)}
    return {
        ours: tuple(float(scores[theirs][row[question.id]]) if question.id in row else None for question in questions)
        for ours, theirs in RANKING.items()
    }
