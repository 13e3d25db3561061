"""How documents become chunks: the chunker that the settings name, and the context put before its chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..chunk.base import Chunker, Context, ContextCache
from ..chunk.context import HeadingContext, NoContext, TitleContext
from ..chunk.keeping import KeepingChunker
from ..chunk.layout import LayoutChunker
from ..chunk.recursive import RecursiveChunker
from ..chunk.semantic import SemanticChunker
from ..chunk.sentences import SentenceChunker
from ..chunk.structure import StructureChunker
from ..chunk.tokens import TokenChunker
from ..chunk.written_context import WrittenContext
from ..embed.base import Embedder
from ..llm.base import ChatModel, Message
from ..settings import ChunkSettings, Settings
from ..summarize.base import SUPPORT
from ..types import Document, Node
from .chunks import chunks_of

_PLAIN: dict[str, Callable[[ChunkSettings], Chunker]] = {
    "sentences": SentenceChunker,
    "tokens": TokenChunker,
    "recursive": RecursiveChunker,
    "structure": StructureChunker,
}


_BY_TEXT_ALONE = (SentenceChunker, TokenChunker, RecursiveChunker)
"""Chunkers whose cuts depend on all the text before. Others start afresh with every section."""


class ContextualChunker:
    """A chunker and the context of its chunks."""

    def __init__(self, chunker: Chunker, context: Context) -> None:
        self._chunker = chunker
        self._context = context
        self.fingerprint = f"{chunker.fingerprint}/{context.fingerprint}"

    def chunks_of(self, document: Document, before: Sequence[Node] = ()) -> list[Node]:
        """The chunks of a document in reading order. `before` are its chunks before an edit, whose cuts are kept.

        Raises ModelError as chunkers do.
        """
        chunker = self._chunker
        if before and isinstance(chunker, _BY_TEXT_ALONE):
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
        make_chunker(settings, embedder, planning), make_context(settings, embedder, llm, cache, planning)
    )


def make_chunker(settings: Settings, embedder: Embedder, planning: bool = False) -> Chunker:
    """The chunker that the settings name; for a plan, one that embeds nothing and makes about as many chunks."""
    chunk = settings.chunk
    if chunk.kind in _PLAIN:
        return _PLAIN[chunk.kind](chunk)
    chunker: Chunker = SemanticChunker(chunk, embedder)
    if chunk.kind == "layout":
        chunker = LayoutChunker(chunk, embedder, otherwise=StructureChunker(chunk))
    if planning:
        name = chunker.fingerprint
        chunker = StructureChunker(chunk)
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
