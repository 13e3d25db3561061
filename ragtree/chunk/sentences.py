"""Whole sentences up to a token budget (RAPTOR, arXiv 2401.18059, section 3: 100 tokens)."""

from __future__ import annotations

from ..settings import ChunkSettings
from ..text.sentences import sentence_spans
from ..types import Document, Span
from .budget import ChunkLimit, join_blank, pack


class SentenceChunker:
    """Fills a chunk with sentences until the next would not fit; a longer sentence is cut between words."""

    def __init__(self, settings: ChunkSettings, embedder: object = None) -> None:
        self._tokens = settings.tokens
        self._language = settings.language
        self.fingerprint = f"sentences/{settings.tokens}/{settings.language}/2"

    def chunk(self, document: Document) -> list[Span]:
        budget = ChunkLimit(document.text, self._tokens)
        return join_blank(document.text, pack(sentence_spans(document.text, self._language), budget))
