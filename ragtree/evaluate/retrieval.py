"""Every mode over the same questions and the same token budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..retrieve.modes import MODES
from ..tree import RagTree
from ..types import Node
from .dataset import Question, gold_spans
from .evidence import evidence_recall, found_spans


@dataclass(frozen=True, slots=True)
class Score:
    """Evidence recall of a mode over the questions of a kind at a token budget."""

    mode: str
    kind: str
    max_tokens: int
    recalls: tuple[float, ...]
    """One a question, in the questions' order, so that two modes can be compared question by question."""

    @property
    def recall(self) -> float:
        """The mean."""
        return sum(self.recalls) / len(self.recalls)


def compare_modes(tree: RagTree, questions: Sequence[Question], budgets: Sequence[int]) -> list[Score]:
    """Evidence recall for every mode, budget and kind of question, and for `all` kinds together."""
    documents = {document.id: document for document in tree.documents()}
    gold = {question.id: gold_spans(question, documents) for question in questions if question.quotes}
    by_id = {node.id: node for node in tree.nodes(level=0)}

    def leaves(ids: Sequence[str]) -> list[Node]:
        return [by_id[key] for key in ids if key in by_id]

    scores: list[Score] = []
    for mode in MODES:
        for budget in budgets:
            recalls: dict[str, list[float]] = {}
            for question in questions:
                if question.id not in gold:
                    continue
                hits = tree.search(question.question, mode=mode, max_tokens=budget)
                recall = evidence_recall(gold[question.id], found_spans(hits, leaves))
                recalls.setdefault(question.kind, []).append(recall)
                recalls.setdefault("all", []).append(recall)
            scores.extend(Score(mode, kind, budget, tuple(values)) for kind, values in recalls.items())
    return scores
