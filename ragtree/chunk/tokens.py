"""Windows of a fixed number of tokens: the plainest method, and the baseline for the others."""

from __future__ import annotations

from ..settings import ChunkSettings
from ..types import Document, Span
from .budget import ChunkLimit, join_blank


class TokenChunker:
    """Every chunk is as long as it may be and ends between words; sentences may be cut."""

    def __init__(self, settings: ChunkSettings, embedder: object = None) -> None:
        self._tokens = settings.tokens
        self.fingerprint = f"tokens/{settings.tokens}/1"

    def chunk(self, document: Document) -> list[Span]:
        text = document.text
        if not text:
            return []
        return join_blank(text, list(ChunkLimit(text, self._tokens).cut(Span(0, len(text)), full=True)))
