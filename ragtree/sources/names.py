"""Names of files, as a source lists them -> those that are read, as in a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from ..load.ignore import Rules
from ..load.listing import why_not_entered, why_not_read


def kept(names: Iterable[str]) -> tuple[list[str], Mapping[str, int]]:
    """The names without hidden files and folders, sorted, and how many files are left out, by reason."""
    rules, found, ignored = Rules(), [], Counter[str]()
    for name in sorted(names):
        *folders, last = name.split("/")
        reasons = [why_not_entered(rules, None, "", folder) for folder in folders]
        reason = next((one for one in (*reasons, why_not_read(rules, "", last)) if one is not None), None)
        if reason is None:
            found.append(name)
        elif reason:
            ignored[reason] += 1
    return found, dict(sorted(ignored.items()))
