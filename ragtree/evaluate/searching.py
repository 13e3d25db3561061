"""Searches a tree in one mode, and measures what is found."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..tree import RagTree
from ..types import Hit, Node
from .base import Question
from .metrics.answer_match import coverage
from .metrics.spans import evidence_recall, found_spans, span_iou, span_precision, span_recall

RANKING_DEPTH = 100
"""Documents of a ranking: as many as recall@100 needs."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found at the largest budget, and the measures at every budget."""

    hits: tuple[Hit, ...] = ()
    values: dict[str, float] = field(default_factory=dict)
    ranking: tuple[str, ...] | None = None
    seconds: float = 0.0


class Searcher:
    """Searches one tree, and measures what is found.

    `proved` says that the dataset has proofs, relevant documents or options. If it has none, the words of the
    references are looked for in what was found.
    """

    def __init__(self, tree: RagTree, budgets: Sequence[int], proved: bool) -> None:
        self._tree = tree
        self._proved = proved
        self._budgets = sorted(budgets)
        self._leaves = {node.id: node for node in tree.nodes(level=0)}

    def search(self, question: Question, mode: str) -> SearchResult:
        """Search at every budget, with every measure that the question has a gold standard for: `measure@budget`."""
        values: dict[str, float] = {}
        hits: list[Hit] = []
        seconds = 0.0
        for budget in self._budgets:
            started = time.perf_counter()
            hits = self._tree.search(question.text, mode=mode, max_tokens=budget)
            seconds = time.perf_counter() - started
            values.update(self._measured(question, hits, budget))
        ranking = self._ranking(question.text, mode) if question.relevant else None
        return SearchResult(tuple(hits), values, ranking, seconds)

    def _measured(self, question: Question, hits: Sequence[Hit], budget: int) -> dict[str, float]:
        if question.proofs:
            found = found_spans(hits, self._leaves_of)
            return {
                f"evidence recall@{budget}": evidence_recall(question.proofs, found),
                f"span recall@{budget}": span_recall(question.proofs, found),
                f"span precision@{budget}": span_precision(question.proofs, found),
                f"span IoU@{budget}": span_iou(question.proofs, found),
            }
        if question.references and not self._proved and not question.unanswerable:
            text = "\n".join(hit.node.text for hit in hits)
            return {f"coverage@{budget}": coverage(question.references, text)}
        return {}

    def _leaves_of(self, ids: Sequence[str]) -> list[Node]:
        return [self._leaves[key] for key in ids if key in self._leaves]

    def _ranking(self, text: str, mode: str) -> tuple[str, ...]:
        """Documents in the order of their best hit; a summary counts for the documents that its sentences cite."""
        wanted = 2 * RANKING_DEPTH
        while True:
            hits = self._tree.search(text, k=wanted, mode=mode)
            documents = tuple(dict.fromkeys(key for hit in hits for key in self._documents_of(hit)))
            if len(documents) >= RANKING_DEPTH or len(hits) < wanted:
                return documents[:RANKING_DEPTH]
            wanted *= 4

    def _documents_of(self, hit: Hit) -> list[str]:
        if hit.node.level == 0:
            return [hit.node.document_id, *(place.document_id for place in hit.also)]
        evidence = [item.leaf for claim in hit.node.claims for item in claim.evidence]
        return [leaf.document_id for leaf in self._leaves_of(evidence)]
