"""The baseline without chunks: whole documents in the context, if they fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..tree import RagTree
from ..types import Document, Span
from .base import Place

WHOLE = "whole documents"
_LOOK = 50


@dataclass(frozen=True, slots=True)
class WholeContext:
    """Documents that were given whole, and how many tokens that took."""

    documents: tuple[Document, ...]
    tokens: int

    @property
    def places(self) -> tuple[Place, ...]:
        """The whole text of each document."""
        return tuple(Place(document.id, Span(0, len(document.text))) for document in self.documents)


class WholeDocuments:
    """Documents in the order of their best chunk, as many as fit; one that is too long is skipped."""

    def __init__(self, tree: RagTree) -> None:
        self._tree = tree
        self._documents = {document.id: document for document in tree.documents()}
        self._tokens = dict.fromkeys(self._documents, 0)
        for node in tree.nodes(level=0):
            self._tokens[node.document_id] += node.tokens

    def fitting(self, budget: int) -> int:
        """How many of the documents fit into `budget` tokens on their own."""
        return sum(tokens <= budget for tokens in self._tokens.values())

    def retrieve(self, question: str, budget: int) -> WholeContext:
        """The nearest documents that fit together into `budget` tokens."""
        chosen: list[Document] = []
        left = budget
        for key in self._nearest(question):
            if self._tokens[key] <= left:
                left -= self._tokens[key]
                chosen.append(self._documents[key])
        return WholeContext(tuple(chosen), budget - left)

    def _nearest(self, question: str) -> Sequence[str]:
        hits = self._tree.search(question, k=_LOOK, mode="leaves")
        return list(dict.fromkeys(hit.node.document_id for hit in hits))
