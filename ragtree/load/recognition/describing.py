"""Prepares pictures for a model that describes them."""

from __future__ import annotations

import io

import numpy as np

from ...settings import LoadSettings
from .base import Describer, NothingDescribed, Pixels, key_of
from .choosing import describes
from .page_cache import PictureDescriber

_LEAST_SIDE = 100
"""Pixels of the shorter side below which a picture is an icon or a line."""
_LEAST_CONTRAST = 4.0
"""Standard deviation of brightness, of 255, below which a picture is an empty area."""
_LONGEST = 1024
"""Most pixels of the longer side that are sent: servers scale larger pictures down, or charge for them."""
_QUALITY = 90


def describer_for(limits: LoadSettings, figures: PictureDescriber | None) -> Describer:
    """What describes pictures under these settings."""
    return _Describer(figures) if figures is not None and describes(limits) else NothingDescribed()


class _Describer:
    """Sends pictures on, as JPEG. Small and empty ones are left out."""

    wanted = True

    def __init__(self, figures: PictureDescriber) -> None:
        self._figures = figures

    def describe(self, pixels: Pixels) -> str:
        if min(pixels.shape[:2]) < _LEAST_SIDE or float(np.std(pixels[::4, ::4].mean(axis=2))) < _LEAST_CONTRAST:
            return ""
        return self._figures.describe(key_of(pixels, "figure"), _jpeg(pixels))


def _jpeg(pixels: Pixels) -> bytes:
    from PIL import Image

    picture = Image.fromarray(pixels)
    picture.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()
