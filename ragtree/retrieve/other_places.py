"""The other places of passages that were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..types import Hit, Node, Place
from .base import Accept, Index


def with_places(hits: Sequence[Hit], index: Index, accept: Accept | None = None) -> list[Hit]:
    """The hits, each with the other places of its text that pass the filter."""
    places = places_of([hit.node for hit in hits], index, accept)
    return [replace(hit, also=places[hit.node.id]) if hit.node.id in places else hit for hit in hits]


def places_of(nodes: Sequence[Node], index: Index, accept: Accept | None = None) -> Mapping[str, tuple[Place, ...]]:
    """Node id -> the other places of its text, in the order of the tree: other chunks for a chunk, other documents for
    the summary of a document."""
    copies = {node.id: found for node in nodes if (found := index.copies.of(node.id))}
    if not copies:
        return {}
    wanted = dict.fromkeys(other for found in copies.values() for other in found)
    read = {node.id: node for node in index.nodes.get(list(wanted)) if accept is None or accept(node)}
    kinds = {node.id: node.kind for node in nodes}
    places = {
        key: tuple(_place(read[other]) for other in found if other in read and read[other].kind == kinds[key])
        for key, found in copies.items()
    }
    return {key: found for key, found in places.items() if found}


def _place(node: Node) -> Place:
    return Place(node.document_id, node.source, node.span, node.location)
