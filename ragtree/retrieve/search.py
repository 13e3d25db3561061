"""Searching an index: checks the query, filters, and runs the retriever of the mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from ..embed.base import Embedder
from ..errors import QueryError
from ..llm.base import ChatModel
from ..settings import Settings
from ..text.folding import fold
from ..text.languages import language_of
from ..tracing import MODEL, OPERATION, span
from ..types import Hit, Vectors, Where
from .base import Index, Limit, Query, Reranker
from .expand.query_writer import QueryWriter
from .expand.refining import Refinement
from .filtered_nodes import filter_nodes, limit_to_documents
from .guided import Guide
from .modes import make_retriever
from .other_places import with_places
from .where import make_filter


def check_query(query: str, k: int | None, max_tokens: int | None) -> None:
    """Raise QueryError for a query or a limit that cannot be used."""
    if not query.strip():
        raise QueryError("the query is empty; say what to look for")
    if any("\ud800" <= character <= "\udfff" for character in query):
        raise QueryError("the query holds half a surrogate pair; is the terminal's encoding UTF-8?")
    for name, value in (("k", k), ("max_tokens", max_tokens)):
        if value is not None and value < 1:
            raise QueryError(f"{name} is {value}; wanted is 1 or more")


class Search:
    """The way from a question to hits.

    `chat_model` and `make_reranker` are called only if the mode or the settings need them, the latter once. `is_broad`
    says whether a question asks for an overview; mode `auto` then searches the whole tree.
    """

    def __init__(
        self,
        embedder: Embedder,
        settings: Settings,
        knows_language: Callable[[str], bool],
        chat_model: Callable[[], ChatModel | None],
        make_reranker: Callable[[QueryWriter], Reranker | None],
        is_broad: Callable[[str], bool] = lambda question: False,
    ) -> None:
        self._embedder = embedder
        self._settings = settings
        self.knows_language = knows_language
        self._chat_model = chat_model
        self._is_broad = is_broad
        self._writer = QueryWriter(chat_model, settings.prompts)
        self._make_reranker = make_reranker

    def hits(
        self,
        index: Index,
        query: str,
        k: int | None = None,
        mode: str | None = None,
        where: Where | None = None,
        max_tokens: int | None = None,
        documents: Sequence[str] = (),
        broad: bool | None = None,
        language: str = "",
    ) -> list[Hit]:
        """At most `k` hits, of at most `max_tokens` tokens together; without either, `retrieve.max_tokens` applies.
        `documents` (ids) limits the search to these. `broad` says whether an overview is asked for, and `language` is
        that of the question, if they are known.

        Raises QueryError for an unknown mode and for a filter that cannot be used.
        """
        settings = self._settings.retrieve
        mode = mode or settings.mode
        model = self._chat_model() if mode == "guided" else None
        guide = None if model is None else Guide(model, self._settings.prompts)
        retriever = make_retriever(mode, settings, self._refining(index), guide)
        among = filter_nodes(where, index.table) if index.table is not None else None
        if documents and index.table is not None:
            among = limit_to_documents(index.table, documents, among)
        accept = make_filter(where, index.nodes.get) if among is None else lambda node: node.id in among
        if not index.top:
            return []
        query = fold(query)
        with span(f"embeddings {self._embedder.name}", {OPERATION: "embeddings", MODEL: self._embedder.name}):
            vector = self._embedder.embed_query(query)
        asked = Query(
            query,
            index.shortened(vector),
            accept,
            broad=mode == "auto" and (self._is_broad(query) if broad is None else broad),
            filtered=among,
            foreign=not self.knows_language(language or language_of(query, self._settings.chunk.language)),
            named=index.named(query),
        )
        limit = Limit(k, settings.max_tokens if k is None and max_tokens is None else max_tokens)
        with span("retrieval", {OPERATION: "retrieval", "ragtree.mode": mode}) as retrieval:
            hits = with_places(retriever.retrieve(asked, index, limit), index, accept)
            retrieval.set({"ragtree.hits": len(hits)})
            return hits

    @cached_property
    def _reranker(self) -> Reranker | None:
        return self._make_reranker(self._writer)

    def _refining(self, index: Index) -> Refinement:
        def embed(passages: Sequence[str]) -> Vectors:
            return np.stack([index.shortened(vector) for vector in self._embedder.embed(passages)])

        return Refinement(self._writer, embed, lambda question: self.vector(question, index), lambda: self._reranker)

    def vector(self, question: str, index: Index) -> Vectors:
        """A question's vector in the form that the index compares, shape (dim,)."""
        return index.shortened(self._embedder.embed_query(fold(question)))
