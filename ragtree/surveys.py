"""What was listed: all of something, and not the best of it."""

from __future__ import annotations

from dataclasses import dataclass

from .types import Citation


@dataclass(frozen=True, slots=True)
class Item:
    """Something that was listed, in the words of its first citation; every citation says it."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """All that was found, in the order of the documents; `len(survey.items)` is the count."""

    question: str
    items: tuple[Item, ...]
    leaves_read: int
    leaves: int
    """Chunks that there are. Those that were not read lie in parts whose summary and chunks are far from the question,
    or are left over where `complete` is False."""
    calls: int = 0
    complete: bool = True
    note: str = ""
    """Why it is not complete."""
