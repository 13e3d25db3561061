"""Finds words in scripts without spaces (Chinese, Japanese, Thai, ...) by how runs of characters are used.

A word is a run of characters that occurs in many contexts, while its parts do not (accessor variety: Feng et al.,
Computational Linguistics 30(1), 2004). This needs no dictionary, and finds names as well.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from ..text.scripts import HAN

_UNIT = re.compile(
    "[\u0e40-\u0e44\u0ec0-\u0ec4]?."
    "[\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0eb0-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u17b6-\u17d3]*"
)
"""A unit: a character with the vowels and signs that belong to it. Words are never cut inside one."""
_LONGEST = 5
_SHORTEST_ABROAD = 3
"""Least units of a word in Thai and its neighbours, where runs of two are mostly ends of words. For Han it is two."""
_HAN_UNIT = re.compile(f"[{HAN}]")
_LEAST = 3
_SURROUNDINGS = 3
"""Least number of different units on each side of a word. Every edge of a run counts as a different one."""
_PART = 0.7
"""If at least this share of a run's occurrences is inside one longer run, it is a piece of that one."""
_EVERYWHERE = 0.3
"""A stop word of one unit in at least this share of the texts, such as the Chinese 的, is no part of a word."""


class UnspacedWords:
    """The words learned from a sample of runs: stretches of one script without spaces or punctuation."""

    def __init__(self, texts: Iterable[Sequence[str]], stops: frozenset[str]) -> None:
        """`texts` are the runs of each text of the sample, `stops` the stop words."""
        cut = [[_UNIT.findall(run) for run in runs] for runs in texts]
        self._stops = stops
        self._empty = self._units_of_all(cut)
        self._words = self._learned(part for runs in cut for run in runs for part in self._parts(run))

    def of(self, run: str) -> list[str]:
        """The words of a run in order, always the longest that fits. The rest is left out."""
        words = []
        for part in self._parts(_UNIT.findall(run)):
            start = 0
            while start < len(part):
                ends = range(min(len(part), start + _LONGEST), start + 1, -1)
                end = next((end for end in ends if "".join(part[start:end]) in self._words), 0)
                if end:
                    words.append("".join(part[start:end]))
                start = end or start + 1
        return words

    def _units_of_all(self, cut: Sequence[Sequence[Sequence[str]]]) -> frozenset[str]:
        """Stop words of one unit that at least `_EVERYWHERE` of the texts have."""
        held = Counter(unit for runs in cut for unit in {unit for run in runs for unit in run})
        least = max(2.0, _EVERYWHERE * len(cut))
        return frozenset(unit for unit, count in held.items() if count >= least and unit in self._stops)

    def _parts(self, run: Sequence[str]) -> list[list[str]]:
        """The parts of the run between units that are no parts of words, without parts of one unit."""
        parts: list[list[str]] = [[]]
        for unit in run:
            if unit in self._empty:
                parts.append([])
            else:
                parts[-1].append(unit)
        return [part for part in parts if len(part) > 1]

    def _learned(self, parts: Iterable[Sequence[str]]) -> frozenset[str]:
        counts: Counter[tuple[str, ...]] = Counter()
        before: defaultdict[tuple[str, ...], set[object]] = defaultdict(set)
        after: defaultdict[tuple[str, ...], set[object]] = defaultdict(set)
        for number, part in enumerate(parts):
            shortest = 2 if _HAN_UNIT.match(part[0]) else _SHORTEST_ABROAD
            for length in range(shortest, _LONGEST + 1):
                for start in range(len(part) - length + 1):
                    run = tuple(part[start : start + length])
                    end = start + length
                    counts[run] += 1
                    before[run].add(part[start - 1] if start else number)
                    after[run].add(part[end] if end < len(part) else number)
        free = {
            run: count
            for run, count in counts.items()
            if count >= _LEAST and min(len(before[run]), len(after[run])) >= _SURROUNDINGS
        }
        inside = {
            shorter
            for run, count in free.items()
            for shorter in (run[:-1], run[1:])
            if count >= _PART * counts[shorter]
        }
        words = ("".join(run) for run in free.keys() - inside)
        return frozenset(word for word in words if not self._is_empty(word))

    def _is_empty(self, word: str) -> bool:
        """True for a stop word in Han; in other scripts, for a word that begins or ends with a stop word of at least
        three characters, which is a piece of its neighbour."""
        if _HAN_UNIT.match(word):
            return word in self._stops
        ends = (word[cut:] for cut in range(len(word) - 1))
        begins = (word[:cut] for cut in range(2, len(word)))
        return any(len(part) > 2 and part in self._stops for part in (*ends, *begins))
