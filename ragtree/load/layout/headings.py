"""Finds headings and their levels: by the file's own outline, by numbers, by size and weight."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import mode

from .base import Page, TextStyle
from .paragraphs import LARGER, BlockDraft

_LONGEST = 160
_MOST_LINES = 3
_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})*|[A-Z](?:\.\d{1,2})+)\.?\s+(?=[^\W\d_])")

Outline = Mapping[int, Sequence[tuple[int, str]]]
"""The file's own headings: page -> level (1 is the highest) and title."""


def body_style(pages: Iterable[Page]) -> TextStyle:
    """The style that most characters have."""
    count: Counter[TextStyle] = Counter()
    for page in pages:
        for _, lines in page.regions:
            for line in lines:
                count[line.style] += len(line.text)
    sizes: Counter[float] = Counter()
    for style, number in count.items():
        sizes[round(style.size * 2) / 2] += number
    if not sizes:
        return TextStyle(1.0)
    size = sizes.most_common(1)[0][0]
    bold = sum(number for style, number in count.items() if style.bold) * 2 > count.total()
    fixed = sum(number for style, number in count.items() if style.fixed) * 2 > count.total()
    return TextStyle(size, bold, fixed)


def mark_headings(drafts: list[BlockDraft], body: TextStyle, outline: Outline) -> None:
    """Set the kind and the level of those drafts that are headings."""
    wanted = {page: {_plain(title): level for level, title in entries} for page, entries in outline.items()}
    found: list[BlockDraft] = []
    listed: dict[int, int] = {}
    for index, draft in enumerate(drafts):
        if (
            draft.kind in ("table", "comment", "description")
            or len(draft.lines) > _MOST_LINES
            or len(draft.text) > _LONGEST
        ):
            continue
        level = _listed_level(draft, wanted.get(draft.page, {}))
        if level:
            listed[id(draft)] = level
        if level or (_looks_like_one(draft, body) and not _goes_on(draft, drafts[index + 1 :])):
            draft.kind = "heading"
            found.append(draft)
    _set_levels(found, listed)


def _plain(title: str) -> str:
    """A title in the form for comparison: without its number, only lower-case letters and digits."""
    return re.sub(r"\W+", "", _NUMBER.sub("", title.strip(), count=1)).lower()


def _listed_level(draft: BlockDraft, wanted: Mapping[str, int]) -> int:
    return wanted.get(_plain(draft.text), 0) if wanted else 0


def _looks_like_one(draft: BlockDraft, body: TextStyle) -> bool:
    text = draft.text
    letters = [character for character in text if character.isalpha()]
    if len(letters) < 2 or (draft.lines[0].cells and not _NUMBER.match(text)):
        return False
    style = draft.lines[0].style
    number = _NUMBER.match(text)
    if draft.kind == "list" and not (number and len(draft.lines) == 1):
        return False
    if text[0].islower() or text[-1] in ",;" or (text[-1] == "." and not number):
        return False
    if style.size >= LARGER * body.size:
        return True
    if style.size < 0.95 * body.size:
        return False
    if style.bold and not body.bold:
        return len(draft.lines) <= 2 and not text.endswith(".")
    capitals = all(character.isupper() for character in letters) and len(letters) >= 4
    return draft.alone and capitals and len(draft.lines) == 1 and len(text) <= 80


def _goes_on(draft: BlockDraft, after: Sequence[BlockDraft]) -> bool:
    """Whether the sentence continues below, so that this is text in large or bold type, not a heading."""
    following = after[0] if after else None
    return (
        following is not None
        and following.kind == "text"
        and following.page == draft.page
        and following.text[0].islower()
        and draft.is_full
    )


def _depth(draft: BlockDraft) -> int:
    """How many numbers are before a heading, such as 2 for 3.1."""
    number = _NUMBER.match(draft.text)
    return number[1].count(".") + 1 if number else 0


def _look(draft: BlockDraft) -> tuple[float, bool]:
    style = draft.lines[0].style
    return -round(style.size * 2) / 2, not style.bold


def _set_levels(found: list[BlockDraft], listed: Mapping[int, int]) -> None:
    """Set the levels: by the outline, or by numbers if it is empty; else like headings of that look; else by look."""
    looks = sorted({_look(draft) for draft in found})
    rank = {look: number for number, look in enumerate(looks, start=1)}
    numbered = [draft for draft in found if _depth(draft)]
    top = min((rank[_look(draft)] for draft in numbered if _depth(draft) == 1), default=1)
    known: dict[tuple[float, bool], list[int]] = defaultdict(list)
    for draft in found:
        depth = _depth(draft)
        draft.level = listed.get(id(draft)) or (top + depth - 1 if depth and not listed else 0)
        if draft.level:
            known[_look(draft)].append(draft.level)
    deepest = max((draft.level for draft in found), default=0)
    for draft in found:
        if not draft.level:
            same = known.get(_look(draft))
            draft.level = mode(same) if same else (deepest + rank[_look(draft)] if listed else rank[_look(draft)])
