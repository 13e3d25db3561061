"""What can be set around a flat retriever: other queries before it, a second look after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...settings import RetrieveSettings
from ...types import Vectors
from ..base import Reranker, Retriever
from ..rerank.reranked import Reranked
from .feedback import Feedback
from .hyde import Hypothetical
from .several import Rewordings
from .steps import Steps
from .writing import Writer


@dataclass(frozen=True, slots=True)
class Refining:
    """What refining needs; nothing of it is asked where the settings do not want it."""

    writer: Writer
    embed: Callable[[Sequence[str]], Vectors]
    """Passages -> rows as the index has them, shape (len(passages), dim)."""
    embed_query: Callable[[str], Vectors]
    """A question -> its vector as the index wants it, shape (dim,)."""
    reranker: Callable[[], Reranker | None]

    def around(self, inner: Retriever, settings: RetrieveSettings) -> Retriever:
        """The retriever as the settings want it. Raises what making the reranker does.

        The steps of a question are reranked each by its own; reranked by the first they would be lost again.
        """
        count = settings.expand_count
        if settings.expand == "steps":
            return Steps(self._reranked(inner, settings), self.writer, self.embed_query, count)
        if settings.expand == "hyde":
            inner = Hypothetical(inner, self.writer, self.embed, count)
        elif settings.expand == "feedback":
            inner = Feedback(inner, count)
        elif settings.expand == "several":
            inner = Rewordings(inner, self.writer, self.embed_query, count)
        return self._reranked(inner, settings)

    def _reranked(self, inner: Retriever, settings: RetrieveSettings) -> Retriever:
        reranker = self.reranker() if settings.rerank != "none" else None
        if reranker is None:
            return inner
        return Reranked(inner, reranker, settings.candidates, settings.rerank_share)
