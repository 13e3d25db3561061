"""Reads the lines that are drawn on a page: borders of cells, rules above and below tables."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from .base import Frame, Ruling

_MOST_OBJECTS = 4000
"""A page with more drawings is a map or a plot, and is not searched for tables."""
_MOST_SEGMENTS = 400
_SHORTEST = 4.0
_STRAIGHT = 1.0
"""Most points by which a line may lean."""
_DEEPEST = 4


def read_rulings(page: Any, frame: Frame) -> list[Ruling]:
    """Vertical and horizontal lines of a page, in the frame's coordinates; none if there are too many."""
    identity = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    edges: list[tuple[float, float, float, float]] = []
    for drawn, matrix in _paths(page.raw, identity, 0):
        edges.extend(_edges(drawn, matrix))
        if len(edges) > _MOST_OBJECTS:
            return []
    if not edges:
        return []
    ends = np.array(edges)
    x0, y0 = frame.inside(ends[:, 0], ends[:, 1])
    x1, y1 = frame.inside(ends[:, 2], ends[:, 3])
    lines = zip(x0.tolist(), y0.tolist(), x1.tolist(), y1.tolist(), strict=True)
    return [Ruling(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in lines]


def _paths(holder: Any, matrix: Any, depth: int) -> Iterator[tuple[Any, Any]]:
    """Path objects, also those in nested forms, with the matrix that maps their points to the page."""
    import pypdfium2.raw as pdfium

    count, get = pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject
    if depth:
        count, get = pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject
    for index in range(min(count(holder), 20 * _MOST_OBJECTS)):
        drawn = get(holder, index)
        kind = pdfium.FPDFPageObj_GetType(drawn)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            yield drawn, combined(drawn, matrix)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            yield from _paths(drawn, combined(drawn, matrix), depth + 1)


def combined(drawn: Any, outer: Any) -> Any:
    """The object's own matrix combined with that of its container, shape (3, 2)."""
    import pypdfium2.raw as pdfium

    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(drawn, own)
    inner = np.array([[own.a, own.b], [own.c, own.d], [own.e, own.f]])
    result = inner @ outer[:2]
    result[2] += outer[2]
    return result


def _edges(drawn: Any, matrix: Any) -> list[tuple[float, float, float, float]]:
    """The horizontal and vertical pieces of a path that is stroked or filled."""
    import pypdfium2.raw as pdfium

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(drawn, fill, stroke)
    count = pdfium.FPDFPath_CountSegments(drawn)
    if not (fill.value or stroke.value) or not 2 <= count <= _MOST_SEGMENTS:
        return []
    points = _points(drawn, count)
    edges = []
    for before, after in pairwise(points):
        if after is None or before is None:
            continue
        (x0, y0), (x1, y1) = (np.array(before) @ matrix[:2] + matrix[2]), (np.array(after) @ matrix[:2] + matrix[2])
        across, along = sorted((abs(x1 - x0), abs(y1 - y0)))
        if across <= _STRAIGHT and along >= _SHORTEST:
            edges.append((float(x0), float(y0), float(x1), float(y1)))
    return edges


def _points(drawn: Any, count: int) -> list[tuple[float, float] | None]:
    """The points of a path; None between two that no straight line joins."""
    import pypdfium2.raw as pdfium

    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[tuple[float, float] | None] = []
    start = (0.0, 0.0)
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(drawn, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        here = (x.value, y.value)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = here
        if kind != pdfium.FPDF_SEGMENT_LINETO:
            points.append(None)
        points.append(here)
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append(start)
    return points
