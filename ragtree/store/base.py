"""The interfaces of stores, the table of a tree's nodes in memory, and nodes as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..types import Claim, Evidence, Fact, Location, Node, Span, Vectors
from .copies import Copies as Copies

_AT_ONCE = 512
"""Rows of vectors that are copied at a time. So few stay in the processor's cache, and do not start a second thread,
which costs more than it gains: 43,000 rows take 6 ms, but 27 ms of processor time in parts of 4,096."""


class NodeSearch(Protocol):
    """Nodes with their vectors, searched by similarity. Leaves and summaries are searched apart."""

    def get(self, ids: Sequence[str]) -> list[Node]:
        """The nodes with these ids, in this order. Ids that do not exist are skipped."""
        ...

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """The vectors of nodes, shape (len(ids), dim). Raises KeyError for an id that does not exist."""
        ...

    def search(self, vector: Vectors, count: int, leaves: bool) -> list[tuple[str, float]]:
        """Ids and cosines of the nearest leaves, or of the nearest summaries, best first."""
        ...

    def size(self, leaves: bool) -> int:
        """Number of leaves, or of summaries."""
        ...


class NodeStore(NodeSearch, Protocol):
    """A search for nodes that can be written to."""

    def upsert(self, nodes: Sequence[Node], vectors: Vectors) -> None:
        """Write nodes; `vectors` has shape (len(nodes), dim)."""
        ...

    def delete(self, ids: Iterable[str]) -> None:
        """Remove nodes. Ids that do not exist are ignored."""
        ...

    def clear(self) -> None:
        """Remove every node."""
        ...

    def nodes(self) -> Iterator[Node]:
        """Every node."""
        ...

    def close(self) -> None:
        """Close the files."""
        ...


class WordSearch(Protocol):
    """The words of nodes, searched by how well they match. Leaves and summaries are searched apart."""

    def search(
        self, text: str, count: int, leaves: bool, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Ids and scores (above 0) of the leaves, or summaries, that share words with the text, best first.

        `among` restricts the search to these ids, without changing any score.
        """
        ...


