"""The protocols of retrievers and rerankers, and what all modes share: filtering, widening a search, packing hits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..store.base import Copies, NodeSearch, NodeTable, WordSearch
from ..types import Hit, Node, Vectors

if TYPE_CHECKING:
    from .filtered_nodes import FilteredNodes

Accept: TypeAlias = Callable[[Node], bool]
"""A filter: True for a node that may be found."""

NO_COPIES = Copies()
_FIRST_LOOK = 32
_LEAST_DIFFERENT = 0.5
"""A search is widened if fewer than this share of the wanted results are distinct passages."""
_MOST_PASSED_OVER = 16


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the retrievers see it; `vector` has shape (dim,)."""

    text: str
    vector: Vectors
    accept: Accept | None = None
    """None if every node may be found."""
    broad: bool = False
    """True if the question asks for an overview."""
    foreign: bool = False
    """True if the embedder has not learned the question's language, so that words tell more than similarity."""
    named: Mapping[str, float] = field(default_factory=dict)
    """Ids of the documents that the question names -> how sure that is, 0 to 1."""
    filtered: FilteredNodes | None = None
    """The nodes that pass the filter, if they were computed beforehand; `accept` tests the same for one node."""

    def accepts(self, node: Node) -> bool:
        """True for a node that may be found."""
        return self.accept is None or self.accept(node)


def unchanged(vectors: Vectors) -> Vectors:
    """The vectors themselves, for an index that does not shorten them."""
    return vectors


@dataclass(frozen=True, slots=True)
class Index:
    """What retrievers search."""

    nodes: NodeSearch
    words: WordSearch
    top: tuple[str, ...]
    """Ids of the nodes of the highest level, where a walk down the tree begins."""
    neighbours: Callable[[Sequence[str]], Mapping[str, tuple[str, ...]]]
    """Ids of leaves -> for each, the leaves before and after it in its document."""
    table: NodeTable | None = None
    """The state of the tree that `nodes` are read from, if they come from a catalog."""
    named: Callable[[str], Mapping[str, float]] = lambda question: {}
    """A question -> the ids of the documents that it names, and how sure that is, 0 to 1."""
    shortened: Callable[[Vectors], Vectors] = unchanged
    """Vectors of the embedder, (n, dim) or (dim,) -> the vectors that the index compares."""

    @property
    def copies(self) -> Copies:
        """The groups of nodes that have the same text; none without a table."""
        return self.table.copies if self.table is not None else NO_COPIES


@dataclass(frozen=True, slots=True)
class Limit:
    """How much is wanted: a number of hits, a number of tokens, or both."""

    hits: int | None = None
    tokens: int | None = None


class Retriever(Protocol):
    """One way to search the tree. It is made with nothing."""

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        """Hits within the limit, best first."""
        ...


class Reranker(Protocol):
    """A second judgement of the leaves that were found. Creating one loads nothing.

    That of a package is named `NAME:MODEL` in `retrieve.rerank`, and made with MODEL.
    """

    share: float
    """How much of the order its scores decide, 0 to 1; the rest is the order before."""

    def rank(self, question: str, nodes: Sequence[Node]) -> NDArray[np.float64]:
        """How well each node answers the question, higher is better, on any scale; shape (len(nodes),).

        `nodes` are given best first, and there is at least one. Raises MissingExtraError, and ModelError if the model
        cannot be loaded or reached.
        """
        ...


def pack(hits: Iterable[Hit], limit: Limit, copies: Copies = NO_COPIES) -> list[Hit]:
    """The best hits that fit. A hit that is too long for the remaining tokens is skipped; of the `copies` of a passage
    only the best is taken.

    It stops after a number of skipped hits: later hits are far from the question, and finding them would read the
    whole index.
    """
    taken: list[Hit] = []
    left = math.inf if limit.tokens is None else limit.tokens
    wanted = math.inf if limit.hits is None else limit.hits
    passed_over = 0
    for hit in copies.once(hits, _id_of_hit) if wanted > 0 and left > 0 else ():
        if hit.node.tokens <= left:
            left -= hit.node.tokens
            taken.append(hit)
        else:
            passed_over += 1
        if len(taken) >= wanted or left <= 0 or passed_over >= _MOST_PASSED_OVER:
            break
    return taken


