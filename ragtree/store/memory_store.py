"""A store in memory, with exact search over arrays. For tests of code that reads a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ..types import Node, Vectors


class MemoryStore:
    """A store in a dictionary."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[Node, Vectors]] = {}

    def upsert(self, nodes: Sequence[Node], vectors: Vectors) -> None:
        for node, vector in zip(nodes, vectors, strict=True):
            self._rows[node.id] = (node, np.array(vector, dtype=np.float32))

    def delete(self, ids: Iterable[str]) -> None:
        for key in ids:
            self._rows.pop(key, None)

    def clear(self) -> None:
        self._rows.clear()

    def get(self, ids: Sequence[str]) -> list[Node]:
        return [self._rows[key][0] for key in ids if key in self._rows]

    def vectors(self, ids: Sequence[str]) -> Vectors:
        rows = [self._rows[key][1] for key in ids]
        return np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)

    def search(self, vector: Vectors, count: int, leaves: bool) -> list[tuple[str, float]]:
        found = [(key, float(row @ vector)) for key, (node, row) in self._rows.items() if (node.level == 0) == leaves]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:count]

    def size(self, leaves: bool) -> int:
        return sum((node.level == 0) == leaves for node, _ in self._rows.values())

    def nodes(self) -> Iterator[Node]:
        return iter([node for node, _ in self._rows.values()])

    def close(self) -> None:
        """Nothing is held."""
