"""Removes running heads, running feet and page numbers: lines at the same place on page after page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from .base import Line, Page, Region

_EDGE = 0.15
"""Heads and feet are in this share of the page's height, from the top and from the bottom."""
_OUTERMOST = 3
"""And among this many outermost lines there."""
_SAME_PLACE = 9.0
"""Points by which the place may differ."""
_FEWEST_PAGES = 3
_LONGEST = 150

_DIGITS = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]+", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:(?:page|seite|p(?:ag|ág)?\.?|página|pagina|стр\.?)\s*)?[\W_]*#(?:\s*(?:of|von|de|di|из|/|\||-)\s*#)?[\W_]*",
    re.IGNORECASE,
)


class _Candidate(NamedTuple):
    page: int
    place: float
    line: Line
    numbers: str


def without_furniture(pages: list[Page]) -> list[Page]:
    """The pages without heads, feet and page numbers. One that is the same on all pages is kept on the first page."""
    groups: dict[tuple[str, str], list[_Candidate]] = defaultdict(list)
    for page in pages:
        for side, place, line in _outermost(page):
            groups[side, _pattern(line.text)].append(
                _Candidate(page.number, place, line, " ".join(_DIGITS.findall(line.text)))
            )
    dropped: set[int] = set()
    first = min((page.number for page in pages), default=0)
    for (_, pattern), candidates in groups.items():
        together = _at_one_place(candidates)
        counting = bool(_PAGE_NUMBER.fullmatch(pattern)) and len({candidate.numbers for candidate in together}) > 1
        if len({candidate.page for candidate in together}) < (2 if counting else _FEWEST_PAGES):
            continue
        named = len({candidate.numbers for candidate in together}) == 1
        dropped.update(id(candidate.line) for candidate in together if not (named and candidate.page == first))
    return [page._replace(regions=_without(page.regions, dropped)) for page in pages]


def _outermost(page: Page) -> Iterable[tuple[str, float, Line]]:
    """Yield the lines near the top and bottom edge, and all that are askew: the side, the place in points, the line."""
    if not page.regions:
        return
    main = page.regions[0].frame
    placed = []
    for frame, lines in page.regions:
        for line in lines:
            if line.is_table or len(line.text) > _LONGEST:
                continue
            box = frame.box(line.x0, line.top, line.x1, line.bottom)
            if frame != main:
                yield "askew", float(box.left), line
            else:
                placed.append(((box.top + box.bottom) / 2, line))
    placed.sort(key=lambda found: found[0])
    for side, ordered in (("above", placed), ("below", placed[::-1])):
        levels: list[float] = []
        for place, line in ordered:
            from_edge = place if side == "above" else page.height - place
            if from_edge > _EDGE * page.height:
                break
            if not levels or abs(place - levels[-1]) > 0.5 * line.style.size:
                levels.append(place)
            if len(levels) > _OUTERMOST:
                break
            yield side, place, line


def _pattern(text: str) -> str:
    """The text with every number replaced by the same sign."""
    if _ROMAN.fullmatch(text):
        return "#"
    return " ".join(_DIGITS.sub("#", text).lower().split())


def _at_one_place(candidates: list[_Candidate]) -> list[_Candidate]:
    """The candidates at the most common place."""
    ordered = sorted(candidates, key=lambda candidate: candidate.place)
    best: list[_Candidate] = []
    first = 0
    for last, candidate in enumerate(ordered):
        while candidate.place - ordered[first].place > _SAME_PLACE:
            first += 1
        if last - first + 1 > len(best):
            best = ordered[first : last + 1]
    return best


def _without(regions: list[Region], dropped: set[int]) -> list[Region]:
    kept = [Region(frame, [line for line in lines if id(line) not in dropped]) for frame, lines in regions]
    return [region for region in kept if region.lines]
