"""Blocks in reading order -> one text, and where every page, heading and block is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ...text.scripts import EAST_ASIAN, HANGUL
from ...types import Block, Box, Location, Mark, Span
from ..readers.outline import description
from .base import Line
from .breaks import BULLET, ENDINGS
from .paragraphs import BlockDraft

_LOOK_AHEAD = 12
"""How many blocks ahead the other half of a paragraph may be, after footnotes, tables and figures."""
_OPEN = frozenset(",([{–—-\u00ad\u2010،、")
"""Characters that do not end a sentence."""
_ASKEW = 5.0
"""Degrees by which the lean of two scanned pages may differ if text continues from one to the other."""
_WHOLE = 3
"""Fewest letters of what may be a separate word beside a hyphen."""
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_HYPHENS = ("-", "\u00ad", "\u2010")
_BEGINNING = re.compile(r"[^\W\d_]+")
_EAST = re.compile(f"[{EAST_ASIAN}]")
_HANGUL = re.compile(f"[{HANGUL}]")


class Joiner:
    """Joins lines. The words of the other lines tell whether a hyphen at a line's end belongs to the word."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._words: set[str] = set()
        broken = False
        for line in lines:
            words = _WORD.findall(line.text.lower())
            ends_broken = bool(_broken_word(line.text))
            self._words.update(words[broken : len(words) - ends_broken])  # without halves of words
            broken = ends_broken

    def joined(self, text: str, more: str) -> str:
        """`text` as it precedes `more`: with the space between them if any, and without a hyphen that breaks a word."""
        broken = _broken_word(text)
        start = _BEGINNING.match(more)
        if broken and start:
            return text if self._keeps_hyphen(broken, start[0]) else text[:-1]
        if text[-1:] in "-\u2010/–—" and text[-2:-1].isalnum() and (broken or text[-1] == "/") and start:
            return text
        if _EAST.match(text[-1:]) and _EAST.match(more[:1]) and not (_HANGUL.match(text[-1:]) or _HANGUL.match(more)):
            return text
        return text + " "

    def _keeps_hyphen(self, before: str, after: str) -> bool:
        last = before.lower().rpartition("-")[2]
        one, two = f"{last}{after.lower()}", f"{before.lower()}-{after.lower()}"
        if one in self._words:
            return False
        if two in self._words or f"{last}-{after.lower()}" in self._words or not after[0].islower():
            return True
        return min(len(last), len(after)) >= _WHOLE and last in self._words and after.lower() in self._words


def _broken_word(text: str) -> str:
    """What is before the hyphen at the end of a line; empty if no word ends with one."""
    if not text.endswith(_HYPHENS):
        return ""
    words = _WORD.findall(text.rsplit(None, 1)[-1])
    return words[-1] if words and text[:-1].endswith(words[-1]) else ""


def make_text(drafts: Sequence[BlockDraft], joiner: Joiner) -> tuple[str, tuple[Mark, ...], tuple[Block, ...]]:
    """The text of a document with its marks and blocks."""
    pieces: list[str] = []
    marks: list[Mark] = []
    blocks: list[Block] = []
    path: list[tuple[int, str]] = []
    length = 0
    before: BlockDraft | None = None
    for draft in _in_sequence(drafts, joiner):
        text = _text_of(draft, joiner)
        if not text:
            continue
        if before is not None:
            pieces[-1], between = _between(before, pieces[-1], draft, text, joiner)
            span = blocks[-1].span
            blocks[-1] = Block(Span(span.start, span.start + len(pieces[-1])), *_where(before))
            length = span.start + len(pieces[-1]) + len(between)
            pieces.append(between)
        if draft.kind == "heading":
            path = [(level, title) for level, title in path if level < draft.level]
            path.append((draft.level, " ".join(text.split())))
        heading = tuple(title for _, title in path)
        location = Location(page=draft.page, heading=heading, described=draft.kind == "description")
        if not marks or marks[-1].location != location:
            marks.append(Mark(length, location))
        pieces.append(text)
        blocks.append(Block(Span(length, length + len(text)), *_where(draft)))
        before = draft
    return "".join(pieces), tuple(marks), tuple(blocks)


def _in_sequence(drafts: Sequence[BlockDraft], joiner: Joiner) -> Iterable[BlockDraft]:
    """Yield the drafts. The halves of a paragraph that a page's end interrupts come together, before the rest."""
    waiting = list(drafts)[::-1]
    while waiting:
        draft = waiting.pop()
        yield draft
        while _is_unfinished(draft):
            place = _rest_of(draft, waiting)
            if place is None:
                break
            draft = waiting.pop(place)
            yield draft


def _is_unfinished(draft: BlockDraft) -> bool:
    text = draft.lines[-1].text
    return draft.kind in ("text", "list") and draft.is_full and text[-1] not in ENDINGS


def _goes_on(text: str, more: str) -> bool:
    """Whether `more` may be the rest of a sentence that breaks off at the end of `text`."""
    return more[0].islower() or text[-1] in _OPEN


def _rest_of(draft: BlockDraft, waiting: list[BlockDraft]) -> int | None:
    """The index of the paragraph's other half in `waiting`, whose last draft is the next; None if there is none."""
    last = draft.lines[-1]
    for place in range(len(waiting) - 1, max(-1, len(waiting) - _LOOK_AHEAD), -1):
        other = waiting[place]
        first = other.lines[0]
        moved = other.page != draft.page or first.y < last.y or other.frame != draft.frame
        same = abs(other.size - draft.size) <= 0.05 * draft.size and abs(other.frame.angle - draft.frame.angle) < _ASKEW
        if other.page > draft.page + 1:
            return None
        if other.kind == "text" and same:
            return place if moved and _goes_on(last.text, first.text) else None
        if other.kind in ("heading", "list") and same:
            return None
    return None


def _text_of(draft: BlockDraft, joiner: Joiner) -> str:
    if draft.kind == "description":
        return description(draft.text)
    text = ""
    for line, kept in zip(draft.lines, draft.kept, strict=True):
        bullet = BULLET.match(line.text) if draft.kind == "list" and kept else None
        more = "- " + line.text[bullet.end() :] if bullet else line.text
        if not text:
            text = more
        elif kept and draft.kind != "heading":
            text += "\n" + more
        else:
            text = joiner.joined(text, more) + more
    return text.rstrip() if draft.kind != "table" else text


def _between(before: BlockDraft, text: str, draft: BlockDraft, more: str, joiner: Joiner) -> tuple[str, str]:
    """The text of the block before, and what separates it from the next."""
    if draft.continues:
        return text, "\n"
    if draft.kind == "text" and _is_unfinished(before):
        if _goes_on(text, more) or (_EAST.match(text[-1]) and _EAST.match(more)):
            whole = joiner.joined(text, more)
            return (whole[:-1], " ") if whole.endswith(" ") else (whole, "")
        if draft.page != before.page:
            return text, "\n"
    return text, "\n\n"


def _where(draft: BlockDraft) -> tuple[str, int, Box]:
    lines = draft.lines
    return (
        draft.kind,
        draft.page,
        draft.frame.box(
            min(line.x0 for line in lines),
            min(line.top for line in lines),
            max(line.x1 for line in lines),
            max(line.bottom for line in lines),
        ),
    )
