"""Quotes that are steps of a numbered list stand together: one step alone does not say how something is done."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .passages import Passages

_STEP = re.compile(r"(\d{1,2})[.)]\s")
_STEPS = 8
"""Most steps of a numbered list that are quoted together."""


def with_steps(chosen: Sequence[int], passages: Passages) -> list[int]:
    """The chosen rows; if two of them are steps of one numbered list, that whole list instead of them."""
    steps = sorted(row for row in chosen if _STEP.match(passages.quotes[row].text))
    for first in steps:
        run = _list_around(first, passages)
        inside = [row for row in steps if row in run]
        if len(inside) > 1:
            place = min(map(chosen.index, inside))
            before = [row for row in chosen[:place] if row not in run]
            return [*before, *run, *(row for row in chosen[place:] if row not in run)]
    return list(chosen)


def _list_around(row: int, passages: Passages) -> list[int]:
    """The rows of the numbered list that a step belongs to, as far as they are beside each other; at most `_STEPS`."""
    quotes = passages.quotes

    def number(place: int) -> int:
        found = _STEP.match(quotes[place].text) if 0 <= place < len(quotes) else None
        same = found is not None and quotes[place].citation.document_id == quotes[row].citation.document_id
        return int(found[1]) if found is not None and same else 0

    first, last = row, row
    while number(first - 1) and number(first - 1) == number(first) - 1 and last - first + 1 < _STEPS:
        first -= 1
    while number(last + 1) == number(last) + 1 and last - first + 1 < _STEPS:
        last += 1
    return list(range(first, last + 1))
