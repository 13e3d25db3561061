"""Asks as a person who half remembers something would: with a few of its words."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from .prepared_folder import PreparedFolder
from .script_words import ScriptWord, is_number, telling_words

FEWEST = 3
MOST = 6
"""Fewest and most telling words of a question."""
_FEWEST_WORDS = 2
"""Fewest of these that are not numbers: nobody looks for "800 1,500 3,000"."""
_POOL = 2
"""The words are drawn from this many times as many, because nobody remembers just the rarest."""
_LEAST_WEIGHT = 0.5
"""A word with less than this share of the highest weight ("asked", "went") tells too little to be remembered."""
_SMALL_WORDS = re.compile(r"\s+(?:[^\W\d_]+\s+){1,2}")
"""Small words between two remembered words are remembered, too: "the price of hemp"."""
_LONGEST_GAP = 10


def half_remembered(
    words: Sequence[ScriptWord],
    sentences: Collection[int],
    count: int,
    folder: PreparedFolder,
    dice: np.random.Generator,
) -> list[ScriptWord]:
    """About `count` of the words, in order, that single out the sentences; none if `MOST` words cannot.

    They are drawn from the `_POOL * count` best, which are the words that the folder also has elsewhere, the rarest
    first: a word in a single place is seldom what the text is about. If other chunks also contain all the drawn words,
    the rarest of the others are added.
    """
    first = {word.key: word for word in reversed(words)}
    rarest = sorted(first, key=lambda key: (-folder.weight(key), folder.count(key), first[key].start))
    best = sorted(rarest, key=lambda key: not _is_topical(key, folder))  # stable: the rarest first among each
    pool = best[: _POOL * count]
    chosen = [pool[index] for index in dice.permutation(len(pool))[:count].tolist()]
    left = [key for key in rarest if key not in chosen]
    while left and len(chosen) < MOST and not folder.single_out(chosen, sentences):
        chosen.append(left.pop(0))
    words_proper = sum(not is_number(key) for key in chosen)
    if len(chosen) < FEWEST or words_proper < _FEWEST_WORDS or not folder.single_out(chosen, sentences):
        return []
    return sorted((first[key] for key in chosen), key=lambda word: word.start)


def _is_topical(key: str, folder: PreparedFolder) -> bool:
    return folder.count(key) > 1 and folder.weight(key) >= _LEAST_WEIGHT * folder.most_weight


def as_said(text: str, parts: Sequence[tuple[int, int, str]], language: str) -> str:
    """The parts (start, end, words for it) in order, with the small words between two near ones."""
    said: list[str] = []
    last = len(text)
    for start, end, part in sorted(parts):
        gap = text[last:start]
        if len(gap) <= _LONGEST_GAP and _SMALL_WORDS.fullmatch(gap) and not any(telling_words(gap, language)):
            said.extend(gap.split())
        said.append(part)
        last = end
    return " ".join(said)
