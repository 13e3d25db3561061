"""Finds the figures of a PDF's page, and places their descriptions among the blocks of the page."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .base import Figure, Line, Page, Region, TextStyle
from .paragraphs import BlockDraft
from .rulings import combined

_CAPTION = re.compile(
    r"(?:fig(?:ure|\.|ura)?|abb(?:ildung|\.)?|bild|graphique|gráfico|grafik|chart|diagram(?:m)?|plate|scheme|exhibit|map"
    r"|рис(?:унок|\.)?|图|圖|図|그림)\s*\d",
    re.IGNORECASE,
)
_NEAR = 40.0
"""Most points between a figure and its caption."""
_GAP = 6.0
"""Drawings within so many points of each other are one figure."""
_SMALLEST = 50.0
"""Points of a figure's shorter side; smaller drawings are icons and signs."""
_LARGEST = 0.9
"""Share of the page from which on a drawing is its background, or a scan."""
_MARGIN = 20.0
"""Points around a drawing that are shown with it."""
_FEWEST_PATHS = 8
"""Fewest drawn shapes of a figure without a picture in it; fewer are frames and rules."""
_MOST_OBJECTS = 40_000
_MOST_BOXES = 3000
"""Most objects that are read of a page, and most boxes that are compared with each other."""
_ROUNDED = 2.0
"""Points to which boxes are rounded: the thousands of dots of a chart become a few hundred boxes."""
_MOST_TEXT = 400
"""Characters of the page's text on a picture from which on the picture is their background."""
_DEEPEST = 4


class _Drawn(NamedTuple):
    """The objects that are drawn on a page."""

    boxes: NDArray[np.float64]
    """Left, bottom, right, top on the page, shape (n, 4)."""
    is_picture: NDArray[np.bool_]


def find_figures(page: Any, read: Page) -> list[Figure]:
    """The figures of a pypdfium2 page, from top to bottom, without a description.

    Pictures are figures. Drawings (charts, plans) are figures if a caption is near.
    """
    frame = read.upright
    if frame is None:
        return []
    left, bottom, right, top = page.get_bbox()
    whole = max(1.0, (right - left) * (top - bottom))
    drawn = _drawn(page, whole)
    found = []
    for members in _groups(drawn.boxes):
        boxes = drawn.boxes[members]
        x0, y0 = np.maximum(boxes[:, :2].min(axis=0), (left, bottom))
        x1, y1 = np.minimum(boxes[:, 2:].max(axis=0), (right, top))
        if min(x1 - x0, y1 - y0) < _SMALLEST or (read.regions and (x1 - x0) * (y1 - y0) > _LARGEST * whole):
            continue
        x, y = frame.inside(np.array([x0, x1]), np.array([y0, y1]))
        figure = Figure(frame, float(x.min()), float(y.min()), float(x.max()), float(y.max()))
        has_picture = bool(drawn.is_picture[members].any())
        if _is_figure(figure, has_picture, len(members), read.regions):
            found.append(figure if has_picture else figure._replace(margin=_MARGIN))
    return sorted(found, key=lambda figure: (figure.y0, figure.x0))


def _is_figure(figure: Figure, has_picture: bool, paths: int, regions: Sequence[Region]) -> bool:
    lines = [line for region in regions if region.frame == figure.frame for line in region.lines]
    on_it = [line for line in lines if _covers(figure, line)]
    if any(line.is_table for line in on_it) or sum(len(line.text) for line in on_it) > _MOST_TEXT:
        return False
    return has_picture or (paths >= _FEWEST_PATHS and any(_is_caption(figure, line) for line in lines))


def _covers(figure: Figure, line: Line) -> bool:
    x, y = (line.x0 + line.x1) / 2, (line.top + line.bottom) / 2
    return figure.x0 <= x <= figure.x1 and figure.y0 <= y <= figure.y1


