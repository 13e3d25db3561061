"""The protocols of chunkers (document -> spans that cover its text) and of the context embedded before a chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from ..types import Document, Span


class Chunker(Protocol):
    """Cuts the text of a document into chunks. It is made with the ChunkSettings and the embedder of the index."""

    fingerprint: str
    """Changes when the same document would be cut differently."""

    def chunk(self, document: Document) -> list[Span]:
        """Contiguous spans that cover all of `document.text`; none is only white space unless the text is.

        None has more tokens than the settings allow, not counting white space around it. An empty text has no spans.
        Raises ModelError if the chunker compares meanings and cannot embed.
        """
        ...


@runtime_checkable
class EmbeddingChunker(Protocol):
    """A chunker that embeds."""

    without_embedding: Chunker
    """What cuts into about as many chunks, for a plan, which calls no model."""


class Context(Protocol):
    """What a reader of the whole document knows before a chunk. It is embedded with the chunk, and never quoted."""

    fingerprint: str
    """Changes when the same chunks would get another context."""

    def before(self, document: Document, spans: Sequence[Span]) -> list[str]:
        """One text for each span, empty if there is nothing to say."""
        ...


class ContextCache(Protocol):
    """Keeps sentences that a model wrote."""

    def get_context(self, key: str) -> str | None:
        """The sentence, empty if the model wrote none that is supported; None if it was not asked."""
        ...

    def put_context(self, key: str, sentence: str) -> None:
        """Keep a sentence."""
        ...
