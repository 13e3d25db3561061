"""Step by step, for questions whose answer is spread over several places: search, ask what is missing, search again
(self-ask, arXiv 2210.03350; interleaved with retrieval as in IRCoT, arXiv 2212.10509).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...prompting import fence
from ...text.follow_ups import asks_something_new
from ...types import Hit, Vectors
from ..base import Index, Limit, Query, Retriever, pack, pack_before
from .query_writer import QueryWriter, lines_of
from .rewordings import DEPTH, ranks_in

_READ = 500
"""Tokens of passages that the model reads before it says what is missing."""
_TOKENS_OF_A_QUESTION = 48
_ENOUGH = "ENOUGH"


class Steps:
    """Asks at most `rounds` questions, beginning with the user's, and stops when the model has enough.

    It also stops if the next question is empty, or asks nothing new. Of every leaf the best score counts.
    """

    def __init__(
        self, inner: Retriever, writer: QueryWriter, embed_query: Callable[[str], Vectors], rounds: int
    ) -> None:
        self._inner = inner
        self._writer = writer
        self._embed_query = embed_query
        self._rounds = rounds

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        depth = Limit(hits=max(DEPTH, limit.hits or 0))
        asked = [query.text]
        lists = [self._inner.retrieve(query, index, depth)]
        while len(asked) < self._rounds and any(lists):
            missing = self._missing(asked, best_of(lists))
            if missing is None:
                break
            asked.append(missing)
            step = replace(query, text=missing, vector=self._embed_query(missing))
            lists.append(self._inner.retrieve(step, index, depth))
        return pack_before(best_of(lists), lambda: self._inner.retrieve(query, index, limit), limit, index.copies)

    def _missing(self, asked: Sequence[str], found: Sequence[Hit]) -> str | None:
        """The next question; None if there is none that leads on."""
        read = pack(found, Limit(tokens=_READ)) or list(found[:1])
        said = self._writer.write(
            "steps",
            "retrieve.expand = steps",
            _TOKENS_OF_A_QUESTION,
            passages="\n".join(fence(number, hit.node.text) for number, hit in enumerate(read, start=1)),
            question=asked[0],
            asked="\n".join(f"- {text}" for text in asked[1:]) or "-",
        )
        lines = lines_of(said)
        if not lines or _ENOUGH in lines[0].upper().split():
            return None
        return lines[0] if asks_something_new(lines[0], asked) else None


def best_of(lists: Sequence[Sequence[Hit]]) -> list[Hit]:
    """All hits of the lists, each with the best of its scores, best first."""
    hits: dict[str, Hit] = {}
    for hit in (hit for found in lists for hit in found):
        if hit.node.id not in hits or hit.score > hits[hit.node.id].score:
            hits[hit.node.id] = hit
    order = sorted(hits.values(), key=lambda hit: (-round(hit.score, 9), hit.node.id))
    return [replace(hit, ranks=ranks_in(hit.node.id, lists, hit)) for hit in order]
