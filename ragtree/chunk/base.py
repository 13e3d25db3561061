"""What a chunker is: a document -> spans that cover its text. And what is said before a chunk where it is embedded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..types import Document, Span


class Chunker(Protocol):
    """Cuts the text of a document into chunks."""

    fingerprint: str
    """Changes when the same document would be cut in another way."""

    def chunk(self, document: Document) -> list[Span]:
        """Contiguous spans that cover `document.text` whole; none is only white space unless the text is.

        None has more tokens than the settings allow, white space around it left out. An empty text has no spans.
        Raises ModelError where a kind that compares meanings cannot embed.
        """
        ...


class Context(Protocol):
    """What a reader of the whole document knows before a chunk begins. It is embedded with it, and never quoted."""

    fingerprint: str
    """Changes when the same chunks would get another context."""

    def before(self, document: Document, spans: Sequence[Span]) -> list[str]:
        """One text a span, empty where there is nothing to say."""
        ...


class ContextCache(Protocol):
    """Where sentences that a model wrote are kept."""

    def get_context(self, key: str) -> str | None:
        """The sentence, empty where the model had nothing sound to say; None where it was not asked."""
        ...

    def put_context(self, key: str, sentence: str) -> None:
        """Keep a sentence."""
        ...
