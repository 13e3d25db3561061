"""Searches with passages that the language model makes up as answers (HyDE, arXiv 2212.10496)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...embed.base import unit_rows
from ...types import Hit, Vectors
from ..base import Index, Limit, Query, Retriever
from .query_writer import QueryWriter, lines_of

_TOKENS_OF_A_PASSAGE = 90


class Hypothetical:
    """Searches with the mean of the vectors of the question and the passages (section 3.2). Its words are not changed.

    `embed` returns the vectors of passages, shape (len(passages), dim).
    """

    def __init__(
        self, inner: Retriever, writer: QueryWriter, embed: Callable[[Sequence[str]], Vectors], count: int
    ) -> None:
        self._inner = inner
        self._writer = writer
        self._embed = embed
        self._count = count

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        said = self._writer.write(
            "hyde",
            "retrieve.expand = hyde",
            _TOKENS_OF_A_PASSAGE * self._count,
            question=query.text,
            count=str(self._count),
        )
        passages = lines_of(said)[: self._count]
        if passages:
            total = query.vector + self._embed(passages).sum(axis=0)
            query = replace(query, vector=unit_rows(total)[0])
        return self._inner.retrieve(query, index, limit)
