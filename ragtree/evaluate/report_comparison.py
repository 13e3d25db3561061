"""Compares two reports that were made at different times."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import DatasetError
from .report import AskedQuestion, CellReport, Contrast, Report
from .reporting import contrasts


def compare_reports(first: Report, second: Report) -> tuple[tuple[Contrast, ...], tuple[str, ...]]:
    """The contrasts of the cells that both have (or of their only cells), first - second, and notices about them.

    Only questions that both asked are compared. Raises DatasetError if they share no question or no cell.
    """
    known = set(second.asked)
    shared = [one for one in first.asked if one in known]
    if not shared:
        raise DatasetError(
            f"the two reports share no question ({first.dataset.name} and {second.dataset.name}); "
            "only runs on the same data can be compared"
        )
    others = {cell.name for cell in second.cells}
    names = [cell.name for cell in first.cells if cell.name in others]
    pairs = [(first.cell(name), second.cell(name)) for name in names]
    if len(first.cells) == len(second.cells) == 1:
        pairs = [(first.cells[0], second.cells[0])]
    if not pairs:
        raise DatasetError(
            f"the two reports share no cell: {', '.join(cell.name for cell in first.cells)} in the one, "
            f"{', '.join(cell.name for cell in second.cells)} in the other"
        )
    aligned = [
        (_cut(one, first.asked, shared, f"a: {one.name}"), _cut(other, second.asked, shared, f"b: {other.name}"))
        for one, other in pairs
    ]
    return contrasts(aligned, shared, first.seed), _notices(first, second, len(shared))


def _cut(cell: CellReport, asked: Sequence[AskedQuestion], shared: Sequence[AskedQuestion], name: str) -> CellReport:
    """The cell with the values of only the shared questions."""
    row = {one.id: number for number, one in enumerate(asked)}
    rows = [row[one.id] for one in shared]
    values = {measure: tuple(column[number] for number in rows) for measure, column in cell.values.items()}
    return cell.model_copy(update={"name": name, "values": values})


def _notices(first: Report, second: Report, shared: int) -> tuple[str, ...]:
    """What differs between the two reports, besides what they are meant to compare."""
    said = []
    if first.dataset.sha256 != second.dataset.sha256:
        said.append("the data is not the same; compared are the questions whose id, kind and document agree")
    if shared < max(len(first.asked), len(second.asked)):
        said.append(f"{shared} questions are in both, of {len(first.asked)} and {len(second.asked)}")
    for what in ("scope", "reader"):
        one, other = getattr(first, what), getattr(second, what)
        if one != other:
            said.append(f"the {what} differs: {one} and {other}")
    for name in sorted(set(first.models) | set(second.models)):
        if first.models.get(name) != second.models.get(name):
            said.append(f"{name} is not the same file, or only one run used it")
    for name in sorted(set(first.versions) & set(second.versions)):
        if first.versions[name] != second.versions[name]:
            said.append(f"{name} was {first.versions[name]}, and is {second.versions[name]}")
    return tuple(said)
