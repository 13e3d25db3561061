"""Finds where a paragraph, a list item or a separate line begins among closely spaced lines."""

from __future__ import annotations

import re

from .base import Line

_INDENT = 0.7
"""Least width of an indent, in font sizes."""
_RECORDS = 0.4
"""Share of lines that end early without closing punctuation, from which on no line is joined to the next."""
ENDINGS = frozenset('.!?:;…。！？”"»’)]}।؟')
"""Characters that end the last line of a paragraph."""

BULLET = re.compile(r"[•▪◦‣●○■□▸►▶➢✓✔➔◆❖∙⁃](?:\s+|(?=[^\W\d_]))|[·*–—-]\s+|o\s+(?=[A-Z])")
NUMBERED = re.compile(r"(?:\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\(?(?:[A-Z]|[IVX]{1,5})\)|\[\d{1,3}\])\s+\S")
_LEADERS = re.compile(r"(?:\.\s?){3,}\s*[\divxlc]+$")
"""The end of a line in a table of contents."""
_HYPHENS = ("-", "\u00ad", "\u2010")


def ends_early(before: Line, line: Line, right: float) -> bool:
    """Whether the first word of `line` had room after `before`, so that the line break is intended."""
    if before.filled_in or line.filled_in or _LEADERS.search(before.text[-20:]):
        return True
    if before.text.endswith(_HYPHENS) and before.text[-2:-1].isalpha():
        return False
    return right - before.x1 > line.first + 0.6 * line.style.size


class LineGroup:
    """Closely spaced lines in one style. Indexes are those of the lines."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self._left = min(line.x0 for line in lines)
        self._right = _right_edge(lines)
        self._hanging = not self._indented(0) and sum(map(self._indented, range(len(lines)))) > 0.5 * len(lines)

    def are_records(self) -> bool:
        """Whether the lines are not a paragraph but separate, as in addresses, verses and receipts."""
        if len(self.lines) < 3 or any(BULLET.match(line.text) or NUMBERED.match(line.text) for line in self.lines):
            return False
        ends = [self.early(index) and not self._ended(index) for index in range(1, len(self.lines))]
        return sum(ends) >= _RECORDS * len(ends)

    def early(self, index: int) -> bool:
        """Whether the line before this one ends earlier than it has to."""
        return index > 0 and ends_early(self.lines[index - 1], self.lines[index], self._right)

    def is_item(self, index: int) -> bool:
        """Whether a line begins a list item."""
        line, size = self.lines[index], self.lines[index].style.size
        free = index == 0 or self.early(index) or self._ended(index)
        if BULLET.match(line.text):
            return line.text[0] not in "–—-*·" or free or line.x0 < self.lines[index - 1].x0 - 0.3 * size
        if not NUMBERED.match(line.text) or not free:
            return False
        after = self.lines[index + 1] if index + 1 < len(self.lines) else None
        if after is not None and after.x0 > line.x0 + 0.5 * size:
            return True
        if index == 0:
            return after is not None and bool(NUMBERED.match(after.text))
        return self.early(index) or self._indented(index) or self.lines[index - 1].x0 > line.x0 + 0.5 * size

    def leaves_item(self, start: int, index: int) -> bool:
        """Whether a line is not part of the item that began at `start`."""
        line, near = self.lines[index], 0.3 * self.lines[index].style.size
        away = line.x0 - self.lines[start].x0
        return away < -near or (away <= near and self._ended(index) and not line.text[0].islower())

    def leaves_paragraph(self, start: int, index: int) -> bool:
        """Whether a line is not part of the paragraph that began at `start`."""
        ended, early, indented = self._ended(index), self.early(index), self._indented(index)
        if self._hanging:
            return not indented and self._indented(index - 1) and (ended or early)
        if indented:
            return not self._indented(index - 1) and (ended or early)
        block = range(max(start, index - 3), index)
        if ended and index - start > 1 and all(map(self._indented, block)):
            return True
        return early and ended and not self.lines[index].text[0].islower()

    def _ended(self, index: int) -> bool:
        """Whether the line before this one ends a sentence."""
        return self.lines[index - 1].text[-1] in ENDINGS

    def _indented(self, index: int) -> bool:
        line = self.lines[index]
        return line.x0 - self._left > _INDENT * line.style.size


def _right_edge(lines: list[Line]) -> float:
    """Where full lines end: where several of the widest lines end, else at the column's edge."""
    widest = max(line.x1 for line in lines)
    full = [line for line in lines[:-1] if line.x1 > widest - 1.5 * line.style.size]
    return widest if len(full) >= 2 else max(line.right for line in lines)
