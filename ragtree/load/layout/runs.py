"""Runs of characters: PDFium's text objects, each with one font, one size and one direction."""

from __future__ import annotations

import ctypes
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .base import TextStyle

_BOLD = ("bold", "black", "heavy", "semibold", "demi", "cmbx", "sfbx", "-medi")
_FIXED = ("courier", "mono", "consol", "cmtt", "typewriter")
_FIXED_PITCH, _FORCE_BOLD = 1 << 0, 1 << 18
_LEAN = 2


class Runs:
    """The runs of a page, numbered as they are met."""

    def __init__(self, textpage: Any) -> None:
        self._textpage = textpage
        self._fonts: dict[int, tuple[bool, bool]] = {}
        self._style_numbers: dict[TextStyle, int] = {}
        self._origins: list[tuple[float, float]] = []
        self.angles: list[int] = []
        """The rotation of each run, in whole degrees counterclockwise."""
        self.style_numbers: list[int] = []
        """The index of each run's style in `styles`."""

    @property
    def styles(self) -> list[TextStyle]:
        """All styles of the page."""
        return list(self._style_numbers)

    def sizes(self) -> NDArray[np.float64]:
        """The size of every run, in points."""
        styles = self.styles
        return np.array([styles[number].size for number in self.style_numbers])

    def origins(self) -> NDArray[np.float64]:
        """The origin of the first character of every run, in the file's coordinates: shape (runs, 2)."""
        return np.array(self._origins)

    def origin(self, place: int) -> tuple[float, float]:
        """The origin of a character, in the file's coordinates."""
        import pypdfium2.raw as pdfium

        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(self._textpage, place, x, y)
        return x.value, y.value

    def meet(self, address: int, place: int) -> int:
        """Add the run that PDFium has at `address`, whose first character is `place`, and return its number."""
        self._measure(address, place)
        return len(self.angles) - 1

    def _measure(self, address: int, place: int) -> None:
        import pypdfium2.raw as pdfium

        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFText_GetMatrix(self._textpage, place, matrix)
        size = pdfium.FPDFText_GetFontSize(self._textpage, place) * math.hypot(matrix.c, matrix.d)
        bold, fixed = self._font(address, place)
        style = TextStyle(round(abs(size), 1) or 1.0, bold, fixed)
        self._origins.append(self.origin(place))
        self.angles.append(_angle(matrix))
        self.style_numbers.append(self._style_numbers.setdefault(style, len(self._style_numbers)))

    def _font(self, address: int, place: int) -> tuple[bool, bool]:
        """Whether the run is bold, and whether its font has a fixed width."""
        import pypdfium2.raw as pdfium

        font = pdfium.FPDFTextObj_GetFont(ctypes.cast(address, pdfium.FPDF_PAGEOBJECT))
        key = ctypes.cast(font, ctypes.c_void_p).value or 0
        if key not in self._fonts:
            name = ctypes.create_string_buffer(200)
            flags = ctypes.c_int()
            pdfium.FPDFText_GetFontInfo(self._textpage, place, name, len(name), flags)
            said = name.value.decode("utf-8", "replace").lower()
            bold = any(word in said for word in _BOLD) or bool(flags.value & _FORCE_BOLD)
            fixed = any(word in said for word in _FIXED) or bool(flags.value & _FIXED_PITCH)
            self._fonts[key] = bold, fixed
        return self._fonts[key]


def _angle(matrix: Any) -> int:
    """The rotation in whole degrees counterclockwise; the slight lean of a crooked scan counts as none."""
    angle = round(math.degrees(math.atan2(matrix.b, matrix.a))) % 360
    nearest = round(angle / 90) * 90
    return (nearest if abs(angle - nearest) <= _LEAN else angle) % 360
