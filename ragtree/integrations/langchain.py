"""An index as a LangChain retriever. Needs `pip install langchain-core`."""

from __future__ import annotations

import asyncio
from typing import Any

from ..errors import MissingExtraError
from ..tree import RagTree
from ..types import Hit
from .hits import metadata_of

try:
    from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
except ImportError:
    raise MissingExtraError("langchain-core", "langchain") from None


class RagTreeRetriever(BaseRetriever):
    """Finds passages and summaries with `RagTree.search`. The index stays open as long as its owner keeps it open.

    The `metadata` of a LangChain document is that of `ragtree.integrations.hits.metadata_of`.
    """

    tree: Any
    """The open RagTree."""
    k: int | None = None
    """Most passages; None leaves it to `max_tokens`."""
    max_tokens: int | None = None
    """Most tokens of all passages together; None is the setting `retrieve.max_tokens`."""
    mode: str | None = None
    """How to search; None is the setting `retrieve.mode`."""
    where: dict[str, Any] | None = None
    """A filter, as for `RagTree.search`."""

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return self._found(query)

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        return await asyncio.to_thread(self._found, query)

    def _found(self, query: str) -> list[Document]:
        tree: RagTree = self.tree
        return [_document(hit) for hit in tree.search(query, self.k, self.mode, self.where, self.max_tokens)]


def _document(hit: Hit) -> Document:
    return Document(id=hit.node.id, page_content=hit.node.text, metadata=metadata_of(hit))
