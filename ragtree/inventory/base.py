"""The types of the inventory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Use = Literal["llm", "embedder"]


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model that can be used."""

    use: Use
    """The setting that takes it: `llm.model` or `embed.model`."""
    name: str
    """The text to give to --llm or --embedder."""
    place: str
    """Where it was found: `bundled`, `Hugging Face cache`, ..."""
    bytes: int = 0
    """Size of its files; 0 if it is not known."""
    about: str = ""
    """More from its file or server: architecture, context length."""


@dataclass(frozen=True, slots=True)
class BrokenModel:
    """A model that was found but cannot be used."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model that can be downloaded."""

    name: str
    """The text to give to --llm, which downloads the model on first use."""
    gigabytes: float
    license: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """Models that were found, broken models, notices about places that could not be searched, and suggestions."""

    models: tuple[FoundModel, ...]
    broken: tuple[BrokenModel, ...]
    notices: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]


Found = FoundModel | BrokenModel
