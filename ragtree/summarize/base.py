"""What a summarizer is: texts -> sentences that point back into them. It knows nothing of nodes."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..types import Made, Span, Vectors


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that get one summary."""

    texts: Sequence[str]
    known: Mapping[str, Vectors] = field(default_factory=dict)
    """Vectors (dim,) of their sentences by text (in one line), as far as they are known; others are embedded."""
    pooled: bool = False
    """True if the known vectors come from reading the texts whole, so that sentences of one text are all alike."""


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
    made: Made
    left_out: int = 0
    """Tokens (cl100k) of the group that the model was to read and could not: its context was too small."""
    failed: bool = False
    """True where the model wrote none, and the sentences are extractive in its place: not to be kept as its summary."""
    answers: tuple[str, ...] = ()
    """The model's answers that it was made of, by their keys in `Answers`."""


class Answers(Protocol):
    """Where answers of a model are kept until the summary that they are for is."""

    def get_answer(self, key: str) -> str | None:
        """What was kept, or None."""
        ...

    def put_answer(self, key: str, answer: str) -> None:
        """Keep it. Threads may."""
        ...


class Summarizer(Protocol):
    """Summarizes groups of texts."""

    @property
    def fingerprint(self) -> str:
        """Changes when the same texts would be summarized in another way: model, prompt, settings."""
        ...

    def summarize(self, groups: Iterable[Group]) -> Generator[Summary, None, None]:
        """A summary a group, in the order of the groups, each as soon as it and those before it are there.

        At least one sentence for texts that are not empty, within the settings' token budget. A summary depends on
        its own group's texts and their order alone, but for the rounding of an embedder that batches them with others'.
        Closing the generator stops the model. Raises ModelError where the model seems to be gone for good.
        """
        ...
