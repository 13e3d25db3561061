"""The nodes that pass a filter, as rows of the tree's table, and the search among these alone.

If few nodes pass, they are compared one by one, which is exact and cheap. If many pass, the store is asked for more
than are wanted, and those that do not pass are dropped. Chroma's own filters read every record, however few pass.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..store.base import NodeSearch, NodeTable, WordSearch
from ..types import Fact, Vectors, Where
from .where import FilterCondition, conditions, value_of

_KEPT = 64
"""Filters whose results are cached."""
_FEW = 2000
_FEW_SHARE = 0.8
"""Up to this many nodes, or this share of all, are compared one by one. With 87,500 leaves, comparing 12,000 takes 8 ms
of processor time; Chroma takes 27 ms for the nearest 200 of all, and 66 ms for the nearest 400 or 1,000."""
_TOLERATED = 0.8
"""A search of the store has found enough if this share of the wanted number passes the filter."""
_FEW_NAMED = 5000
"""Up to this many ids are passed to the lexical index: 1,000 take 3 ms, 5,000 take 7 ms; a search for 2,000 more hits
takes 11 ms."""


class FilteredNodes:
    """The nodes of a state of the tree that a filter lets through."""

    def __init__(
        self, table: NodeTable, asked: Sequence[FilterCondition], only: NDArray[np.bool_] | None = None
    ) -> None:
        """`only`, shape (leaves,), marks the leaves that may pass."""
        self.table = table
        self._only = only
        self._levels = [one for one in asked if one.key == "level"]
        self._documents = [one for one in asked if one.key != "level"]

    def __contains__(self, key: str) -> bool:
        row = self.table.row_of.get(key)
        if row is None:
            return False
        return bool(self._leaf_mask[row] if row < self.table.leaves else self._summary_mask[row - self.table.leaves])

    def rows(self, leaves: bool) -> NDArray[np.int64]:
        """The rows of the leaves, or summaries, that pass."""
        return self._leaf_rows if leaves else self._summary_rows

    def similar(self, store: NodeSearch, vector: Vectors, count: int, leaves: bool) -> list[tuple[str, float]]:
        """Ids and cosines of the nearest nodes that pass, best first: about `count`, or all if there are fewer."""
        rows = self.rows(leaves)
        total = self.table.leaves if leaves else len(self.table.ids) - self.table.leaves
        if count < len(rows) and len(rows) > max(_FEW, _FEW_SHARE * total):
            found = store.search(vector, -(-count * total // len(rows)), leaves)
            found = [pair for pair in found if pair[0] in self]
            if len(found) >= _TOLERATED * count:
                return found
        return self.table.similar(rows, vector, count)

    def matching(self, words: WordSearch, text: str, count: int, leaves: bool) -> tuple[list[tuple[str, float]], bool]:
        """Ids and scores of nodes that pass and share words with the text, best first; True if there are no others."""
        rows = self.rows(leaves)
        if len(rows) <= _FEW_NAMED:
            among = [self.table.ids[row] for row in rows.tolist()]
            named = words.search(text, count, leaves, among) if among else []
            return named, len(named) < count
        total = self.table.leaves if leaves else len(self.table.ids) - self.table.leaves
        look = int(count * total / len(rows)) + 16
        found = words.search(text, look, leaves)
        return [pair for pair in found if pair[0] in self][:count], len(found) < look

    @cached_property
    def _leaf_mask(self) -> NDArray[np.bool_]:
        if not all(one.holds(0) for one in self._levels):
            return np.zeros(self.table.leaves, dtype=bool)
        return self._leaves_of_documents

    @cached_property
    def _leaves_of_documents(self) -> NDArray[np.bool_]:
        """For every leaf, whether its document passes; shape (leaves,)."""
        passes = np.ones(len(self.table.facts), dtype=bool)
        for one in self._documents:
            values, which = _column(self.table, one.key)
            passes &= np.array(one.holds_each(values), dtype=bool)[which]
        leaves = passes[self.table.documents[: self.table.leaves]]
        return leaves if self._only is None else leaves & self._only

    @cached_property
    def _summary_mask(self) -> NDArray[np.bool_]:
        """A summary passes if all leaves that its claims rest on pass."""
        levels = self.table.levels[self.table.leaves :]
        known = sorted(set(levels.tolist()))
        filtered = [level for level in known if all(one.holds(level) for one in self._levels)]
        mask = np.isin(levels, filtered)
        if (self._documents or self._only is not None) and mask.any():
            rows, starts = self.table.evidence
            passes = np.append(self._leaves_of_documents, False)  # row -1, which is no leaf
            mask &= np.logical_and.reduceat(passes[rows], starts)
        return mask

    @cached_property
    def _leaf_rows(self) -> NDArray[np.int64]:
        return np.flatnonzero(self._leaf_mask)

    @cached_property
    def _summary_rows(self) -> NDArray[np.int64]:
        return np.flatnonzero(self._summary_mask) + self.table.leaves


def filter_nodes(where: Where | None, table: NodeTable) -> FilteredNodes | None:
    """The nodes that pass a filter; None if all do. The result is cached until the tree changes.

    Raises QueryError for a filter that cannot be used.
    """
    asked = conditions(where)
    if not asked:
        return None
    kept: dict[str, FilteredNodes] = table.cache.setdefault("filters", {})
    key = repr(asked)  # not the conditions themselves: Python takes 1 and True as equal
    found = kept.get(key)
    if found is None:
        while len(kept) >= _KEPT:
            kept.pop(next(iter(kept)), None)
        found = kept.setdefault(key, FilteredNodes(table, asked))
    return found


def limit_to_leaves(
    table: NodeTable | None, leaves: Collection[str], inside: FilteredNodes | None = None
) -> FilteredNodes | None:
    """These leaves, and the summaries that cite nothing else, as if a filter let them through; only those that pass
    `inside`. None without a table."""
    if table is None:
        return None
    rows = np.array(sorted(table.row_of[key] for key in leaves if key in table.row_of), dtype=np.int64)
    mask = np.zeros(table.leaves, dtype=bool)
    mask[rows] = True
    return FilteredNodes(table, (), mask if inside is None else mask & inside._leaf_mask)


def filter_documents(where: Where | None, table: NodeTable) -> frozenset[str] | None:
    """The ids of the documents that pass a filter; None if all do. Raises QueryError."""
    found = filter_nodes(where, table)
    if found is None:
        return None
    numbers = set(table.documents[found.rows(leaves=True)].tolist())
    return frozenset(table.facts[number].id for number in numbers)


def limit_to_documents(
    table: NodeTable, documents: Collection[str], inside: FilteredNodes | None = None
) -> FilteredNodes:
    """The chunks of these documents, and the summaries that cite nothing else; only those that pass `inside`."""
    numbers = [table.document_of[key] for key in documents if key in table.document_of]
    mask = np.isin(table.documents[: table.leaves], numbers)
    return FilteredNodes(table, (), mask if inside is None else mask & inside._leaf_mask)


def _column(table: NodeTable, key: str) -> tuple[list[Fact | None], NDArray[np.int64]]:
    """The distinct values of a key, and the index of each document's value among them, shape (documents,)."""
    columns: dict[str, tuple[list[Fact | None], NDArray[np.int64]]] = table.cache.setdefault("columns", {})
    if key not in columns:
        # In Python True equals 1, but not in a filter; so values are compared by their repr.
        found = [value_of(key, one.id, one.source, one.metadata) for one in table.facts]
        values = {repr(value): value for value in found}
        number = {name: place for place, name in enumerate(values)}
        columns[key] = list(values.values()), np.array([number[repr(value)] for value in found], dtype=np.int64)
    return columns[key]
