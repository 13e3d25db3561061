"""What a summarizer is: texts -> sentences that point back into them. It knows nothing of nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ..types import Span


@dataclass(frozen=True, slots=True)
class Source:
    """A range of characters in the text number `text` of the group."""

    text: int
    span: Span


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """A sentence, what supports it, and how well (0 to 1)."""

    text: str
    sources: tuple[Source, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The sentences in their order, and how they came to be."""

    sentences: tuple[SummarySentence, ...]
    kind: Literal["extractive", "abstractive"]
    failed: bool = False
    """True where the model wrote none, and the sentences are extractive in its place: not to be kept as its summary."""


class Summarizer(Protocol):
    """Summarizes the texts of one group."""

    @property
    def fingerprint(self) -> str:
        """Changes when the same texts would be summarized in another way: model, prompt, settings."""
        ...

    def summarize(self, texts: Sequence[str]) -> Summary:
        """At least one sentence for texts that are not empty, within the settings' token budget.

        Depends on `texts` and their order alone. Raises ModelError where its model fails.
        """
        ...
