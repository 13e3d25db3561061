"""A Report as a picture: every cell's headline measures with their intervals."""

from __future__ import annotations

from pathlib import Path

from ..errors import MissingExtraError
from .measures import headlines
from .report import Report


def draw(report: Report, path: Path) -> None:
    """Write a PNG, with one panel for each family of measures. Raises MissingExtraError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib, which draws the plot of a report,", "eval") from error
    families: dict[str, list[str]] = {}
    for name in headlines(list(report.cells[0].estimates)):
        families.setdefault(name.partition("@")[0], []).append(name)
    if not families:
        return
    figure = Figure(figsize=(1.5 + 4.5 * len(families), 4.2), layout="constrained")
    for number, (family, names) in enumerate(families.items(), start=1):
        axes = figure.add_subplot(1, len(families), number)
        for place, cell in enumerate(report.cells):
            shown = [(row, cell.estimates[name]) for row, name in enumerate(names) if name in cell.estimates]
            aside = 0.6 * ((place + 0.5) / len(report.cells) - 0.5)
            axes.errorbar(
                [row + aside for row, _ in shown],
                [estimate.mean for _, estimate in shown],
                yerr=(
                    [max(0.0, estimate.mean - estimate.low) for _, estimate in shown],
                    [max(0.0, estimate.high - estimate.mean) for _, estimate in shown],
                ),
                fmt="o",
                capsize=3,
                label=cell.name,
            )
        axes.set_xticks(range(len(names)), [name.partition("@")[2] or name for name in names])
        axes.set_xlabel(f"{family} at" if "@" in names[0] else family)
        axes.set_ylim(bottom=0)
        axes.grid(axis="y", alpha=0.3)
        if number == 1:
            axes.legend(fontsize="small")
    figure.suptitle(f"{report.dataset.name}: {len(report.asked)} questions, 95 % intervals", fontsize="medium")
    figure.savefig(path, dpi=120)
