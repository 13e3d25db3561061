"""The width of texts on a terminal, and the places where their lines may be broken."""

from __future__ import annotations

import re
from collections.abc import Iterator

_UNIT = re.compile(r"\n|[^\S\n]+|\S+")
_NEVER_FIRST = "，。、！？：；）」』】》〉〕…"
"""Characters that must not begin a line in Chinese and Japanese."""


def width(text: str) -> int:
    """The number of columns of a text; wide characters take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut_exactly(text: str, columns: int) -> str:
    """As much of the beginning of a text as fits."""
    taken = 0
    for number, character in enumerate(text):
        taken += width(character)
        if taken > columns:
            return text[:number]
    return text


def cut(text: str, columns: int, tail: bool = False) -> str:
    """The beginning of a text, or its end, with … for what does not fit."""
    if width(text) <= columns:
        return text
    if tail:
        return "…" + cut_exactly(text[::-1], columns - 1)[::-1]
    return cut_exactly(text, columns - 1) + "…"


def units(text: str) -> Iterator[str]:
    """Yield the units between which a line may be broken: words, spaces, line breaks, and single wide characters."""
    for found in _UNIT.finditer(text):
        word = found.group()
        if word.isascii() or word.isspace():
            yield word
            continue
        unit = ""
        for character in word:
            is_wide = 2 in (width(character), width(unit[-1:]))
            if unit and is_wide and width(character) > 0 and character not in _NEVER_FIRST:
                yield unit
                unit = ""
            unit += character
        yield unit