def _id_of_hit(hit: Hit) -> str:
    return hit.node.id


def pack_before(
    first: Sequence[Hit], others: Callable[[], Iterable[Hit]], limit: Limit, copies: Copies = NO_COPIES
) -> list[Hit]:
    """The hits of `first`, then the further ones of `others`, which is called only if there is room left.

    The hits of `others` score no higher than the lowest of `first`.
    """

    def one_after_the_other() -> Iterator[Hit]:
        yield from first
        known = {hit.node.id for hit in first}
        lowest = min((hit.score for hit in first), default=math.inf)
        for hit in others():
            if hit.node.id not in known:
                yield replace(hit, score=min(hit.score, lowest))

    return pack(one_after_the_other(), limit, copies)


def nearest(query: Query, index: Index, limit: Limit, leaves: bool, name: str) -> Iterator[Hit]:
    """Yield hits among the leaves or the summaries, best first; the search widens as long as the caller reads on.

    Filters are applied here and not in the store, where they cost far more than reading a few more nodes.
    """
    store = index.nodes
    total = store.size(leaves) if query.filtered is None else len(query.filtered.rows(leaves))
    seen: set[str] = set()
    look = max(_FIRST_LOOK, limit.hits or 0)
    rank = 0
    while len(seen) < total:
        # A wider search may not begin with the results of the narrower one: of many equally near nodes it finds others.
        found = _similar(query, index, min(look, total), leaves)
        fresh = [pair for pair in found if pair[0] not in seen]
        if not fresh and look >= total:
            return
        seen.update(key for key, _ in fresh)
        nodes = {node.id: node for node in store.get([key for key, _ in fresh])}
        for key, score in fresh:
            node = nodes.get(key)
            if node is not None and query.accepts(node):
                rank += 1
                yield Hit(node, score, {name: rank})
        look *= 4


def similar(query: Query, index: Index, count: int, leaves: bool) -> list[tuple[str, float]]:
    """Ids and cosines of the nearest nodes, best first; filtered only if `query.filtered` is known.

    Copies count once, so that a hundred copies of a passage do not displace the others.
    """
    total = index.nodes.size(leaves) if query.filtered is None else len(query.filtered.rows(leaves))
    look = count
    while True:
        found = _similar(query, index, look, leaves)
        different = list(index.copies.once(found, _id_of_pair))
        if len(different) == len(found) or len(different) >= _LEAST_DIFFERENT * count or look >= total:
            return different[:count]
        look *= 4


def matching(query: Query, index: Index, count: int, leaves: bool) -> tuple[list[tuple[str, float]], bool]:
    """Like `similar`, for nodes that share words with the question; the second value is True if there are no others."""
    look = count
    while True:
        found, are_all = _matching(query, index, look, leaves)
        different = list(index.copies.once(found, _id_of_pair))
        if len(different) == len(found) or len(different) >= _LEAST_DIFFERENT * count or are_all:
            return different[:count], are_all and len(different) <= count
        look *= 4


def _similar(query: Query, index: Index, count: int, leaves: bool) -> list[tuple[str, float]]:
    if query.filtered is None:
        return index.nodes.search(query.vector, count, leaves)
    return query.filtered.similar(index.nodes, query.vector, count, leaves)


def _matching(query: Query, index: Index, count: int, leaves: bool) -> tuple[list[tuple[str, float]], bool]:
    if query.filtered is None:
        found = index.words.search(query.text, count, leaves)
        return found, len(found) < count
    return query.filtered.matching(index.words, query.text, count, leaves)


def _id_of_pair(pair: tuple[str, float]) -> str:
    return pair[0]
