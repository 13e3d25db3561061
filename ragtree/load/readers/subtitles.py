"""Subtitles: what is said, without the times. A cue is a line; a pause ends a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...settings import LoadSettings
from ..base import Loaded
from .outline import Outline, one_line, text_lines
from .plain_text import decode

_TIMES = re.compile(r"\s*(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->\s*(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{1,3}).*")
_TAG = re.compile(r"</?[a-zA-Z][^>\n]{0,200}>|\{\\[^}]{0,200}\}|<\d[\d:.]*>")
_PAUSE = 4.0
"""Seconds of silence that end a paragraph."""

_LONGEST = 600
"""Characters after which the end of a sentence also ends the paragraph."""


class _Cue(NamedTuple):
    line: int
    begins: float
    ends: float
    text: str


class SubtitleLoader:
    """`.srt` and `.vtt`; a passage is located by the line of its cue. Text without any cue is read as text."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = decode(data, source)
        cues = list(_cues([line for _, line in text_lines(text)]))
        if not cues:
            return Loaded(text, lines=True)
        outline = Outline()
        paragraph: list[_Cue] = []
        for cue in cues:
            if paragraph and _is_new(paragraph, cue):
                _add(outline, paragraph)
                paragraph = []
            if not paragraph or paragraph[-1].text != cue.text:  # scrolling captions repeat their lines
                paragraph.append(cue)
        _add(outline, paragraph)
        return outline.loaded()


def _cues(lines: list[str]) -> Iterator[_Cue]:
    at = 0
    while at < len(lines):
        times = _TIMES.fullmatch(lines[at])
        at += 1
        if times is None:
            continue
        first = at
        said = []
        while at < len(lines) and lines[at].strip() and not _TIMES.fullmatch(lines[at]):
            said.append(_TAG.sub("", lines[at]))
            at += 1
        text = one_line(" ".join(said))
        if text:
            numbers = [int(number or 0) for number in times.groups()]
            yield _Cue(first + 1, _seconds(numbers[:4]), _seconds(numbers[4:]), text)


def _seconds(numbers: list[int]) -> float:
    hours, minutes, seconds, thousandths = numbers
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _is_new(paragraph: list[_Cue], cue: _Cue) -> bool:
    if cue.begins - paragraph[-1].ends > _PAUSE:
        return True
    return sum(len(said.text) for said in paragraph) > _LONGEST and paragraph[-1].text.endswith((".", "!", "?", "…"))


def _add(outline: Outline, paragraph: list[_Cue]) -> None:
    """Add a paragraph with each cue on a line of its own, so that each keeps its location."""
    for cue in paragraph:
        outline.add(cue.text, line=cue.line, tight=True)
    outline.end()
