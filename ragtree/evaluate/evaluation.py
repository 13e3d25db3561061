"""Runs an evaluation: a dataset and a grid of settings -> a report."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import DatasetError
from ..settings import Settings
from ..types import OnProgress, no_progress
from .base import Dataset, Scope
from .grid import GridCell, cells_of
from .judging import judge_answers
from .report import Report
from .report_files import run_folder, write_report
from .reporting import make_report
from .run import ReaderKind, Spec, run_grid

logger = logging.getLogger(__name__)

BUDGETS = (300, 600, 1200)
"""Tokens of context at which retrieval is measured by default."""


def evaluate(
    dataset: Dataset,
    settings: Settings | None = None,
    grid: Mapping[str, Sequence[str]] | None = None,
    *,
    budgets: Sequence[int] = BUDGETS,
    scope: Scope | None = None,
    reader: ReaderKind = "none",
    limit: int | None = None,
    seed: int = 0,
    baseline: str | None = None,
    judge: str | None = None,
    out: Path = Path("ragtree-eval"),
    progress: OnProgress = no_progress,
) -> Report:
    """Ask the dataset's questions in every cell of the grid, such as {"retrieve.mode": ["leaves", "collapsed"]}.

    Results are kept below `out` as they come: the same call continues a run that was interrupted, and runs over the
    same documents share their trees. The report is written there too, as report.md, report.json and plot.png (see
    `report_files.run_folder`). Without `scope`, the dataset's own is used. `limit` draws that many questions with the
    seed. `judge` names a language model that compares answers with the baseline's.

    Raises SettingsError, DatasetError, and what RagTree raises.
    """
    cells = cells_of(settings or Settings(), grid or {})
    _check(cells, reader, baseline, judge)
    spec = Spec(dataset, cells, tuple(sorted(set(budgets))), scope or dataset.scope, reader, limit, seed)
    folder = run_folder(out, spec)
    kept = run_grid(spec, folder, out / "trees", progress)
    if judge is not None:
        kept = judge_answers(spec, folder, judge, baseline, progress)
    report = make_report(spec, kept, folder, baseline)
    for missing in write_report(report, folder):
        logger.warning(missing)
    return report


def _check(cells: Sequence[GridCell], reader: ReaderKind, baseline: str | None, judge: str | None) -> None:
    """Raise errors that would otherwise be noticed only after the work."""
    names = [cell.name for cell in cells]
    if baseline is not None and baseline not in names:
        raise DatasetError(f"--baseline {baseline!r} is no cell; there are {', '.join(map(repr, names))}")
    if judge is not None and (reader == "none" or len(cells) < 2):
        raise DatasetError("a judge compares answers of two cells; say --reader short or full, and --grid")
    if reader == "short" and any(cell.settings.llm.model == "none" for cell in cells):
        raise DatasetError("--reader short needs a language model, but llm.model is none; name one with --llm")
