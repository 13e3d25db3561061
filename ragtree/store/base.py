"""What a store of nodes is, and how a node is written down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from ..types import Claim, Evidence, Location, Node, Span, Vectors


class NodeStore(Protocol):
    """Nodes with their vectors, searched by similarity. Leaves and summaries are searched apart."""

    def upsert(self, nodes: Sequence[Node], vectors: Vectors) -> None:
        """Write nodes; `vectors` has shape (len(nodes), dim)."""
        ...

    def delete(self, ids: Iterable[str]) -> None:
        """Remove nodes; ids that are not there do no harm."""
        ...

    def clear(self) -> None:
        """Forget every node."""
        ...

    def get(self, ids: Sequence[str]) -> list[Node]:
        """The nodes of those ids, in that order, without those that are not there."""
        ...

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """Their vectors, shape (len(ids), dim). Raises KeyError for an id that is not there."""
        ...

    def search(self, vector: Vectors, count: int, leaves: bool) -> list[tuple[str, float]]:
        """Ids and cosines of the nearest leaves, or of the nearest summaries, best first."""
        ...

    def size(self, leaves: bool) -> int:
        """Number of leaves, or of summaries."""
        ...

    def nodes(self) -> Iterator[Node]:
        """Every node."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class WordIndex(Protocol):
    """The words of nodes, searched by how well they match. Leaves and summaries are searched apart."""

    def upsert(self, nodes: Sequence[Node]) -> None:
        """Write nodes; of those that are there already the old words are forgotten."""
        ...

    def delete(self, ids: Iterable[str]) -> None:
        """Remove nodes; ids that are not there do no harm."""
        ...

    def clear(self) -> None:
        """Forget every node."""
        ...

    def search(self, text: str, count: int, leaves: bool) -> list[tuple[str, float]]:
        """Ids and scores (above 0) of the leaves, or summaries, that share words with the text, best first."""
        ...

    def size(self, leaves: bool) -> int:
        """Number of leaves, or of summaries."""
        ...

    def ids(self) -> set[str]:
        """The ids of all nodes."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


def node_to_json(node: Node) -> str:
    """A node as one JSON object, text included."""
    fields = asdict(node)
    if not node.context:  # so that a node without one is written as it was before there were any
        del fields["context"]
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
        document_id=fields["document_id"],
        source=fields["source"],
        span=Span(*fields["span"]),
        location=location_from_fields(fields["location"]),
        metadata=dict(fields["metadata"]),
        context=fields.get("context", ""),
    )


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


def location_from_fields(fields: dict[str, Any]) -> Location:
    """A location from a plain dictionary."""
    return Location(fields["page"], fields["line"], tuple(fields["heading"]))
