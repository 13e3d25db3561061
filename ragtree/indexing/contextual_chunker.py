"""How documents become chunks: the chunker that the settings name, and the context put before its chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..chunk.base import Chunker, Context, ContextCache, EmbeddingChunker
from ..chunk.context import HeadingContext, NoContext, TitleContext
from ..chunk.keeping import KeepingChunker
from ..chunk.written_context import WrittenContext
from ..embed.base import Embedder
from ..llm.base import ChatModel, Message
from ..registry import CHUNKERS
from ..settings import Settings
from ..summarize.base import SUPPORT
from ..types import Document, Node
from .chunks import chunks_of

_BY_TEXT_ALONE = ("sentences", "tokens", "recursive")
"""Chunkers whose cuts depend on all the text before. Others start afresh with every section."""


class ContextualChunker:
    """A chunker and the context of its chunks."""

    def __init__(self, chunker: Chunker, context: Context, keeps_cuts: bool = False) -> None:
        """With `keeps_cuts`, an edited document is cut where it was cut before."""
        self._chunker = chunker
        self._keeps_cuts = keeps_cuts
        self._context = context
        self.fingerprint = f"{chunker.fingerprint}/{context.fingerprint}"

    def chunks_of(self, document: Document, before: Sequence[Node] = ()) -> list[Node]:
        """The chunks of a document in reading order. `before` are its chunks before an edit, whose cuts are kept.

        Raises ModelError as chunkers do.
        """
        chunker = self._chunker
        if before and self._keeps_cuts:
            chunker = KeepingChunker(chunker, [chunk.text for chunk in before])
        return chunks_of(document, chunker, self._context)

    @property
    def without_context(self) -> int:
        """The number of chunks so far for which the language model failed to write a context."""
        return self._context.failed if isinstance(self._context, WrittenContext) else 0

    @property
    def unasked(self) -> list[tuple[Message, ...]]:
        """The prompts that a plan has not sent to the language model so far, but a sync would."""
        return self._context.unasked if isinstance(self._context, WrittenContext) else []


def make_contextual_chunker(
    settings: Settings,
    embedder: Embedder,
    llm: Callable[[], ChatModel | None],
    cache: ContextCache,
    planning: bool = False,
) -> ContextualChunker:
    """The chunker and context that the settings name; for a plan, ones that call no model."""
    return ContextualChunker(
        make_chunker(settings, embedder, planning),
        make_context(settings, embedder, llm, cache, planning),
        settings.chunk.kind in _BY_TEXT_ALONE,
    )


def make_chunker(settings: Settings, embedder: Embedder, planning: bool = False) -> Chunker:
    """The chunker that the settings name; for a plan, one that embeds nothing and makes about as many chunks.

    Raises SettingsError if there is no such chunker.
    """
    chunker: Chunker = CHUNKERS.make(settings.chunk.kind, settings.chunk, embedder)
    if planning and isinstance(chunker, EmbeddingChunker):
        name = chunker.fingerprint
        chunker = chunker.without_embedding
        chunker.fingerprint = name
    return chunker


def make_context(
    settings: Settings,
    embedder: Embedder,
    llm: Callable[[], ChatModel | None],
    cache: ContextCache,
    planning: bool = False,
) -> Context:
    """The context that the settings put before chunks; for a plan, one that asks no model and uses only the cache."""
    kind = settings.chunk.context
    if kind == "auto":
        kind = "heading" if settings.chunk.kind in ("structure", "layout") else "none"
    if kind == "none":
        return NoContext()
    if kind == "title":
        return TitleContext(settings.chunk)
    plain = HeadingContext(settings.chunk)
    model = llm() if kind == "llm" else None
    if model is None:
        return plain
    return WrittenContext(plain, model, embedder, cache, SUPPORT, settings.prompts, asks=not planning)
