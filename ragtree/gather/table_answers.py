"""Questions that a table answers: by its cells, or by what is computed from them."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import TypeAlias, TypeVar

from ..tables.base import Table, TableAnswer, TableRow
from ..tables.computing import compute_answer
from ..tables.finding import has_tables, tables_of
from ..tables.matching import TableQuestion
from ..types import Document, Span
from ..understand.base import Request
from ..understand.kinds import RequestClassifier

Kept = TypeVar("Kept")
_Key: TypeAlias = tuple[str, str, int]
"""A document's id and title, and a hash of its text: another reader may read the same file differently."""
_MOST_DOCUMENTS = 8
"""Number of documents, the first found, whose tables are looked at."""
_KEPT = 32
_KNOWN = 10_000
"""Most documents whose tables are kept, more than a search finds, and most that are remembered as having none."""
_MOST_ANSWERS = 3
"""Most tables that may fit equally well, such as those of three years. If more do, it is unclear which is meant."""


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables of a document, and all their rows in the order of the text."""

    tables: list[Table]
    rows: list[tuple[Table, TableRow]]
    starts: list[int]
    """Where each of the rows begins."""


class TableAnswers:
    """Answers questions from tables. The tables of the last documents are kept. Threads may share it."""

    def __init__(self, kinds: RequestClassifier) -> None:
        self._kinds = kinds
        self._kept: OrderedDict[_Key, _Tables] = OrderedDict()
        self._without: OrderedDict[_Key, None] = OrderedDict()
        self._lock = Lock()

    def answers(self, request: Request, documents: Iterable[Document]) -> tuple[TableAnswer, ...]:
        """The answers of the tables that fit the question best, by how many of its words they explain; none if no table
        has what it names, or too many fit."""
        found: list[tuple[int, TableAnswer]] = []
        operation = self._kinds.operation(request.question)
        if operation is None:
            return ()
        question = None
        for document in islice(documents, _MOST_DOCUMENTS):
            tables = self._tables(document)
            if tables is None:
                continue
            if question is None:
                question = TableQuestion(request.question, request.language, self._kinds.is_word_for_tables)
            for table in tables.tables:
                match = question.match(table, operation, f"{document.title}\n{document.source}")
                answer = compute_answer(table, match.request) if match is not None else None
                if match is not None and answer is not None:
                    found.append((match.explained, answer))
        most = max((explained for explained, _ in found), default=0)
        best = [answer for explained, answer in found if explained == most]
        different = list({_said(answer): answer for answer in reversed(best)}.values())[::-1]
        return tuple(different) if len(different) <= _MOST_ANSWERS else ()

    def row_at(self, document: Document, span: Span) -> tuple[Span, str] | None:
        """The row of a table in which a place lies: its own place, and its text with the names of the columns, such as
        `Town: Leith; Tide: 5`. None outside of tables."""
        tables = self._tables(document)
        place = bisect_right(tables.starts, span.start) - 1 if tables is not None else -1
        if tables is None or place < 0:
            return None
        table, row = tables.rows[place]
        if not row.span.overlap(span):
            return None
        if table.header is None:  # each row is written with names
            return row.span, row.span.of(document.text)
        return row.span, "; ".join(table.named(column, cell.text) for column, cell in sorted(row.cells.items()))

    def _tables(self, document: Document) -> _Tables | None:
        key = document.id, document.title, hash(document.text)
        with self._lock:
            if key in self._without:
                return None
            known = self._kept.get(key)
        if known is None:
            known = _tables(document)
        with self._lock:
            if known is None:
                _remember(self._without, key, None, _KNOWN)
            else:
                _remember(self._kept, key, known, _KEPT)
        return known


def _tables(document: Document) -> _Tables | None:
    tables = tables_of(document) if has_tables(document.text) else []
    placed = ((table, row) for table in tables for row in (*table.rows, *table.totals))
    rows = sorted(placed, key=lambda pair: pair[1].span.start)
    return _Tables(tables, rows, [row.span.start for _, row in rows]) if tables else None


def _said(answer: TableAnswer) -> tuple[object, ...]:
    """A key that is equal for tables that say the same: copies, or another view of the same numbers."""
    table, request = answer.table, answer.request
    columns = sorted({*request.columns, *request.conditions})
    cells = frozenset(
        tuple(row.cells[column].text if column in row.cells else "" for column in columns) for row in answer.rows
    )
    return request.operation, tuple(table.columns[column] for column in columns), answer.value, answer.counted, cells


def _remember(kept: OrderedDict[_Key, Kept], key: _Key, value: Kept, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
