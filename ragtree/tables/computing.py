"""A request and a table -> its answer, in exact decimal arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from .base import Table, TableAnswer, TableRequest, TableRow
from .figures import Figures, figures_of

_MOST_VALUES = 3
"""Rows whose cells are an answer to a question for a value; more are a list that nobody has asked for."""
_MOST_EQUAL = 5
"""Rows that may share the highest number."""
_MEAN_PLACES = 2
_SURE_COLUMNS, _SURE_ROWS = 2, 4
"""Columns in which a row is the sum of the others, or others, from which on that is no chance."""


def column_figures(table: Table, column: int, rows: Sequence[TableRow] | None = None) -> Figures | None:
    """The numbers of a column; None if it does not hold numbers of one unit."""
    chosen = table.rows if rows is None else rows
    return figures_of([row.cells[column].text if column in row.cells else "" for row in chosen])


def chosen_rows(table: Table, request: TableRequest) -> list[TableRow]:
    """The rows that fulfil the conditions."""
    return [
        row
        for row in table.rows
        if all(column in row.cells and row.cells[column].text in texts for column, texts in request.conditions.items())
    ]


def answered(table: Table, request: TableRequest) -> TableAnswer | None:
    """What comes of a request; None if nothing does that could be told."""
    rows = chosen_rows(table, request)
    if request.operation == "value":
        rows = [row for row in rows if any(column in row.cells for column in request.columns)]
        return TableAnswer(table, request, tuple(rows), len(rows)) if 0 < len(rows) <= _MOST_VALUES else None
    if request.operation == "count":
        return TableAnswer(table, request, tuple(rows), len(rows))
    (column,) = request.columns
    figures = column_figures(table, column, rows)
    if figures is None:
        return None
    pairs = [(row, value) for row, value in zip(rows, figures.values, strict=True) if value is not None]
    if not pairs:
        return None
    if len(pairs) == 1:
        return TableAnswer(table, replace(request, operation="value"), (pairs[0][0],), 1)
    if request.operation in ("sum", "mean"):
        total = sum((value for _, value in pairs), Decimal(0))
        value = total if request.operation == "sum" else total / len(pairs)
        text = figures.written(value, 0 if request.operation == "sum" else _MEAN_PLACES)
        return TableAnswer(table, request, tuple(row for row, _ in pairs), len(pairs), value, text)
    best = (max if request.operation == "highest" else min)(value for _, value in pairs)
    having = [row for row, value in pairs if value == best]
    if len(having) > _MOST_EQUAL:
        return None
    return TableAnswer(table, request, tuple(having), len(pairs), best, figures.written(best))


def without_totals(table: Table) -> Table:
    """The table without its last or first row, if that is the sum of all others in every column with numbers that it
    fills."""
    ends = [one for one in (table.rows[-1:], table.rows[:1]) if one and _is_total(table, one[0])]
    return replace(table, rows=tuple(row for row in table.rows if row is not ends[0][0])) if ends else table


def _is_total(table: Table, row: TableRow) -> bool:
    others = [one for one in table.rows if one is not row]
    sums = []
    for column in row.cells:
        figures = column_figures(table, column)
        own = None if figures is None else figures.values[0 if row is table.rows[0] else -1]
        if figures is not None and own is not None:
            rest = [value for one, value in zip(table.rows, figures.values, strict=True) if one is not row]
            sums.append(own == sum((value for value in rest if value is not None), Decimal(0)))
    by_chance = len(sums) < _SURE_COLUMNS and len(others) < _SURE_ROWS
    return bool(sums) and all(sums) and not by_chance
