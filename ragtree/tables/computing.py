"""A request and a table -> its answer, in exact decimal arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .base import Table, TableAnswer, TableRequest, TableRow
from .figures import Figures, figures_of, total_of

_MOST_VALUES = 3
"""Most rows whose cells answer a question for a value; more would be a list that nobody has asked for."""
_MOST_EQUAL = 5
"""Most rows that may share the highest or lowest number."""
_MEAN_PLACES = 2
_LEAST_OTHERS = 2
_SURE_COLUMNS, _SURE_ROWS = 2, 4
"""If a row is the sum of others in this many columns, or of this many others, that is not chance."""


def column_figures(table: Table, column: int, rows: Sequence[TableRow] | None = None) -> Figures | None:
    """The numbers of a column; None if it does not hold numbers of one unit."""
    chosen = table.rows if rows is None else rows
    return figures_of([row.cells[column].text if column in row.cells else "" for row in chosen])


def chosen_rows(table: Table, request: TableRequest) -> list[TableRow]:
    """The rows that meet the conditions."""
    return [
        row
        for row in table.rows
        if all(column in row.cells and row.cells[column].text in texts for column, texts in request.conditions.items())
    ]


def compute_answer(table: Table, request: TableRequest) -> TableAnswer | None:
    """The answer to a request; None if there is none that could be given."""
    rows = chosen_rows(table, request)
    if request.operation != "value" and table.is_doubtful:
        return None
    if request.operation == "value":
        rows = [row for row in rows if any(column in row.cells for column in request.columns)]
        return TableAnswer(table, request, tuple(rows), len(rows)) if 0 < len(rows) <= _MOST_VALUES else None
    if request.operation == "count":
        named = {tuple(row.cells[column].text for column in request.columns if column in row.cells) for row in rows}
        if request.columns and len(named) < len(rows):
            return None  # regions are not rows
        return TableAnswer(table, request, tuple(rows), len(rows))
    column = request.columns[0]
    figures = column_figures(table, column, rows)
    if figures is None or (figures.are_years and request.operation in ("sum", "mean")):
        return None
    pairs = [(row, value) for row, value in zip(rows, figures.values, strict=True) if value is not None]
    if not pairs:
        return None
    if len(pairs) == 1:
        return TableAnswer(table, replace(request, operation="value"), (pairs[0][0],), 1)
    if request.operation in ("sum", "mean"):
        total = total_of([value for _, value in pairs])
        value = total if request.operation == "sum" else total / len(pairs)
        text = figures.written(value, 0 if request.operation == "sum" else _MEAN_PLACES)
        return TableAnswer(table, request, tuple(row for row, _ in pairs), len(pairs), value, text)
    ends = {"highest": max, "lowest": min}
    best = ends[request.operation](value for _, value in pairs)
    having = [row for row, value in pairs if value == best]
    if len(having) > _MOST_EQUAL:
        return None
    return TableAnswer(table, request, tuple(having), len(pairs), best, figures.written(best))


def without_totals(table: Table) -> Table:
    """The table without its last or first row, if that surely is the sum of the others. It is doubtful if a row may be
    a sum of others: then nothing is computed from it, because numbers would count twice."""
    numbers = [figures.values for column in range(len(table.columns)) if (figures := column_figures(table, column))]
    if len(table.rows) == _LEAST_OTHERS and any(values[0] and values[0] == values[1] for values in numbers):
        return replace(table, is_doubtful=True)  # one row and its total
    numbers = [values for values in numbers if len([one for one in values if one is not None]) > _LEAST_OTHERS]
    for end in (-1, 0):
        sums = [_is_sum(values[end], values[:-1] if end else values[1:]) for values in numbers]
        sure = len(sums) >= _SURE_COLUMNS or len(table.rows) > _SURE_ROWS
        if sums and all(sums) and sure:
            rest = replace(table, rows=table.rows[:-1] if end else table.rows[1:], totals=(table.rows[end],))
            return replace(rest, is_doubtful=_has_subtotals(rest))
        if any(sums):
            return replace(table, is_doubtful=True)
    return replace(table, is_doubtful=_has_subtotals(table))


def _is_sum(value: Decimal | None, others: Sequence[Decimal | None]) -> bool:
    """True if `value` is the sum of the others, or nearly so: they may be rounded."""
    sums = _Sum()
    for one in others:
        sums.add(one)
    return sums.is_nearly(value)


@dataclass(slots=True)
class _Sum:
    """The sum of some numbers, without keeping them."""

    total: Decimal = Decimal(0)
    count: int = 0
    places: int = 0
    """Most digits of a fraction."""

    def add(self, value: Decimal | None) -> None:
        if value is not None:
            self.total = total_of((self.total, value))
            self.count += 1
            self.places = max(self.places, _places(value))

    def is_nearly(self, value: Decimal | None) -> bool:
        if value is None or not value or self.count < _LEAST_OTHERS:
            return False
        places = max(self.places, _places(value))
        rounding = Decimal(self.count).scaleb(-places) / 2 if places > 0 else Decimal(0)
        return abs(value - self.total) <= rounding


def _places(value: Decimal) -> int:
    return -int(value.as_tuple().exponent)


def _has_subtotals(table: Table) -> bool:
    """True if a row is the sum of those since the last such row, in all columns with numbers that it fills."""
    columns = [figures.values for column in range(len(table.columns)) if (figures := column_figures(table, column))]
    columns = [values for values in columns if any(value != 0 for value in values if value is not None)]
    start, sums = 0, [_Sum() for _ in columns]
    for place in range(len(table.rows)):
        filled = [(values[place], one) for values, one in zip(columns, sums, strict=True) if values[place] is not None]
        if filled and all(one.is_nearly(value) for value, one in filled) and place - start > 1:
            if len(filled) >= _SURE_COLUMNS or place - start >= _SURE_ROWS or place + 1 < len(table.rows):
                return True
            start, sums = place + 1, [_Sum() for _ in columns]
            continue
        for values, one in zip(columns, sums, strict=True):
            one.add(values[place])
    return False
