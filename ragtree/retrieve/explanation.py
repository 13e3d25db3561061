"""Why a source was found: the hits that hold its quote, and the path to it from the top of the tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..types import Citation, Hit, Node


def evidence_of(hits: Iterable[Hit]) -> list[str]:
    """The ids of the chunks that the summaries among the hits rest on."""
    return sorted({item.leaf for hit in hits for claim in hit.node.claims for item in claim.evidence})


def hits_behind(citation: Citation, hits: Iterable[Hit], leaves: Mapping[str, Node]) -> list[tuple[Hit, Node]]:
    """The hits whose chunk, or whose evidence, overlaps the quote, each with the chunk that holds most of it.

    `leaves` are the chunks that `evidence_of` names.
    """
    found = []
    for hit in hits:
        below = [hit.node] if hit.node.level == 0 else _below(hit.node, leaves)
        holding = [
            leaf for leaf in below if leaf.document_id == citation.document_id and leaf.span.overlap(citation.span) > 0
        ]
        if holding:
            found.append((hit, max(holding, key=lambda leaf: leaf.span.overlap(citation.span))))
    return found


def parents_of(summaries: Iterable[Node]) -> dict[str, list[Node]]:
    """Node id -> the nodes right above it."""
    parents: dict[str, list[Node]] = {}
    for node in summaries:
        for child in node.children:
            parents.setdefault(child, []).append(node)
    return parents


def path_to_leaf(leaf: Node, through: Node, parents: Mapping[str, Sequence[Node]]) -> list[Node]:
    """The path of nodes from the root to the leaf; of several paths, one through the node that was found."""
    ways = [[leaf]]
    while any(parents.get(way[0].id) for way in ways):
        ways = [[parent, *way] for way in ways for parent in parents.get(way[0].id, ())]
    return next((way for way in ways if any(node.id == through.id for node in way)), ways[0])


def _below(summary: Node, leaves: Mapping[str, Node]) -> list[Node]:
    named = dict.fromkeys(item.leaf for claim in summary.claims for item in claim.evidence)
    return [leaves[key] for key in named if key in leaves]
