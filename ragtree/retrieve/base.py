"""What a retriever is, and what all of them share: filtering, widening, packing."""

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
    from .passing import Passing

Accept: TypeAlias = Callable[[Node], bool]
"""A filter: True for a node that may be found."""

NO_COPIES = Copies()
_FIRST_LOOK = 32
_LEAST_DIFFERENT = 0.5
"""Least share of different passages among the results; below it the search is widened."""
_MOST_PASSED_OVER = 16


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the retrievers see it; `vector` has shape (dim,)."""

    text: str
    vector: Vectors
    accept: Accept | None = None
    """None where every node may be found."""
    broad: bool = False
    """It asks for an overview."""
    foreign: bool = False
    """The embedder has not learned the question's language, so that words tell more than similarity."""
    named: Mapping[str, float] = field(default_factory=dict)
    """By id, documents that the question names, and how sure that is (0 to 1)."""
    passing: Passing | None = None
    """What the filter lets through, where that was worked out before; `accept` says the same of one node."""

    def accepts(self, node: Node) -> bool:
        """True for a node that may be found."""
        return self.accept is None or self.accept(node)


def as_it_is(vectors: Vectors) -> Vectors:
    """Vectors of an index that does nothing to them."""
    return vectors


@dataclass(frozen=True, slots=True)
class Index:
    """What retrievers search."""

    nodes: NodeSearch
    words: WordSearch
    top: tuple[str, ...]
    """Ids of the highest level: where a walk down the tree begins."""
    neighbours: Callable[[Sequence[str]], Mapping[str, tuple[str, ...]]]
    """Of leaves, by id, those that stand before and after them in their document."""
    table: NodeTable | None = None
    """The state of the tree that `nodes` are read from, where they come from a catalog."""
    named: Callable[[str], Mapping[str, float]] = lambda question: {}
    """A question -> the documents that it names, by id, and how sure that is (0 to 1)."""
    shortened: Callable[[Vectors], Vectors] = as_it_is
    """What the index does to vectors, (n, dim) or (dim,)."""

    @property
    def copies(self) -> Copies:
        """The nodes that have the same text, as far as that is known."""
        return self.table.copies if self.table is not None else NO_COPIES


@dataclass(frozen=True, slots=True)
class Limit:
    """How much is wanted: a number of hits, a number of tokens, or both."""

    hits: int | None = None
    tokens: int | None = None


class Retriever(Protocol):
    """One way to search the tree."""

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        """Hits within the limit, best first."""
        ...


class Reranker(Protocol):
    """A second look at the leaves that were found. Making one loads nothing."""

    share: float
    """How much of the order its scores decide, between 0 and 1, where `retrieve.rerank_share` does not say."""

    def rank(self, question: str, nodes: Sequence[Node]) -> NDArray[np.float64]:
        """How well each node answers the question, higher is better, on any scale; shape (len(nodes),).

        `nodes` come best first, and are at least one. Raises MissingExtraError, and ModelError where the model cannot
        be loaded or reached.
        """
        ...


def pack(hits: Iterable[Hit], limit: Limit, copies: Copies = NO_COPIES) -> list[Hit]:
    """The best hits that fit; one that is too long for the remaining tokens is skipped for a shorter one. Of the
    `copies` of a passage only the best counts.

    It gives up after a while: what comes then is far from the question, and would be looked for in all the index.
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
    """`first`, and then what `others` finds beside it, which is asked only where there is room left.

    The others score no higher than the last of the first.
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
    """Hits of one collection, best first, as many as are asked for: it looks wider as long as one reads on.

    Filters are applied here and not in the store, where they cost far more than looking at a few more nodes.
    """
    store = index.nodes
    total = store.size(leaves) if query.passing is None else len(query.passing.rows(leaves))
    seen: set[str] = set()
    look = max(_FIRST_LOOK, limit.hits or 0)
    rank = 0
    while len(seen) < total:
        # A wider look need not begin with the narrower one: of many equally near nodes it brings others.
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
    """Ids and cosines of the nearest nodes that pass the filter (if it is known), best first.

    Copies count once, so that a hundred copies of a passage do not displace the others.
    """
    total = index.nodes.size(leaves) if query.passing is None else len(query.passing.rows(leaves))
    look = count
    while True:
        found = _similar(query, index, look, leaves)
        different = list(index.copies.once(found, _id_of_pair))
        if len(different) == len(found) or len(different) >= _LEAST_DIFFERENT * count or look >= total:
            return different[:count]
        look *= 4


def matching(query: Query, index: Index, count: int, leaves: bool) -> tuple[list[tuple[str, float]], bool]:
    """Ids and scores of nodes that share words with the question, as in `similar`; and whether these are all."""
    look = count
    while True:
        found, are_all = _matching(query, index, look, leaves)
        different = list(index.copies.once(found, _id_of_pair))
        if len(different) == len(found) or len(different) >= _LEAST_DIFFERENT * count or are_all:
            return different[:count], are_all and len(different) <= count
        look *= 4


def _similar(query: Query, index: Index, count: int, leaves: bool) -> list[tuple[str, float]]:
    if query.passing is None:
        return index.nodes.search(query.vector, count, leaves)
    return query.passing.similar(index.nodes, query.vector, count, leaves)


def _matching(query: Query, index: Index, count: int, leaves: bool) -> tuple[list[tuple[str, float]], bool]:
    if query.passing is None:
        found = index.words.search(query.text, count, leaves)
        return found, len(found) < count
    return query.passing.matching(index.words, query.text, count, leaves)


def _id_of_pair(pair: tuple[str, float]) -> str:
    return pair[0]
