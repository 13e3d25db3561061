"""An index as a LlamaIndex retriever. Needs `pip install llama-index-core`."""

from __future__ import annotations

import asyncio

from ..errors import MissingExtraError
from ..tree import RagTree
from ..types import Where
from .hits import metadata_of

try:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode
except ImportError:
    raise MissingExtraError("llama-index-core", "llama-index") from None

_FOR_PROGRAMS = ["document_id", "score", "kind", "start", "end", "facts"]
"""Metadata that LlamaIndex does not put into prompts and embeddings."""


class RagTreeRetriever(BaseRetriever):
    """Finds passages and summaries with `RagTree.search`. The index stays open as long as its owner keeps it open.

    The metadata of a node is that of `ragtree.integrations.hits.metadata_of`; the document is its source node.
    """

    def __init__(
        self,
        tree: RagTree,
        *,
        k: int | None = None,
        max_tokens: int | None = None,
        mode: str | None = None,
        where: Where | None = None,
    ) -> None:
        """The arguments are those of `RagTree.search`."""
        super().__init__()
        self._tree = tree
        self._k = k
        self._max_tokens = max_tokens
        self._mode = mode
        self._where = where

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = []
        for hit in self._tree.search(query_bundle.query_str, self._k, self._mode, self._where, self._max_tokens):
            node = TextNode(
                id_=hit.node.id,
                text=hit.node.text,
                metadata=metadata_of(hit),
                excluded_embed_metadata_keys=_FOR_PROGRAMS,
                excluded_llm_metadata_keys=_FOR_PROGRAMS,
            )
            if hit.node.document_id:
                node.start_char_idx, node.end_char_idx = hit.node.span
                node.relationships[NodeRelationship.SOURCE] = RelatedNodeInfo(node_id=hit.node.document_id)
            found.append(NodeWithScore(node=node, score=hit.score))
        return found

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)
