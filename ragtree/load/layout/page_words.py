"""Characters with places -> words: cut at wide gaps, cleaned, and without those that are drawn twice."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from .base import Glyphs, PageWord, TextStyle

_GAP = 0.2
"""A gap wider than this share of the size separates two words; TeX's narrowest space is .22."""
_STEP = 0.25
"""A word ends where the baseline moves by more than this share of the size."""
_SAME = 0.12
"""The same character within this share of the size is one that is drawn twice."""

_JUNK = re.compile(
    "[\x00-\x1f\x7f-\x9f\ufeff\ufff0-\uffff\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\U000f0000-\U0010ffff]"
)
_LIGATURES = re.compile("[\ufb00-\ufb4f\ufb50-\ufdfb\ufe70-\ufefc]+")
_SYMBOLS = str.maketrans({"\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "•", "\uf076": "•", "\uf0fc": "✓", "\uf02d": "-"})
"""Bullets of symbol fonts."""
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_ACCENTS = {
    "´": "\u0301", "`": "\u0300", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "˚": "\u030a",
    "¸": "\u0327", "¯": "\u0304", "˘": "\u0306", "˙": "\u0307", "˝": "\u030b", "˛": "\u0328",
}  # fmt: skip
"""Spacing accents, which old TeX fonts draw above the next letter, and the accents that they stand for."""
_HYPHEN_AT_END = "\x02"
"""PDFium's sign for a hyphen at a line's end."""


def clean(text: str) -> str:
    """The text without control and private-use characters, with ligatures as letters."""
    if text.isascii() and text.isprintable():
        return text
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = text.replace(_HYPHEN_AT_END, "-").replace("\ufffe", "-").translate(_SYMBOLS)
    text = _PRIVATE.sub("", _JUNK.sub("", text))
    return unicodedata.normalize("NFC", _LIGATURES.sub(lambda found: _letters(found[0]), text))


def _letters(ligature: str) -> str:
    """The letters of a ligature or an Arabic presentation form, without the space that a lone vowel sign brings."""
    return unicodedata.normalize("NFKC", ligature).replace(" ", "")


def make_words(glyphs: Glyphs, styles: list[TextStyle]) -> list[PageWord]:
    """Words in the order of the file."""
    sizes = np.array([style.size for style in styles])
    glyphs = _once(glyphs, sizes)
    count = len(glyphs.codes)
    starts = [0, *(np.flatnonzero(_breaks(glyphs, sizes)) + 1).tolist(), count]
    text = "".join(map(chr, glyphs.codes))
    bounds = np.array(starts[:-1])
    left = np.minimum.reduceat(glyphs.left, bounds).tolist()
    right = np.maximum.reduceat(glyphs.right, bounds).tolist()
    base, style, spaced = (column[bounds].tolist() for column in (glyphs.base, glyphs.style, glyphs.spaced))
    accents = not _ACCENTS.keys().isdisjoint(text)
    words = []
    for index, start in enumerate(starts[:-1]):
        part = slice(start, starts[index + 1])
        piece = text[part]
        if accents and not _ACCENTS.keys().isdisjoint(piece):
            piece = _with_accents(piece, glyphs.left[part], glyphs.right[part])
        word = clean(_in_reading_order(piece, glyphs.left[part]))
        if word:
            words.append(PageWord(word, left[index], right[index], base[index], styles[style[index]], spaced[index]))
    return words


def _once(glyphs: Glyphs, sizes: NDArray[np.float64]) -> Glyphs:
    """The characters without those that another run draws at the same place: shadows, and bold type drawn twice."""
    codes = np.array(glyphs.codes)
    size = sizes[glyphs.style]
    doubled = np.zeros(len(codes), dtype=bool)
    for shift in (0.0, 0.5):  # a pair on two sides of a band's border lies in one band of the other grid
        band = np.floor(glyphs.base / size + shift)
        order = np.lexsort((np.arange(len(codes)), glyphs.left, band, codes))
        first, second = order[:-1], order[1:]
        same = (codes[first] == codes[second]) & (glyphs.run[first] != glyphs.run[second])
        same &= np.abs(glyphs.left[first] - glyphs.left[second]) < _SAME * size[first]
        same &= np.abs(glyphs.base[first] - glyphs.base[second]) < _SAME * size[first]
        doubled[np.maximum(first, second)[same]] = True
    if not doubled.any():
        return glyphs
    keep = np.flatnonzero(~doubled)
    return Glyphs(
        codes=[glyphs.codes[index] for index in keep],
        left=glyphs.left[keep],
        right=glyphs.right[keep],
        base=glyphs.base[keep],
        run=glyphs.run[keep],
        style=glyphs.style[keep],
        spaced=glyphs.spaced[keep],
    )


def _breaks(glyphs: Glyphs, sizes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a word ends after each character but the last."""
    size = np.maximum(sizes[glyphs.style][1:], sizes[glyphs.style][:-1])
    apart = np.maximum(glyphs.left[1:] - glyphs.right[:-1], glyphs.left[:-1] - glyphs.right[1:])
    moved = np.abs(np.diff(glyphs.base))
    result: NDArray[np.bool_] = glyphs.spaced[1:] | (apart > _GAP * size) | (moved > _STEP * size)
    return result


def _in_reading_order(text: str, left: NDArray[np.float64]) -> str:
    """The text, where right-to-left letters that the file has from left to right are reversed."""
    if len(text) < 2 or text.isascii():
        return text
    pieces: list[str] = []
    start = 0
    for turned, group in groupby(text, key=_right_to_left):
        piece = "".join(group)
        steps = np.diff(left[start : start + len(piece)])
        start += len(piece)
        pieces.append(piece[::-1] if turned and (steps > 0).sum() > (steps < 0).sum() else piece)
    return "".join(pieces)


def _right_to_left(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL", "NSM")


def _with_accents(text: str, left: NDArray[np.float64], right: NDArray[np.float64]) -> str:
    """The text, where an accent and the letter that it is drawn over become one letter, whichever comes first."""
    letters = list(text)
    for index, character in enumerate(text):
        accent = _ACCENTS.get(character)
        if accent is None:
            continue
        middle = (left[index] + right[index]) / 2
        for other in (index + 1, index - 1):
            if 0 <= other < len(text) and text[other].isalpha() and left[other] - 0.5 <= middle <= right[other] + 0.5:
                base = {"ı": "i", "ȷ": "j"}.get(text[other], text[other])
                letters[other], letters[index] = unicodedata.normalize("NFC", base + accent), ""
                break
    return "".join(letters)
