"""How much of what lies below a summary has changed since it was written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence


def leaves_below(key: str, children_of: Callable[[str], Sequence[str]]) -> set[str]:
    """The ids of all leaves under a node; a leaf's own."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [key]
    while waiting:
        node = waiting.pop()
        children = children_of(node)
        if not children:
            found.add(node)
        for child in children:
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    return found


def stale_share(stale: float, before: Collection[str], after: Collection[str], tokens: Mapping[str, int]) -> float:
    """The share of tokens that have come or gone under a summary, of which `stale` had before this change.

    What was put in the place of something else counts once.
    """
    was, now = set(before), set(after)
    come = sum(tokens[leaf] for leaf in now - was)
    gone = sum(tokens[leaf] for leaf in was - now)
    old = sum(tokens[leaf] for leaf in was)
    whole = max(old, sum(tokens[leaf] for leaf in now), 1)
    return min(1.0, (stale * old + max(come, gone)) / whole)
