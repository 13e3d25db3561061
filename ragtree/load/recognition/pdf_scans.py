"""Pages of a PDF that are pictures: rendered, recognized, and laid out like others."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..held import UNREAD_LINES, Told
from ..layout.lines import make_regions
from ..layout.nouns import Region
from .base import NotRecognizedError, Pixels, Recognizer
from .placing import placed_on_page

_DPI = 200
"""As good as 300 on clean print, and a page takes less memory."""
_MOST_PIXELS = 16_000_000


def recognized_page(page: Any, number: int, recognizer: Recognizer, told: Told) -> list[Region]:
    """The text of a page as it is shown; `told` gets to know why there is none. `page` is pypdfium2's."""
    width, height = page.get_size()
    try:
        recognizer.check()
        found = recognizer.recognize(_rendered(page, width, height))
    except NotRecognizedError as error:
        told.add(error.why, str(number))
        return []
    if found.unread:
        told.add(UNREAD_LINES, f"page {number}", found.unread)
    if not found.lines:
        return []
    frame, words = placed_on_page(found, width, height)
    return make_regions(frame, words, [])


def _rendered(page: Any, width: float, height: float) -> Pixels:
    scale = min(_DPI / 72, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    bitmap = page.render(scale=scale, may_draw_forms=True, rev_byteorder=True)
    try:
        pixels = bitmap.to_numpy()
        pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
        return np.array(np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[:, :, :3])
    finally:
        bitmap.close()


def has_pictures(page: Any) -> bool:
    """True for a page with pictures or drawings, which may be text."""
    return next(iter(page.get_objects(max_depth=3)), None) is not None
