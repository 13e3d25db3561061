"""The language model goes down the tree by the names of branches, for questions whose words are in no document.

It works like a reader with a table of contents, who knows that a stove is a purchase (PageIndex and GraphRAG's global
search do this without an embedder). The leaves below the chosen branches are ranked as `hybrid` ranks all leaves.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from pathlib import Path

from ..errors import ContextOverflowError, ModelError
from ..llm.base import ChatModel, Message, complete
from ..prompting import numbered, render
from ..types import Hit, Node
from .base import Index, Limit, Query, Retriever, pack
from .branches import Branches, branches_of, described
from .filtered_nodes import limit_to_leaves
from .fusion import Weights, rank_leaves
from .traverse import BEAM

logger = logging.getLogger(__name__)

_CALLS = 8
"""Most calls of the model for a question."""
_SHOWN = 20
"""Branches that the model is shown at once."""
_ENOUGH = 40
"""With at most this many leaves below the chosen branches, the model is not asked again."""
_ANSWER = 40


class Guide:
    """Asks a language model which of a few branches could hold the answer."""

    def __init__(self, model: ChatModel, prompts: Path | None = None) -> None:
        self._model = model
        self._prompts = prompts

    def choose(self, question: str, names: Sequence[str], count: int) -> list[int]:
        """The indices of at most `count` names, the likeliest first; none if the reply is not a valid choice.

        Raises ModelError, and ContextOverflowError if the names do not fit the context.
        """
        fields = {"question": question, "options": numbered(names), "count": str(count)}
        prompt = render("guide", self._prompts, **fields)
        messages = [Message("system", prompt.system), Message("user", prompt.user)]
        said = complete(self._model, messages, _ANSWER)
        found = list(dict.fromkeys(int(number) - 1 for number in re.findall(r"\d+", said)))
        is_choice = 0 < len(found) <= count and all(0 <= place < len(names) for place in found)
        return found if is_choice else []


class Guided:
    """Goes down the tree from the top, several branches at a time, with at most `calls` model calls for a question.

    If the model chooses nothing, `fallback` searches.
    """

    def __init__(
        self, guide: Guide, fallback: Retriever, weights: Weights, beam: int = BEAM, calls: int = _CALLS
    ) -> None:
        self._guide = guide
        self._fallback = fallback
        self._weights = weights
        self._beam = beam
        self._calls = calls

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        branches = branches_of(index)
        try:
            chosen = self._chosen(query, index, branches)
        except (ModelError, ContextOverflowError) as error:
            logger.warning("the model did not choose a branch, all are searched: %s", error)
            chosen = []
        leaves = branches.leaves(chosen)
        if not leaves:
            return self._fallback.retrieve(query, index, limit)
        narrowed = _narrowed(query, index, leaves)
        ranked = rank_leaves(narrowed, index, limit.hits or 0, self._weights)
        hits = (replace(hit, ranks={**hit.ranks, "guided": rank}) for rank, hit in enumerate(ranked.hits(index), 1))
        return pack(hits, limit, index.copies)

    def _chosen(self, query: Query, index: Index, branches: Branches) -> list[str]:
        """The lowest branches that the model chose within its number of calls; none if it chose nothing."""
        chosen, left = list(index.top), self._calls
        asked = False
        while len(branches.leaves(chosen)) > _ENOUGH:
            nodes = self._options(query, index, branches, chosen)
            if any(node.level == 0 for node in nodes) or not nodes:
                break
            if len(nodes) == 1:
                chosen = [nodes[0].id]
                continue
            parts = [nodes[start : start + _SHOWN] for start in range(0, len(nodes), _SHOWN)]
            if len(parts) > left:
                break
            left -= len(parts)
            picks = [self._picked(query.text, part, branches) for part in parts]
            # The likeliest of every part come before the second likeliest of any.
            best = [key for key in chain.from_iterable(zip_longest(*picks)) if key is not None]
            if not best:
                break
            chosen, asked = best[: self._beam], True
        return chosen if asked else []

    def _options(self, query: Query, index: Index, branches: Branches, chosen: Sequence[str]) -> list[Node]:
        """The children of the chosen branches, without those that have no leaf which passes the filter."""
        nodes = index.nodes.get(branches.children(chosen))
        if query.accept is None:
            return nodes

        def passes(leaves: frozenset[str]) -> bool:
            if query.filtered is not None:
                return any(leaf in query.filtered for leaf in leaves)
            return any(query.accepts(leaf) for leaf in index.nodes.get(sorted(leaves)))

        return [node for node in nodes if passes(branches.leaves([node.id]))]

    def _picked(self, question: str, nodes: Sequence[Node], branches: Branches) -> list[str]:
        names = [described(node, len(branches.leaves([node.id]))) for node in nodes]
        return [nodes[place].id for place in self._guide.choose(question, names, self._beam)]


def _narrowed(query: Query, index: Index, leaves: frozenset[str]) -> Query:
    """The query, restricted to these leaves."""

    def accept(node: Node) -> bool:
        return node.id in leaves and query.accepts(node)

    return replace(query, accept=accept, filtered=limit_to_leaves(index.table, leaves, query.filtered))
