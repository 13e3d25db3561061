"""Lines of a region -> paragraphs, lists and tables, by gaps, indents, styles and lines that end early."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from .nouns import Frame, Line, Style

_GAP = 1.4
"""A distance of base lines above this many of the usual ones parts two paragraphs."""
_CLOSE = 1.3
"""Base lines that are nearer than this many sizes are always those of one text."""
_EVEN = 0.1
"""Steps that differ by less than this share are the same."""
_WIDEST = 2.4
"""Base lines that are further apart, in sizes, are not those of one text, double spacing included."""
_ROOMY = 2.0
"""Lines of one heading are not further apart than this many sizes."""
LARGER = 1.12
"""A heading's size, as a share of the body's."""
_INDENT = 0.7
"""An indent is at least this many sizes."""
_OTHER_SIZE = 0.08
_RECORDS = 0.4
"""Share of lines that end early, and in no full stop, from which on none is joined to the next."""
ENDINGS = frozenset('.!?:;…。！？”"»’)]}।؟')
"""How a paragraph's last line ends."""

_LEADERS = re.compile(r"(?:\.\s?){3,}\s*[\divxlc]+$")
"""How lines of a table of contents end."""
BULLET = re.compile(r"[•▪◦‣●○■□▸►▶➢✓✔➔◆❖∙⁃](?:\s+|(?=[^\W\d_]))|[·*–—-]\s+|o\s+(?=[A-Z])")
NUMBERED = re.compile(r"(?:\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\(?(?:[A-Z]|[IVX]{1,5})\)|\[\d{1,3}\])\s+\S")


@dataclass(slots=True)
class Draft:
    """A block before its text is put together."""

    kind: str
    page: int
    frame: Frame
    lines: list[Line]
    kept: list[bool]
    """Whether each line's break before it is the author's."""
    level: int = 0
    """Of a heading: 1 is the highest."""
    alone: bool = False
    """One line with room above it."""

    @property
    def text(self) -> str:
        """The text without care for its line breaks."""
        return " ".join(line.text for line in self.lines)

    @property
    def size(self) -> float:
        """The size of its first line."""
        return self.lines[0].style.size

    @property
    def is_full(self) -> bool:
        """Whether its last line goes to the end of the column, so that the text may go on in the next."""
        line = self.lines[-1]
        return line.right - line.x1 < 2.5 * line.style.size


def make_drafts(page: int, frame: Frame, lines: list[Line], body: Style) -> list[Draft]:
    """The blocks of a region. Lines in a font of fixed width, where `body` is none, are kept as they are."""
    drafts: list[Draft] = []
    for chunk in _chunks(lines, body):
        if chunk[0].is_table:
            drafts.append(Draft("table", page, frame, chunk, [True]))
        elif not body.fixed and chunk[0].style.fixed and len(chunk) > 1:
            drafts.append(Draft("text", page, frame, _with_indents(chunk), [True] * len(chunk)))
        else:
            found = list(_blocks(page, frame, chunk))
            found[0].alone = len(chunk) == 1
            drafts += found
    return drafts


def _chunks(lines: list[Line], body: Style) -> Iterator[list[Line]]:
    """Lines that follow each other closely in one style."""
    steps = [
        after.y - before.y
        for before, after in pairwise(lines)
        if _alike(before, after) and after.y - before.y > 0.5 * after.style.size
    ]
    usual = median(steps) if steps else 0.0
    chunk: list[Line] = []
    for index, line in enumerate(lines):
        after = lines[index + 1] if index + 1 < len(lines) else None
        if chunk and not (_follows(chunk, line, after, usual) or _is_heading_s_next(chunk[-1], line, body)):
            yield chunk
            chunk = []
        chunk.append(line)
    if chunk:
        yield chunk


def _alike(before: Line, after: Line) -> bool:
    if before.is_table or after.is_table:
        return False
    small, large = sorted((before.style.size, after.style.size))
    same_face = before.style.bold == after.style.bold and before.style.fixed == after.style.fixed
    return large - small <= _OTHER_SIZE * large and same_face


def _follows(chunk: list[Line], line: Line, after: Line | None, usual: float) -> bool:
    """Whether a line stands as near to those above it as lines of one text do."""
    before, size = chunk[-1], line.style.size
    step = line.y - before.y
    if not _alike(before, line) or step <= -0.5 * size:
        return False
    if step <= _CLOSE * size:
        return True
    beside = [chunk[-1].y - chunk[-2].y] if len(chunk) > 1 else []
    if after is not None and _alike(line, after):
        beside.append(after.y - line.y)
    even = any(abs(step - other) <= _EVEN * step for other in beside) and step <= _WIDEST * size
    closer = any(0.5 * size < other < step / _GAP for other in beside)
    return not closer and (even or step <= _GAP * min(usual or step, _WIDEST * size))