def _is_caption(figure: Figure, line: Line) -> bool:
    if line.is_table or not _CAPTION.match(line.text) or min(figure.x1, line.x1) <= max(figure.x0, line.x0):
        return False
    return -_GAP <= line.top - figure.y1 <= _NEAR or -_GAP <= figure.y0 - line.bottom <= _NEAR


def with_figures(drafts: Sequence[BlockDraft], page: Page) -> list[BlockDraft]:
    """The blocks of a page with the descriptions of its figures: each after its caption, or after what is above it."""
    placed = list(drafts)
    for figure in page.figures:
        at = _place(figure, placed)
        height = figure.y1 - figure.y0
        line = Line(figure.text, figure.x0, figure.x1, figure.y0, TextStyle(1.0), figure.x1, height=height)
        placed.insert(at, BlockDraft("description", page.number, figure.frame, [line], [True]))
    return placed


def _place(figure: Figure, drafts: Sequence[BlockDraft]) -> int:
    """Where in the list of blocks a description is inserted."""
    same = [(at, draft) for at, draft in enumerate(drafts, start=1) if draft.frame == figure.frame]
    captions = [at for at, draft in same if draft.kind != "description" and _is_caption(figure, draft.lines[0])]
    if captions:
        return captions[0]
    middle = (figure.x0 + figure.x1) / 2
    above = [
        at
        for at, draft in same
        if draft.lines[-1].bottom <= figure.y1
        and draft.lines[0].x0 <= middle <= max(line.right for line in draft.lines)
    ]
    return max(above, default=0 if same else len(drafts))


def _drawn(page: Any, whole: float) -> _Drawn:
    """Pictures and shapes, without what is as large as the page. Beyond a limit, the last ones are left out."""
    import pypdfium2.raw as pdfium

    boxes, kinds = [], []
    for kind, box in _objects(page.raw, np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), 0):
        is_picture = kind == pdfium.FPDF_PAGEOBJ_IMAGE
        if not is_picture and (box[2] - box[0]) * (box[3] - box[1]) > _LARGEST * whole:
            continue
        boxes.append(box)
        kinds.append(is_picture)
        if len(boxes) > _MOST_OBJECTS:
            break
    rounded = np.round(np.array(boxes, dtype=np.float64).reshape(-1, 4) / _ROUNDED) * _ROUNDED
    different = np.unique(np.column_stack([rounded, kinds]), axis=0)[:_MOST_BOXES]
    return _Drawn(different[:, :4], different[:, 4] > 0)


def _objects(holder: Any, matrix: NDArray[np.float64], depth: int) -> Iterator[tuple[int, tuple[float, ...]]]:
    """The kind and the box of each picture and shape, also those in nested forms."""
    import pypdfium2.raw as pdfium

    count, get = pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject
    if depth:
        count, get = pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject
    corners = [ctypes.c_float() for _ in range(4)]
    for index in range(min(count(holder), _MOST_OBJECTS)):
        drawn = get(holder, index)
        kind = pdfium.FPDFPageObj_GetType(drawn)
        if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            yield from _objects(drawn, combined(drawn, matrix), depth + 1)
            continue
        if kind not in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH):
            continue
        if pdfium.FPDFPageObj_GetBounds(drawn, *corners):
            x0, y0, x1, y1 = (corner.value for corner in corners)
            ends = np.array([(x, y) for x in (x0, x1) for y in (y0, y1)]) @ matrix[:2] + matrix[2]
            yield kind, (*ends.min(axis=0).tolist(), *ends.max(axis=0).tolist())


def _groups(boxes: NDArray[np.float64]) -> Iterator[NDArray[np.int64]]:
    """The indexes of boxes that touch each other, directly or through others."""
    if not len(boxes):
        return
    from scipy.sparse.csgraph import connected_components

    low, high = boxes[:, None, :2], boxes[None, :, 2:]
    touching = (low <= high + _GAP).all(axis=2)
    _, label = connected_components(touching & touching.T, directed=False)
    for number in range(label.max() + 1):
        yield np.flatnonzero(label == number)
