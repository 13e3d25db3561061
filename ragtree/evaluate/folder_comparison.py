"""Finds the retrieval mode that suits a folder: its questions in every mode, at the same budget of context."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import DatasetError
from ..retrieve.modes import MODES
from ..tree import RagTree
from ..types import Hit, OnProgress, Progress, no_progress
from .base import Question
from .making.base import KINDS
from .metrics.answer_match import coverage
from .metrics.spans import evidence_recall
from .report import AskedQuestion, CellReport, Contrast, Estimate
from .reporting import bare_cell, contrasts
from .searching import Searcher
from .whole_documents import WHOLE, WholeDocuments

BASE = "auto"
"""The default mode, which the others have to beat."""
FLAT = "leaves"
"""Chunks by similarity alone, which a tree has to beat."""
TREE_MODES = ("collapsed", "traverse")
"""RAPTOR's modes."""
_MOST_WORST = 5
_FOUND = 0.5
"""A question counts as missed if less than this share of its proof is found."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A question whose proof was not found, what would have proved it, and what was found instead."""

    question: Question
    value: float
    wanted: str
    found: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class FolderComparison:
    """The result of `ragtree compare`."""

    measure: str
    budget: int
    cells: tuple[CellReport, ...]
    """One for each mode, and one for whole documents."""
    contrasts: tuple[Contrast, ...]
    """Every mode against `auto`, and RAPTOR's modes against chunks alone."""
    recommended: str
    missed: tuple[Missed, ...]
    """The questions that the recommended mode missed most, the worst first."""
    missed_count: int
    documents: int
    fitting: int
    """Number of documents that fit whole into the budget."""

    def estimate(self, mode: str) -> Estimate:
        """The mean of a mode."""
        return next(cell for cell in self.cells if cell.name == mode).estimates[self.measure]


def compare_folder(
    tree: RagTree, questions: Sequence[Question], seed: int = 0, progress: OnProgress = no_progress
) -> FolderComparison:
    """Compare all modes on the questions, at `retrieve.max_tokens` of the tree's settings.

    Raises DatasetError if no question says what is right.
    """
    budget = tree.settings.retrieve.max_tokens
    measure, asked_questions = _measure(questions, budget)
    searcher = Searcher(tree, [budget], proved=measure.startswith("evidence"))
    values: dict[str, list[float]] = {mode: [] for mode in (*MODES, WHOLE)}
    hits: dict[tuple[str, str], tuple[Hit, ...]] = {}
    whole = WholeDocuments(tree)
    for number, question in enumerate(asked_questions, start=1):
        for mode in MODES:
            found = searcher.search(question, mode)
            values[mode].append(found.values[measure])
            hits[mode, question.id] = found.hits
        values[WHOLE].append(_whole_value(whole, question, budget))
        progress(Progress("evaluate", number, len(asked_questions)))
    asked = [AskedQuestion(id=question.id, kind=question.kind) for question in asked_questions]
    cells = {mode: bare_cell(mode, measure, column, asked, seed) for mode, column in values.items()}
    found_contrasts = contrasts(pairs(cells), asked, seed, [measure])
    made = all(question.kind in KINDS for question in asked_questions)
    recommended = recommend(cells, found_contrasts, measure, made)
    missed = _missed(asked_questions, values[recommended], hits, recommended, tree)
    return FolderComparison(
        measure=measure,
        budget=budget,
        cells=tuple(cells.values()),
        contrasts=found_contrasts,
        recommended=recommended,
        missed=tuple(missed[:_MOST_WORST]),
        missed_count=len(missed),
        documents=len({document.id for document in tree.documents()}),
        fitting=whole.fitting(budget),
    )


def pairs(cells: Mapping[str, CellReport]) -> list[tuple[CellReport, CellReport]]:
    """The pairs of cells that are compared."""
    against_base = [(cell, cells[BASE]) for mode, cell in cells.items() if mode != BASE]
    return against_base + [(cells[mode], cells[FLAT]) for mode in TREE_MODES]


def recommend(cells: Mapping[str, CellReport], found: Sequence[Contrast], measure: str, made: bool = False) -> str:
    """The best of the modes that are better than `auto` by more than chance, else `auto`.

    A lead by chance may be another mode's the next time. If all questions are `made` from the folder's own sentences,
    they share its words, unlike people's questions: then search by words alone is not recommended, whatever it finds.
    """
    better = [
        contrast.first
        for contrast in found
        if contrast.second == BASE
        and contrast.first not in ((WHOLE, "lexical") if made else (WHOLE,))
        and contrast.is_clear
        and contrast.difference > 0
    ]
    return max(better, key=lambda mode: cells[mode].estimates[measure].mean, default=BASE)


def _measure(questions: Sequence[Question], budget: int) -> tuple[str, list[Question]]:
    """Evidence recall if questions have proofs, else coverage of their answers' words; and the questions it is for."""
    proved = [question for question in questions if question.proofs]
    if proved:
        return f"evidence recall@{budget}", proved
    answered = [
        question
        for question in questions
        if question.references and not (question.relevant or question.options or question.unanswerable)
    ]
    if answered:
        return f"coverage@{budget}", answered
    raise DatasetError(
        "no question has a quote that proves its answer, or an answer; give each one of them (docs/evaluation.md, "
        "--questions)"
    )


def _whole_value(whole: WholeDocuments, question: Question, budget: int) -> float:
    given = whole.retrieve(question.text, budget)
    if question.proofs:
        return evidence_recall(question.proofs, given.places)
    return coverage(question.references, "\n".join(document.text for document in given.documents))


def _missed(
    questions: Sequence[Question],
    values: Sequence[float],
    hits: Mapping[tuple[str, str], tuple[Hit, ...]],
    mode: str,
    tree: RagTree,
) -> list[Missed]:
    """The questions that the mode missed, worst first."""
    order = np.argsort(np.array(values), kind="stable")
    texts = {document.id: document for document in tree.documents()}
    missed = []
    for row in order:
        question = questions[int(row)]
        if values[int(row)] >= _FOUND or not math.isfinite(values[int(row)]):
            break
        place = question.proofs[0].place if question.proofs else None
        wanted = f"{place.document_id}: {place.span.of(texts[place.document_id].text)}" if place else ""
        wanted = wanted or "; ".join(question.references)
        missed.append(Missed(question, values[int(row)], wanted, hits[mode, question.id]))
    return missed
