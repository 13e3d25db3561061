"""Nouns of the inventory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Use = Literal["llm", "embedder"]


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model that is there."""

    use: Use
    """The setting that takes it: `llm.model` or `embed.model`."""
    name: str
    """The text to give to --llm or --embedder."""
    place: str
    """Where it was found: `bundled`, `Hugging Face cache`, ..."""
    bytes: int = 0
    """Size of its files; 0 where that is not told."""
    about: str = ""
    """What else its file or server says: architecture, tokens of context."""


@dataclass(frozen=True, slots=True)
class BrokenModel:
    """A model that is there and cannot be used."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model that can be fetched."""

    name: str
    """The text to give to --llm, which fetches it the first time."""
    gigabytes: float
    license: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """All models that were found, those that are broken, what could not be looked at, and some to fetch."""

    models: tuple[FoundModel, ...]
    broken: tuple[BrokenModel, ...]
    notices: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]


Found = FoundModel | BrokenModel
