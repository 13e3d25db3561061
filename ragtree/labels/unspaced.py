"""Words of scripts that put no spaces between them (Chinese, Japanese, Thai, ...), found by how their pieces are used.

A word is a run of characters that stands in many surroundings, while its parts do not (accessor variety: Feng et al.,
Computational Linguistics 30(1), 2004). No dictionary is needed, and names are found as well.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

HAN = "\u3400-\u4dbf\u4e00-\u9fff々"
KATAKANA = "ァ-ヺー"
SOUTHEAST = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u108f\u1780-\u17d3"
"""Thai, Lao, Burmese and Khmer."""
_UNIT = re.compile(
    "[\u0e40-\u0e44\u0ec0-\u0ec4]?."
    "[\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0eb0-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u17b6-\u17d3]*"
)
"""A character with the vowels and signs that belong to it, which no word is cut in."""
_LONGEST = 5
_SHORTEST_ABROAD = 3
"""Units of a word of Thai and its neighbours: runs of two are mostly ends of words. Two Han characters are one."""
_HAN_UNIT = re.compile(f"[{HAN}]")
_LEAST = 3
_SURROUNDINGS = 3
"""Different units that stand on each side of a word, at least; the edge of a run counts every time."""
_PART = 0.7
"""A run that stands inside one longer run this often is a piece of that one."""
_EVERYWHERE = 0.3
"""Share of the texts that has a single unit which is no part of a word, such as the Chinese 的."""


class UnspacedWords:
    """The words that were learned of a sample of runs: stretches of one script without a space or a sign in them."""

    def __init__(self, texts: Iterable[Sequence[str]], stops: frozenset[str]) -> None:
        """`texts` are the runs of every text of the sample."""
        cut = [[_UNIT.findall(run) for run in runs] for runs in texts]
        self._stops = stops
        self._empty = self._units_of_all(cut)
        self._words = self._learned(part for runs in cut for run in runs for part in self._parts(run))

    def of(self, run: str) -> list[str]:
        """The words of a run in their order, the longest that fits each time; the rest is left out."""
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
        """Units that most texts have and that are words of no meaning by themselves."""
        held = Counter(unit for runs in cut for unit in {unit for run in runs for unit in run})
        least = max(2.0, _EVERYWHERE * len(cut))
        return frozenset(unit for unit, count in held.items() if count >= least and unit in self._stops)

    def _parts(self, run: Sequence[str]) -> list[list[str]]:
        """The run between the units that are no parts of words."""
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
        """True for an empty word, and outside of Chinese for one with a piece of its neighbour."""
        if _HAN_UNIT.match(word):
            return word in self._stops
        ends = (word[cut:] for cut in range(len(word) - 1))
        begins = (word[:cut] for cut in range(2, len(word)))
        return any(len(part) > 2 and part in self._stops for part in (*ends, *begins))
