"""Reads a page from PDFium: characters with their places and styles, and the lines that are drawn.

PDFium is called as rarely as possible: three times per character of upright text, at most five times per run.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..format_contents import NoticeCollector
from ..readers.outline import one_line
from .alternative_texts import alternative_texts
from .annotations import Annotations, read_annotations
from .base import Frame, Glyphs, Line, Page, Region, Ruling, Sheet, TextStyle
from .lines import make_regions
from .page_words import clean, make_words
from .placed_texts import placed_words, target_words
from .rulings import read_rulings
from .runs import Runs

Floats = NDArray[np.float64]

_WHITE = frozenset({9, 10, 11, 12, 13, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000})
_FIRST_IDEOGRAPH = 0x2E80
_FARTHEST = 1e5
"""Points from the origin; no page is that large."""
_MOST_CHARACTERS = 50_000
"""A page with more is not a page of a book, and its layout is not analysed."""
_FEWEST = 40
"""Fewest characters by which a page's fonts can be judged."""
_NOTHING = np.zeros(0)
_NO_GLYPHS = Glyphs([], _NOTHING, _NOTHING, _NOTHING, _NOTHING.astype(int), _NOTHING.astype(int), _NOTHING.astype(bool))


class FrameContent(NamedTuple):
    """What is on a page in one direction."""

    frame: Frame
    glyphs: Glyphs
    styles: list[TextStyle]
    rulings: list[Ruling]


@dataclass(frozen=True, slots=True)
class _PageCharacters:
    codes: list[int]
    boxes: Floats
    """Left, top, right, bottom; y grows upward."""
    run: NDArray[np.int64]
    spaced: NDArray[np.bool_]
    place: list[int]
    """PDFium's index of the character."""


