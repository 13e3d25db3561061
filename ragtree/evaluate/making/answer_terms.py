"""Finds what a question can ask for: the numbers, names and rare words of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...types import Span
from .prepared_folder import PreparedFolder
from .script_words import NUMBER, ScriptWord, has_capital, is_number, words_of

_TOKEN = rf"{NUMBER}(?:[^\W\d_]{{1,2}}\b\.?)?"
_NUMBERS = re.compile(rf"{_TOKEN}(?:,?\s+(?:[^\W\d_]+\.?,?\s+)?{_TOKEN})*")
"""Numbers that belong together, with at most one word between two of them: "£2 8s.", "15 November 1922"."""
_BETWEEN_NAMES = re.compile(r"\.?\s+")
_MOST_NAMES = 4
_SHORTEST_WORD = 5
_RAREST = 3


def number_runs(text: str) -> Iterator[Span]:
    """Yield numbers, dates and sums. One at the beginning of the sentence may number a paragraph, and is left out."""
    for match in _NUMBERS.finditer(text):
        if match.start():
            sentence_ends = match.end() == len(text) and text.endswith(".")
            yield Span(match.start(), match.end() - sentence_ends)


def name_runs(text: str, folder: PreparedFolder) -> Iterator[Span]:
    """Yield names of one to four words. The first word of a sentence always has a capital, but counts if it is one of
    the folder's names."""
    run: list[ScriptWord] = []
    for word in words_of(text):
        if not has_capital(text, word) or word.key not in folder.names:
            continue
        if run and (len(run) == _MOST_NAMES or not _BETWEEN_NAMES.fullmatch(text, run[-1].end, word.start)):
            yield _span(text, run)
            run = []
        run.append(word)
    if run:
        yield _span(text, run)


def _span(text: str, run: Sequence[ScriptWord]) -> Span:
    start, end = run[0].start, run[-1].end
    return Span(start, end - 2 * text[start:end].endswith(("'s", "’s")))


def rare_words(words: Sequence[ScriptWord], folder: PreparedFolder) -> Iterator[Span]:
    """Yield the words of the sentence that the fewest chunks contain, without its numbers and names."""
    plain = [
        word
        for word in words
        if word.key not in folder.names and not is_number(word.key) and word.end - word.start >= _SHORTEST_WORD
    ]
    for word in sorted(plain, key=lambda word: (-folder.weight(word.key), word.start))[:_RAREST]:
        yield Span(word.start, word.end)