class WordIndex(WordSearch, Protocol):
    """A word search that can be written to."""

    def upsert(self, nodes: Sequence[Node]) -> None:
        """Write nodes, replacing the words of those that exist."""
        ...

    def delete(self, ids: Iterable[str]) -> None:
        """Remove nodes. Ids that do not exist are ignored."""
        ...

    def change(self, nodes: Sequence[Node], gone: Iterable[str]) -> None:
        """Write nodes and remove others at once. Existing readers do not see it."""
        ...

    def clear(self) -> None:
        """Remove every node."""
        ...

    def reader(self) -> WordSearch:
        """A search of the words as they are now, whatever is written afterwards."""
        ...

    def size(self, leaves: bool) -> int:
        """Number of leaves, or of summaries."""
        ...

    def ids(self) -> set[str]:
        """The ids of all nodes."""
        ...

    def close(self) -> None:
        """Close the files."""
        ...


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What a filter looks at in a document."""

    id: str
    source: str
    metadata: Mapping[str, Fact]


class NodeTable:
    """One state of the tree in memory, without its texts: leaves first, in reading order, then level by level.

    A node's place in it is its row. Large parts are read when first needed.
    """

    def __init__(
        self,
        ids: Sequence[str],
        levels: NDArray[np.int64],
        documents: NDArray[np.int64],
        facts: Sequence[DocumentFacts],
        read_vectors: Callable[[], Vectors],
        read_evidence: Callable[[], Sequence[Sequence[str]]],
        read_copies: Callable[[], Sequence[tuple[str, ...]]] = tuple,
    ) -> None:
        self.ids = ids
        self.levels = levels
        """Shape (n,)."""
        self.documents = documents
        """Shape (n,): each node's document as an index of `facts`, -1 for a node above the documents."""
        self.facts = facts
        self.leaves = int(np.count_nonzero(levels == 0))
        """Number of leaves: row `leaves` is the first summary."""
        self._read_vectors = read_vectors
        self._read_evidence = read_evidence
        self._read_copies = read_copies

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each node, by id."""
        return {key: row for row, key in enumerate(self.ids)}

    @cached_property
    def document_of(self) -> dict[str, int]:
        """The index in `facts` of each document, by id."""
        return {one.id: number for number, one in enumerate(self.facts)}

    @cached_property
    def copies(self) -> Copies:
        """Which nodes have the same text. Every group is in the order of the rows."""
        rows = self.row_of
        known = (sorted((key for key in group if key in rows), key=rows.__getitem__) for group in self._read_copies())
        return Copies(tuple(tuple(group) for group in known))

    @cached_property
    def vectors(self) -> Vectors:
        """The vectors of all nodes, shape (n, dim)."""
        return self._read_vectors()

    @cached_property
    def evidence(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows of the leaves that claims cite, summary by summary, and where those of each summary begin.

        -1 stands for a leaf that is gone, and for a summary without evidence.
        """
        rows = self.row_of
        found: list[int] = []
        starts: list[int] = []
        for leaves in self._read_evidence():
            starts.append(len(found))
            found.extend([rows.get(leaf, -1) for leaf in leaves] or [-1])
        return np.array(found, dtype=np.int64), np.array(starts, dtype=np.int64)

    @cached_property
    def cache(self) -> dict[str, Any]:
        """A cache for what others compute from this state."""
        return {}

    def similar(self, rows: NDArray[np.int64], vector: Vectors, count: int) -> list[tuple[str, float]]:
        """Ids and cosines of the `count` rows nearest to `vector`, shape (dim,), best first. Compares all `rows`."""
        if count < 1:
            return []
        # Rounded, because sums in another order differ in the last bits, and equal scores are sorted by id.
        parts = [self.vectors[rows[at : at + _AT_ONCE]] @ vector for at in range(0, len(rows), _AT_ONCE)]
        scores = np.round(np.concatenate([np.zeros(0), *parts]), 6)
        if count < len(rows):
            best = np.flatnonzero(scores >= np.partition(scores, len(rows) - count)[len(rows) - count])
            rows, scores = rows[best], scores[best]
        pairs = zip((self.ids[row] for row in rows.tolist()), scores.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:count]

    def neighbours(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """For leaves, by id, the leaves before and after them in their document."""
        found: dict[str, tuple[str, ...]] = {}
        for key in ids:
            row = self.row_of.get(key)
            if row is not None and row < self.leaves:
                near = [other for other in (row - 1, row + 1) if 0 <= other < self.leaves]
                beside = tuple(self.ids[other] for other in near if self.documents[other] == self.documents[row])
                if beside:
                    found[key] = beside
        return found


def node_to_json(node: Node) -> str:
    """A node as one JSON object, text included."""
    fields = {**asdict(node), "location": location_fields(node.location)}
    if not node.context:  # so that a node without context is written as before contexts existed
        del fields["context"]
    if not node.stale:
        del fields["stale"]
    if not node.made:
        del fields["made"]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def node_from_json(text: str) -> Node:
    """The node that `node_to_json` wrote."""
    return node_from_fields(json.loads(text))


def node_from_fields(fields: dict[str, Any]) -> Node:
    """A node from plain lists and dictionaries."""
    return Node(
        id=fields["id"],
        level=fields["level"],
        text=fields["text"],
        tokens=fields["tokens"],
        label=fields["label"],
        children=tuple(fields["children"]),
        claims=claims_from_fields(fields["claims"]),
        kind=fields["kind"],
        made=fields.get("made", ""),
        document_id=fields["document_id"],
        source=fields["source"],
        span=Span(*fields["span"]),
        location=location_from_fields(fields["location"]),
        metadata=metadata_from_fields(fields["metadata"]),
        context=fields.get("context", ""),
        stale=fields.get("stale", 0.0),
    )


def metadata_from_fields(fields: Mapping[str, Any]) -> dict[str, Fact]:
    """Metadata from a plain dictionary, in which multiple values are a list."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}


def claims_from_fields(claims: list[dict[str, Any]]) -> tuple[Claim, ...]:
    """Claims from plain lists and dictionaries."""
    return tuple(
        Claim(
            claim["text"],
            tuple(Evidence(item["leaf"], Span(*item["span"])) for item in claim["evidence"]),
            claim["score"],
        )
        for claim in claims
    )


def location_fields(location: Location) -> dict[str, Any]:
    """A location as a plain dictionary, without `described` unless it is true."""
    found: dict[str, Any] = {"page": location.page, "line": location.line, "heading": location.heading}
    return {**found, "described": True} if location.described else found


def location_from_fields(fields: Mapping[str, Any]) -> Location:
    """The location of such a dictionary."""
    return Location(fields["page"], fields["line"], tuple(fields["heading"]), fields.get("described", False))
