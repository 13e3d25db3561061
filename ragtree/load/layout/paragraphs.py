"""Lines of a region -> paragraphs, lists and tables, by gaps, indents, styles and lines that end early."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from .base import Frame, Line, TextStyle
from .breaks import NUMBERED, LineGroup, ends_early

_GAP = 1.4
"""A baseline distance of more than this many usual ones separates two paragraphs."""
_CLOSE = 1.3
"""Lines whose baselines are nearer than this many font sizes always belong together."""
_EVEN = 0.1
"""Baseline distances that differ by less than this share count as the same."""
_WIDEST = 2.4
"""Most font sizes between the baselines of one text, double spacing included."""
_ROOMY = 2.0
"""Most font sizes between the lines of one heading."""
LARGER = 1.12
"""Least size, as a share of the body's, that makes a line a heading."""
_OTHER_SIZE = 0.08


@dataclass(slots=True)
class BlockDraft:
    """A block before its text is put together."""

    kind: str
    page: int
    frame: Frame
    lines: list[Line]
    kept: list[bool]
    """For each line, whether the line break before it is the author's."""
    level: int = 0
    """Of a heading: 1 is the highest."""
    alone: bool = False
    """True for a single line, apart from the lines around it."""
    continues: bool = False
    """True for the next rows of a table that begins on a page before."""

    def add(self, line: Line, kept: bool) -> None:
        """Add a line, with or without a line break before it."""
        self.lines.append(line)
        self.kept.append(kept)

    @property
    def text(self) -> str:
        """The text with its lines joined by spaces."""
        return " ".join(line.text for line in self.lines)

    @property
    def size(self) -> float:
        """The size of its first line."""
        return self.lines[0].style.size

    @property
    def is_full(self) -> bool:
        """Whether its last line reaches the edge of the column, so that the text may continue in the next."""
        line = self.lines[-1]
        return line.right - line.x1 < 2.5 * line.style.size


def make_drafts(page: int, frame: Frame, lines: list[Line], body: TextStyle) -> list[BlockDraft]:
    """The blocks of a region. Lines in a fixed-width font are kept as they are, unless `body` has one."""
    drafts: list[BlockDraft] = []
    for chunk in _chunks(lines, body):
        if chunk[0].is_table:
            drafts.append(BlockDraft("table", page, frame, chunk, [True]))
        elif not body.fixed and chunk[0].style.fixed and len(chunk) > 1:
            drafts.append(BlockDraft("text", page, frame, _with_indents(chunk), [True] * len(chunk)))
        else:
            found = list(_blocks(page, frame, chunk))
            found[0].alone = len(chunk) == 1
            drafts += found
    return drafts


def _chunks(lines: list[Line], body: TextStyle) -> Iterator[list[Line]]:
    """Groups of closely spaced lines in one style."""
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
    """Whether a line is as near to those above it as lines of one text are."""
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


def _is_heading_s_next(before: Line, line: Line, body: TextStyle) -> bool:
    """Whether a line continues a heading, whose lines are further apart than those of the text."""
    style = line.style
    large = style.size >= LARGER * body.size and before.style.size == style.size
    if before.is_table or line.is_table or not (large or (_alike(before, line) and style.bold and not body.bold)):
        return False
    centred = abs(before.x0 + before.x1 - line.x0 - line.x1) < style.size < abs(before.x0 - line.x0)
    near = 0 < line.y - before.y < _ROOMY * style.size
    return near and (centred or not ends_early(before, line, before.right)) and not NUMBERED.match(line.text)


def _blocks(page: int, frame: Frame, lines: list[Line]) -> Iterator[BlockDraft]:
    chunk = LineGroup(lines)
    if chunk.are_records():
        yield BlockDraft("text", page, frame, lines, [True] * len(lines))
        return
    draft, start = BlockDraft("list" if chunk.is_item(0) else "text", page, frame, [lines[0]], [True]), 0
    for index, line in enumerate(lines[1:], start=1):
        item, listed = chunk.is_item(index), draft.kind == "list"
        if item and listed:
            draft.add(line, kept=True)
            start = index
        elif item or (chunk.leaves_item(start, index) if listed else chunk.leaves_paragraph(start, index)):
            yield draft
            draft, start = BlockDraft("list" if item else "text", page, frame, [line], [True]), index
        else:
            draft.add(line, kept=chunk.early(index) and not listed)
    yield draft


def _with_indents(chunk: list[Line]) -> list[Line]:
    """Lines of program code with their indentation as spaces."""
    left = min(line.x0 for line in chunk)
    return [replace(line, text=" " * round((line.x0 - left) / (0.6 * line.style.size)) + line.text) for line in chunk]
