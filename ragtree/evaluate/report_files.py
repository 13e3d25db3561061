"""Where a run is kept, and the files of its report."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import MissingExtraError
from .markdown_report import to_markdown
from .plot import draw
from .report import Report
from .run import Spec


def run_folder(out: Path, spec: Spec) -> Path:
    """The folder of this run below `out`: the same for the same data and settings, so that the run can continue."""
    name = re.sub(r"[^\w.-]+", "-", f"{spec.dataset.name}-{spec.dataset.split}").strip("-.") or "run"
    return out / f"{name}-{spec.digest[:8]}"


def write_report(report: Report, folder: Path) -> list[str]:
    """Write report.md, report.json and plot.png. Return a sentence for each that could not be made."""
    (folder / "report.json").write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
    (folder / "report.md").write_text(to_markdown(report), encoding="utf-8")
    try:
        draw(report, folder / "plot.png")
    except MissingExtraError as error:
        return [f"no plot: {error}"]
    return []
