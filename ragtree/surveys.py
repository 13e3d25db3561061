"""The result of a survey: all of something, and not the best of it."""

from __future__ import annotations

from dataclasses import dataclass

from .types import Citation


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was listed, in the words of its first citation; each of its citations says it."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that was found, in the order of the documents; `len(survey.items)` is the count."""

    question: str
    items: tuple[Item, ...]
    leaves_read: int
    leaves: int
    """The number of chunks. Those that were not read lie in parts whose summary and chunks are far from the question,
    or were left over if `complete` is False."""
    calls: int = 0
    complete: bool = True
    note: str = ""
    """Why it is not complete."""
