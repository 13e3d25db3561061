"""What can be set around a flat retriever: query expansion before it, reranking after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...settings import RetrieveSettings
from ...types import Vectors
from ..base import Reranker, Retriever
from ..rerank.reranked import Reranked
from .feedback import Feedback
from .hyde import Hypothetical
from .query_writer import QueryWriter
from .rewordings import Rewordings
from .steps import Steps

_COUNT = 3
"""Chunks of feedback, passages of hyde, rewordings of several, or questions of steps in all."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """What expansion and reranking need. Each is called only if the settings need it."""

    writer: QueryWriter
    embed: Callable[[Sequence[str]], Vectors]
    """Passages -> their vectors in the form that the index compares, shape (len(passages), dim)."""
    embed_query: Callable[[str], Vectors]
    """A question -> its vector in the form that the index compares, shape (dim,)."""
    reranker: Callable[[], Reranker | None]

    def around(self, inner: Retriever, settings: RetrieveSettings) -> Retriever:
        """The retriever with the expansion and reranking of the settings. Raises what making the reranker raises.

        The hits of each step are reranked by that step's question; the first question would rank them last again.
        """
        if settings.expand == "steps":
            return Steps(self._reranked(inner, settings), self.writer, self.embed_query, _COUNT)
        if settings.expand == "hyde":
            inner = Hypothetical(inner, self.writer, self.embed, _COUNT)
        elif settings.expand == "feedback":
            inner = Feedback(inner, _COUNT)
        elif settings.expand == "several":
            inner = Rewordings(inner, self.writer, self.embed_query, _COUNT)
        return self._reranked(inner, settings)

    def _reranked(self, inner: Retriever, settings: RetrieveSettings) -> Retriever:
        reranker = self.reranker() if settings.rerank != "none" else None
        if reranker is None:
            return inner
        return Reranked(inner, reranker, settings.candidates)
