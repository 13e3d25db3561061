"""Tables, requests to them, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from ..types import Document, Span

Operation: TypeAlias = Literal["value", "sum", "mean", "highest", "lowest", "count"]
"""What is asked: the cells themselves; their sum or mean; the rows with the highest or lowest number; how many rows."""


@dataclass(frozen=True, slots=True)
class TableCell:
    """A value of a row, and its place in the document's text, with the column's name if that is written there."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that is neither a header nor the sum of the others: its cells by column, from 0, without the empty ones."""

    cells: Mapping[int, TableCell]
    span: Span


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a document."""

    document: Document
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    caption: str
    """The headings above it and the line before it."""
    header: Span | None = None
    """Where the names of the columns are; None if each row names them."""
    is_doubtful: bool = False
    """True if a row may be the sum of others, which would then count twice."""
    totals: tuple[TableRow, ...] = ()
    """A row that is the sum of the others, and not among `rows`."""

    def named(self, column: int, text: str) -> str:
        """A text after the name of its column, if that has one: `Town: Leith`."""
        name = self.columns[column]
        return f"{name}: {text}" if name else text


@dataclass(frozen=True, slots=True)
class TableRequest:
    """What is asked of a table."""

    operation: Operation
    columns: tuple[int, ...]
    """The columns that are asked for, the one that is computed first; for a count, those that say what is counted."""
    conditions: Mapping[int, frozenset[str]]
    """Column -> texts, one of which a row has to have there."""


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """The answer of a table to a request."""

    table: Table
    request: TableRequest
    rows: tuple[TableRow, ...]
    """The rows that it rests on, in their order; for a highest or lowest number, those that have it."""
    counted: int
    """How many rows went into it."""
    value: Decimal | None = None
    """The sum, mean, highest or lowest number; None for values and counts."""
    text: str = ""
    """`value` as it is written in that column."""