def _is_heading_s_next(before: Line, line: Line, body: Style) -> bool:
    """Whether a line goes on with a heading, whose lines stand further apart than those of the text."""
    style = line.style
    large = style.size >= LARGER * body.size and before.style.size == style.size
    if before.is_table or line.is_table or not (large or (_alike(before, line) and style.bold and not body.bold)):
        return False
    centred = abs(before.x0 + before.x1 - line.x0 - line.x1) < style.size < abs(before.x0 - line.x0)
    near = 0 < line.y - before.y < _ROOMY * style.size
    return near and (centred or not _ends_early(before, line, before.right)) and not NUMBERED.match(line.text)


def _blocks(page: int, frame: Frame, chunk: list[Line]) -> Iterator[Draft]:
    left, right = min(line.x0 for line in chunk), _right_edge(chunk)
    indented = [line.x0 - left > _INDENT * line.style.size for line in chunk]
    hanging = not indented[0] and sum(indented) > 0.5 * len(chunk)
    if _are_records(chunk, right):
        yield Draft("text", page, frame, chunk, [True] * len(chunk))
        return
    draft: Draft | None = None
    for index, line in enumerate(chunk):
        before = chunk[index - 1] if index else None
        early = before is not None and _ends_early(before, line, right)
        after = chunk[index + 1] if index + 1 < len(chunk) else None
        item = _is_item(line, before, after, early, left)
        if draft is None or _begins(draft, line, item, early, indented[index], hanging, before, left):
            if item and draft is not None and draft.kind == "list":
                draft.lines.append(line)
                draft.kept.append(True)
                continue
            if draft is not None:
                yield draft
            draft = Draft("list" if item else "text", page, frame, [line], [True])
        else:
            draft.lines.append(line)
            draft.kept.append(early and draft.kind != "list")
    if draft is not None:
        yield draft


def _right_edge(chunk: list[Line]) -> float:
    """Where full lines end: the end of those that end alike, else that of the column."""
    widest = max(line.x1 for line in chunk)
    full = [line for line in chunk[:-1] if line.x1 > widest - 1.5 * line.style.size]
    return widest if len(full) >= 2 else max(line.right for line in chunk)


def _are_records(chunk: list[Line], right: float) -> bool:
    """Whether lines are no paragraph but stand for themselves, as in addresses, verses and receipts."""
    ends = [_ends_early(before, line, right) and before.text[-1] not in ENDINGS for before, line in pairwise(chunk)]
    listed = any(BULLET.match(line.text) or NUMBERED.match(line.text) for line in chunk)
    return len(ends) >= 2 and not listed and sum(ends) >= _RECORDS * len(ends)


def _ends_early(before: Line, line: Line, right: float) -> bool:
    """Whether the next line's first word had room on this line, so that its end was meant."""
    if _LEADERS.search(before.text[-20:]):
        return True
    if before.text.endswith(("-", "\u00ad", "\u2010")) and before.text[-2:-1].isalpha():
        return False
    return right - before.x1 > line.first + 0.6 * line.style.size


def _is_item(line: Line, before: Line | None, after: Line | None, early: bool, left: float) -> bool:
    """Whether a line begins an item of a list."""
    if BULLET.match(line.text):
        if line.text[0] not in "–—-*·" or before is None or early or before.text[-1] in ENDINGS:
            return True
        return line.x0 < before.x0 - 0.3 * line.style.size
    if not NUMBERED.match(line.text):
        return False
    if before is None:
        return (after is not None and after.x0 > line.x0 + 0.5 * line.style.size) or _numbered_too(after)
    hangs = after is not None and after.x0 > line.x0 + 0.5 * line.style.size
    return (early or before.text[-1] in ENDINGS) and (
        hangs or early or line.x0 - left > _INDENT * line.style.size or before.x0 > line.x0 + 0.5 * line.style.size
    )


def _numbered_too(line: Line | None) -> bool:
    return line is not None and bool(NUMBERED.match(line.text))


def _begins(
    draft: Draft, line: Line, item: bool, early: bool, indented: bool, hanging: bool, before: Line | None, left: float
) -> bool:
    """Whether a line begins a block or an item, and does not go on with the one before it."""
    if before is None or item:
        return True
    ended, size = before.text[-1] in ENDINGS, _INDENT * line.style.size
    if draft.kind == "list":
        start = next(draft.lines[-1 - back] for back in range(len(draft.kept)) if draft.kept[-1 - back])
        back = line.x0 <= start.x0 + 0.3 * line.style.size
        return line.x0 < start.x0 - 0.3 * line.style.size or (back and ended and not line.text[0].islower())
    if hanging:
        return not indented and before.x0 - left > _INDENT * line.style.size and (ended or early)
    if len(draft.lines) > 1 and not indented and ended and all(other.x0 - left > size for other in draft.lines[-3:]):
        return True
    if indented and before.x0 - left <= _INDENT * line.style.size and (ended or early):
        return True
    return early and ended and not line.text[0].islower()


def _with_indents(chunk: list[Line]) -> list[Line]:
    """Lines of program code with the spaces that they begin with."""
    left = min(line.x0 for line in chunk)
    return [replace(line, text=" " * round((line.x0 - left) / (0.6 * line.style.size)) + line.text) for line in chunk]
