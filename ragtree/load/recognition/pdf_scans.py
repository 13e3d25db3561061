"""Pages of a PDF that are pictures: rendered, recognized, and laid out like others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..layout.base import Figure, Region, UnsureWord
from .base import Pixels, Recognizer
from .page_layout import placed_on_page

_DPI = 200
"""As good as 300 on clean print, with less memory per page."""
_MOST_PIXELS = 16_000_000
_LONGEST_PART = 1024
_A_WORD = 5
"""Fewest drawn shapes that may be letters; fewer are rules and frames."""


@dataclass(frozen=True, slots=True)
class RecognizedText:
    """The text of a page in reading order."""

    regions: list[Region] = field(default_factory=list)
    unsure: tuple[UnsureWord, ...] = ()
    unread: int = 0
    """Lines that could not be read."""


def recognized_page(page: Any, recognizer: Recognizer) -> RecognizedText:
    """The recognized text of a page as it is shown. `page` is a pypdfium2 page.

    Raises NotRecognizedError if nothing can be recognized now.
    """
    recognizer.check()
    width, height = page.get_size()
    found = recognizer.recognize(_rendered(page, width, height))
    if not found.lines:
        return RecognizedText(unread=found.unread)
    placed = placed_on_page(found, width, height)
    return RecognizedText(placed.regions(), placed.unsure, found.unread)


def rendered_part(page: Any, figure: Figure) -> Pixels:
    """A figure as it is shown, of at most 1,024 pixels on the longer side. `page` is a pypdfium2 page."""
    width, height = page.get_size()
    box, margin = figure.frame.box(figure.x0, figure.y0, figure.x1, figure.y1), figure.margin
    left, top = max(0.0, box.left - margin), max(0.0, box.top - margin)
    right, bottom = min(width, box.right + margin), min(height, box.bottom + margin)
    scale = min(_DPI / 72, _LONGEST_PART / max(right - left, bottom - top, 1.0))
    return _pixels(page, scale, (left, height - bottom, width - right, top))


def _rendered(page: Any, width: float, height: float) -> Pixels:
    return _pixels(page, min(_DPI / 72, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5), (0, 0, 0, 0))


def _pixels(page: Any, scale: float, crop: tuple[float, float, float, float]) -> Pixels:
    bitmap = page.render(scale=scale, crop=crop, may_draw_forms=True, rev_byteorder=True)
    try:
        pixels = bitmap.to_numpy()
        pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
        return np.array(np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[:, :, :3])
    finally:
        bitmap.close()


def may_be_text(page: Any) -> bool:
    """True for a page with a picture, or with so many drawn shapes that they may be letters."""
    import pypdfium2.raw as pdfium

    drawn = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH], max_depth=3)
    return any(one.type == pdfium.FPDF_PAGEOBJ_IMAGE or count >= _A_WORD for count, one in enumerate(drawn, start=1))
