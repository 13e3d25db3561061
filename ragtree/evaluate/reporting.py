"""Records -> Report: means with intervals, paired contrasts, cost."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from .base import Question
from .grid import GridCell, without_unused_trees
from .measures import JUDGED, headlines, values_by_measure
from .provenance import model_hashes, versions
from .records import KeptRecords, Record
from .report import AskedQuestion, CellReport, Contrast, Cost, DatasetFacts, Estimate, Report
from .run import Spec, tree_name
from .significance import Comparison, compare, holm, interval

Values = Sequence[float | None]


def make_report(spec: Spec, kept: KeptRecords, folder: Path, baseline: str | None = None) -> Report:
    """The report of a run that is complete and kept in `folder`.

    Cells are compared with `baseline`, or with the first of them.

    Raises DatasetError for a baseline that is no cell.
    """
    questions = spec.questions()
    asked = tuple(
        AskedQuestion(id=question.id, kind=question.kind, group=question.document_id) for question in questions
    )
    base = baseline or spec.cells[0].name
    cells = tuple(_cell_report(cell, spec, asked, kept, base) for cell in without_unused_trees(spec.cells))
    hashes: dict[str, str] = {}
    for cell in spec.cells:
        hashes.update(model_hashes(cell.settings, spec.reader != "none"))
    dataset = spec.dataset
    report = Report(
        folder=str(folder),
        dataset=DatasetFacts(
            name=dataset.name,
            split=dataset.split,
            source=dataset.source,
            sha256=dataset.digest,
            documents=len(dataset.documents),
            questions=len(dataset.questions),
            notices=dataset.notices,
        ),
        scope=spec.scope,
        reader=spec.reader,
        budgets=spec.budgets,
        limit=spec.limit,
        seed=spec.seed,
        versions=versions(),
        models=hashes,
        asked=asked,
        cells=cells,
        contrasts=(),
    )
    pairs = [(cell, report.cell(base)) for cell in cells if cell.name != base]
    return report.model_copy(update={"contrasts": contrasts(pairs, asked, spec.seed)})


def contrasts(
    pairs: Iterable[tuple[CellReport, CellReport]],
    asked: Sequence[AskedQuestion],
    seed: int,
    measures: Sequence[str] | None = None,
) -> tuple[Contrast, ...]:
    """The contrast of every pair in every headline measure (or in `measures`), with Holm's correction over all of them.

    Questions that a measure does not apply to are left out of its contrast.
    """
    found: list[Comparison] = []
    names: list[tuple[str, str, str]] = []
    for first, second in pairs:
        shared = [name for name in first.values if name in second.values]
        for measure in measures or headlines(shared):
            rows = _both(first.values[measure], second.values[measure])
            if rows:
                found.append(
                    compare(
                        np.array([first.values[measure][row] for row in rows], dtype=np.float64),
                        np.array([second.values[measure][row] for row in rows], dtype=np.float64),
                        groups=_groups([asked[row] for row in rows]),
                        seed=seed,
                    )
                )
                names.append((measure, first.name, second.name))
    adjusted = holm([comparison.p for comparison in found])
    return tuple(
        Contrast(
            measure=measure,
            first=first_name,
            second=second_name,
            difference=comparison.difference,
            low=comparison.low,
            high=comparison.high,
            p=comparison.p,
            adjusted_p=float(p),
            effect=comparison.effect,
            n=comparison.n,
        )
        for (measure, first_name, second_name), comparison, p in zip(names, found, adjusted, strict=True)
    )


def bare_cell(
    name: str, measure: str, column: Sequence[float], asked: Sequence[AskedQuestion], seed: int
) -> CellReport:
    """A cell of one measure, without settings and cost."""
    values = {measure: tuple(column)}
    return CellReport(
        name=name,
        settings={},
        estimates=_estimates(values, asked, range(len(asked)), seed),
        by_kind=_by_kind(values, asked, seed),
        values=values,
        cost=None,
    )


def _by_kind(values: Mapping[str, Values], asked: Sequence[AskedQuestion], seed: int) -> dict[str, dict[str, Estimate]]:
    kinds = sorted({one.kind for one in asked})
    return {
        kind or "other": _estimates(values, asked, [row for row, one in enumerate(asked) if one.kind == kind], seed)
        for kind in (kinds if len(kinds) > 1 else [])
    }


def _cell_report(
    cell: GridCell, spec: Spec, asked: Sequence[AskedQuestion], kept: KeptRecords, base: str
) -> CellReport:
    questions = spec.questions()
    records = {question.id: kept.records[cell.name, question.id] for question in questions}
    values = values_by_measure(questions, records)
    if kept.verdicts:
        values[JUDGED] = tuple(_judged(kept, cell.name, base, question) for question in questions)
    return CellReport(
        name=cell.name,
        settings=cell.settings.model_dump(mode="json"),
        estimates=_estimates(values, asked, range(len(asked)), spec.seed),
        by_kind=_by_kind(values, asked, spec.seed),
        values=values,
        cost=_cost(cell, list(records.values()), kept),
    )


def _judged(kept: KeptRecords, name: str, base: str, question: Question) -> float | None:
    """1 if the judge preferred this cell's answer to the baseline's, 0.5 for a tie and for the baseline itself."""
    verdict = kept.verdicts.get((name, base, question.id))
    return verdict.score if verdict else 0.5 if name == base else None


def _estimates(
    values: Mapping[str, Values], asked: Sequence[AskedQuestion], rows: Iterable[int], seed: int
) -> dict[str, Estimate]:
    found = {}
    chosen = list(rows)
    for name, column in values.items():
        defined = [row for row in chosen if column[row] is not None]
        if defined:
            sample = np.array([column[row] for row in defined], dtype=np.float64)
            between = interval(sample, seed=seed, groups=_groups([asked[row] for row in defined]))
            found[name] = Estimate(mean=float(sample.mean()), low=between.low, high=between.high, n=len(defined))
    return found


def _cost(cell: GridCell, records: Sequence[Record], kept: KeptRecords) -> Cost:
    name = tree_name(cell)
    trees = [tree for tree in kept.trees.values() if tree.tree == name]
    return Cost(
        tree=name,
        trees=len(trees),
        nodes=sum(tree.nodes for tree in trees),
        indexed_tokens=sum(tree.tokens for tree in trees),
        embedded=sum(tree.embedded for tree in trees),
        summarized=sum(tree.summarized for tree in trees),
        growing_seconds=sum(tree.seconds for tree in trees),
        search_milliseconds=1000 * statistics.median(record.search_seconds for record in records),
        context_tokens=statistics.fmean(record.context_tokens for record in records),
        reading_seconds=sum(record.read_seconds for record in records),
        prompt_tokens=sum(record.prompt_tokens for record in records),
        answer_tokens=sum(record.answer_tokens for record in records),
    )


def _groups(asked: Sequence[AskedQuestion]) -> list[str] | None:
    """The documents that the questions are about; None if the questions are independent."""
    groups = [one.group for one in asked]
    return groups if all(groups) and len(set(groups)) < len(groups) else None


def _both(first: Values, second: Values) -> list[int]:
    return [row for row, pair in enumerate(zip(first, second, strict=True)) if None not in pair]
