"""The protocol of summarizers: texts -> sentences that point back into them. They know nothing about nodes."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ..types import Made, Span, Vectors

SUPPORT = 0.5
"""Least similarity of a written sentence to a source sentence; below it the sentence is dropped."""


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that get one summary."""

    texts: Sequence[str]
    known: Mapping[str, Vectors] = field(default_factory=dict)
    """Sentence (in one line) -> its vector (dim,), as far as these are known; other sentences are embedded."""
    pooled: bool = False
    """True if the known vectors were pooled from whole texts, so that sentences of one text are all similar."""


@dataclass(frozen=True, slots=True)
class Source:
    """A range of characters in text number `text` of the group."""

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
    """The sentences in their order, and how they were made."""

    sentences: tuple[SummarySentence, ...]
    made: Made
    left_out: int = 0
    """Tokens (cl100k) of the group that the model should have read, but that did not fit its context."""
    failed: bool = False
    """True if the model wrote none, and the sentences are extractive instead: not to be kept as its summary."""
    answers: tuple[str, ...] = ()
    """The keys in `Answers` of the model's answers that it was made from."""


class Answers(Protocol):
    """Keeps a model's answers until the summary that they are for is kept."""

    def get_answer(self, key: str) -> str | None:
        """The answer kept under the key, or None."""
        ...

    def put_answer(self, key: str, answer: str) -> None:
        """Keep an answer. Several threads may call it."""
        ...


class Summarizer(Protocol):
    """Summarizes groups of texts.

    It is made with the SummarizeSettings, the language model (None for `llm.model = none`), the embedder, the value of
    `chunk.language`, the folder of the user's own prompts (None without one), and Answers (or None).
    """

    @property
    def fingerprint(self) -> str:
        """Changes when the same texts would be summarized differently: with the model, the prompt and the settings."""
        ...

    def summarize(self, groups: Iterable[Group]) -> Generator[Summary, None, None]:
        """Yield a summary for each group, in the order of the groups, as soon as it and those before it are done.

        It has at least one sentence if the texts are not empty, and fits the settings' token budget. It depends only on
        its own group's texts and their order, except for the rounding of an embedder that batches them with others.
        Closing the generator stops the model. Raises ModelError if the model seems to be gone for good.
        """
        ...


@runtime_checkable
class ConcurrentSummarizer(Protocol):
    """A summarizer that works on several groups at once."""

    @property
    def concurrency(self) -> int:
        """How many."""
        ...


def summaries_at_once(summarizer: Summarizer) -> int:
    """How many groups the summarizer works on at once."""
    return summarizer.concurrency if isinstance(summarizer, ConcurrentSummarizer) else 1
