"""Tables whose cells span rows and columns. The text is repeated in each, so that each can be read by itself."""

from __future__ import annotations

from collections.abc import Iterable

from ..format_contents import BEYOND, NoticeCollector

MOST_CELLS = 2_000_000
"""Most cells of a table, including spans: a cell may claim to span millions of rows."""

_WIDEST = 1000
_TALLEST = 10_000


class SpannedCells:
    """Rows of cells, filled from the top left."""

    def __init__(self) -> None:
        self._rows: list[list[str]] = []
        self._pending: dict[int, tuple[str, int]] = {}
        """Column -> the text of a cell that spans the next rows, and how many."""
        self._count = self._left_out = 0

    def add_row(self, cells: Iterable[tuple[str, int, int]]) -> None:
        """Add a row: (text, columns, rows) of the cells that begin in it. Rows past MOST_CELLS are left out."""
        row: list[str] = []
        for text, width, height in cells:
            self._hang(row)
            for _ in range(max(1, min(width, _WIDEST))):
                if height > 1:
                    self._pending[len(row)] = (text, min(height, _TALLEST))
                row.append(text)
        self._hang(row, to_end=True)
        self._pending = {column: (text, left - 1) for column, (text, left) in self._pending.items() if left > 1}
        self._count += len(row)
        if self._count <= MOST_CELLS:
            self._rows.append(row)
        else:
            self._left_out += 1

    def tell(self, collector: NoticeCollector) -> None:
        """Report the rows that are left out."""
        if self._left_out:
            collector.add(BEYOND, f"rows of a table beyond {MOST_CELLS:,} cells", self._left_out)

    def rows(self) -> list[list[str]]:
        """All rows so far."""
        return self._rows

    def _hang(self, row: list[str], to_end: bool = False) -> None:
        """Fill the columns that a cell further up spans."""
        last = max(self._pending, default=-1) if to_end else -1
        while len(row) in self._pending or len(row) < last:
            row.append(self._pending.get(len(row), ("", 0))[0])