def read_frames(page: Any, textpage: Any) -> list[FrameContent]:
    """The characters of a page by direction, the most common one first. The arguments are pypdfium2's objects."""
    runs = Runs(textpage)
    left, bottom, right, top = page.get_bbox()
    characters = _on_page(_characters(textpage, runs), left, bottom, right, top)
    if not characters.codes:
        return []
    sheet = Sheet(left, bottom, right - left, top - bottom, page.get_rotation() // 90)
    angles = np.array(runs.angles)[characters.run]
    downward = _written_downward(characters, runs)
    angles[downward] = 270
    contents: list[FrameContent] = []
    for angle, _ in Counter(angles.tolist()).most_common():
        chosen = np.flatnonzero(angles == angle)
        frame = Frame(sheet, angle)
        rulings = [] if contents or angle % 90 else read_rulings(page, frame)
        glyphs = _glyphs(characters, chosen, runs, _extents(characters, chosen, runs, frame, downward))
        contents.append(FrameContent(frame, glyphs, runs.styles, rulings))
    return contents


def _characters(textpage: Any, runs: Runs) -> _PageCharacters:
    """All characters except white space, and except those that PDFium adds, which have no run."""
    import pypdfium2.raw as pdfium

    count = textpage.count_chars()
    handle = ctypes.cast(textpage.raw, ctypes.c_void_p).value
    boxes = (pdfium.FS_RECTF * max(count, 1))()
    start, width = ctypes.addressof(boxes), ctypes.sizeof(pdfium.FS_RECTF)
    code_of = _plain(pdfium.FPDFText_GetUnicode, ctypes.c_uint)
    run_of = _plain(pdfium.FPDFText_GetTextObject, ctypes.c_void_p)
    box_of = _plain(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p)
    known: dict[int, int] = {}
    codes, places, numbers, spaces = [], [], [], []
    space = True
    for place in range(count):
        code = code_of(handle, place)
        if code in _WHITE:
            space = True
            continue
        run = run_of(handle, place)
        if run is None:
            continue
        if run not in known:
            known[run] = runs.meet(run, place)
        box_of(handle, place, start + place * width)
        codes.append(code)
        places.append(place)
        numbers.append(known[run])
        spaces.append(space)
        space = False
    found = np.frombuffer(boxes, dtype=np.float32).reshape(-1, 4)[places]
    return _PageCharacters(
        codes, found.astype(np.float64), np.array(numbers, dtype=np.int64), np.array(spaces, dtype=bool), places
    )


def _plain(function: Any, result: Any, *more: Any) -> Callable[..., Any]:
    """A PDFium function of a text page and a character index, to be called with plain numbers as addresses.

    The one of pypdfium2 wraps a pointer at every call, which is slow for the thousands of characters of a page.
    """
    address = ctypes.cast(function, ctypes.c_void_p).value
    return ctypes.CFUNCTYPE(result, ctypes.c_void_p, ctypes.c_int, *more)(address or 0)


def _on_page(characters: _PageCharacters, left: float, bottom: float, right: float, top: float) -> _PageCharacters:
    """The characters without runs that are off the page, as on a sheet cut in two; all if nothing is on the page."""
    boxes = characters.boxes
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    inside = (x >= left - 1) & (x <= right + 1) & (y >= bottom - 1) & (y <= top + 1)
    seen = np.flatnonzero(np.isin(characters.run, characters.run[inside]))
    if not len(seen):
        seen = np.flatnonzero((np.abs(boxes) < _FARTHEST).all(axis=1))
    if len(seen) == len(boxes):
        return characters
    return _PageCharacters(
        [characters.codes[index] for index in seen],
        boxes[seen],
        characters.run[seen],
        characters.spaced[seen],
        [characters.place[index] for index in seen],
    )


def _written_downward(characters: _PageCharacters, runs: Runs) -> NDArray[np.bool_]:
    """Whether each character is in an East Asian column, where each is below the one before it."""
    boxes = characters.boxes
    result = np.zeros(len(boxes), dtype=bool)
    east = np.array(characters.codes) >= _FIRST_IDEOGRAPH
    pairs = east[1:] & east[:-1]
    if not pairs.any():
        return result
    size = runs.sizes()[characters.run][1:]
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    down = boxes[:-1, 1] - boxes[1:, 1]
    below = pairs & (np.abs(np.diff(middle)) < 0.2 * size) & (down > 0.5 * size) & (down < 2 * size)
    if below.sum() > 0.5 * pairs.sum():
        result[1:] |= below
        result[:-1] |= below
    return result


def _extents(
    characters: _PageCharacters, chosen: NDArray[np.int64], runs: Runs, frame: Frame, downward: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats]:
    """Left end, right end and baseline of the chosen characters, in the frame."""
    boxes, run = characters.boxes[chosen], characters.run[chosen]
    if frame.angle == 0:
        return boxes[:, 0], boxes[:, 2], -runs.origins()[run, 1]
    if downward[chosen].all():
        return -boxes[:, 1], -boxes[:, 3], -boxes[:, 0]
    # PDFium's boxes of turned text are unusable: the advance is measured from one origin to the next
    origins = np.array([runs.origin(characters.place[index]) for index in chosen])
    left, base = frame.inside(origins[:, 0], origins[:, 1])
    size = runs.sizes()[run]
    right = left + 0.5 * size
    advance = np.diff(left)
    near = (np.diff(run) == 0) & (advance > 0) & (advance < 1.2 * size[:-1]) & ~characters.spaced[chosen][1:]
    right[:-1][near] = left[1:][near]
    return left, right, base


def _glyphs(
    characters: _PageCharacters, chosen: NDArray[np.int64], runs: Runs, extents: tuple[Floats, Floats, Floats]
) -> Glyphs:
    left, right, base = extents
    run = characters.run[chosen]
    style = np.array(runs.style_numbers)[run]
    return Glyphs(
        [characters.codes[index] for index in chosen], left, right, base, run, style, characters.spaced[chosen]
    )


def read_page(pdf: Any, index: int, told: NoticeCollector) -> Page:
    """Read a page of a pypdfium2 document. Raises PdfiumError if it is broken."""
    page = pdf[index]
    try:
        textpage = page.get_textpage()
        try:
            found = read_annotations(pdf, page, textpage, told)
            return _page(page, textpage, index + 1, found, told)
        finally:
            textpage.close()
    finally:
        page.close()


def _page(page: Any, textpage: Any, number: int, found: Annotations, told: NoticeCollector) -> Page:
    frame = _upright(page)
    unmapped = 0.0
    remarks = [*found.comments, *(f"Picture: {text}" for text in alternative_texts(page, told))]
    if textpage.count_chars() > _MOST_CHARACTERS:
        regions = _without_layout(page, textpage)
        remarks = [*(one.text for one in found.placed), *remarks]
    else:
        regions = []
        contents = read_frames(page, textpage) or [FrameContent(frame, _NO_GLYPHS, [], [])]
        unmapped = _unmapped([code for content in contents for code in content.glyphs.codes])
        for place, content in enumerate(contents):
            words = make_words(content.glyphs, content.styles) if content.glyphs.codes else []
            if place == 0:  # forms are filled in, and links lie, in the direction of the page's text
                targets, bare = target_words(found.links, words, content.frame)
                words += targets
                remarks += (f"Link: {target}" for target in bare)
                words += placed_words(found.placed, words, content.frame)
            regions += make_regions(content.frame, words, content.rulings)
    height = page.get_height()
    return Page(number, height, regions, _remarks(remarks, frame), found.fields, unmapped, upright=frame)


def _unmapped(codes: list[int]) -> float:
    """The share of control characters, private-use ones and replacement characters; 0 if there are too few to judge.

    U+F000 to U+F0FF do not count: they are bullets and the like in symbol fonts.
    """
    if len(codes) < _FEWEST:
        return 0.0
    private = (code < 0x20 or 0xE000 <= code < 0xF000 or 0xF100 <= code <= 0xF8FF or code == 0xFFFD for code in codes)
    return sum(private) / len(codes)


def _upright(page: Any) -> Frame:
    """The frame of text that is upright on the page as it is shown."""
    left, bottom, right, top = page.get_bbox()
    turned = page.get_rotation() // 90
    return Frame(Sheet(left, bottom, right - left, top - bottom, turned), 90 * turned % 360)


def _remarks(texts: list[str], frame: Frame) -> Region | None:
    """The remarks about a page, as lines at its foot; None if there are none."""
    sheet = frame.sheet
    x, y = frame.inside(np.array([sheet.left, sheet.left + sheet.width]), np.array([sheet.bottom, sheet.bottom]))
    x0, x1 = sorted(x.tolist())
    lines = [Line(one_line(text), x0, x1, float(y.max()), TextStyle(1.0), x1) for text in texts]
    return Region(frame, lines) if lines else None


def _without_layout(page: Any, textpage: Any) -> list[Region]:
    """The text in PDFium's order, for pages with too many characters to analyse."""
    left, bottom, right, top = page.get_bbox()
    frame = Frame(Sheet(left, bottom, right - left, top - bottom, page.get_rotation() // 90))
    text = textpage.get_text_bounded()
    style = TextStyle(1.0)
    lines = [clean(line.replace("\t", " ")).strip() for line in text.splitlines()]
    placed = [Line(line, left, right, y - top, style, right) for y, line in enumerate(lines) if line]
    return [Region(frame, placed)] if placed else []
