"""Why a source was found: its rank in every list that was fused, and its way through the tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .terminal import Screen

if TYPE_CHECKING:
    from ..tree import RagTree
    from ..types import Answer, Citation, Hit, Node

_LISTS = {
    "dense": "by meaning",
    "words": "by words",
    "coverage": "by what it adds",
    "introduction": "as what says who or what it is",
    "beginning": "as a document's beginning",
}
"""Lists of `Hit.ranks` in a person's words; others bear their own names."""
_INDENT = 2
_SHOWN = 60


def show_why(citation: Citation, answer: Answer, tree: RagTree, screen: Screen) -> None:
    """The hits that brought the quote, and the labels from the root down to its passage."""
    screen.write(f"[{citation.number}]", style="mark")
    screen.line(f" {citation}", indent=_INDENT)
    found = hits_behind(citation, answer.hits, tree)
    if not found:
        screen.line("listed from the catalog, without a search", indent=_INDENT)
    parents = _parents(tree) if found else {}
    for hit, leaf in found:
        way = way_down(leaf, hit.node, parents)
        screen.line(f"found as {_kind(hit.node)}: {_ranks(hit)}", indent=_INDENT)
        for depth, node in enumerate(way, start=1):
            text = ("  " * depth) + _title(node)
            screen.write(text, style="bold" if node.id == hit.node.id else "", indent=_INDENT * depth)
            screen.line("  ← found" if node.id == hit.node.id else "", style="mark")
        others = [node for node in parents.get(leaf.id, ()) if len(way) > 1 and node.id != way[-2].id]
        for node in others:
            screen.line(f"it is also under: {_title(node)}", style="faint", indent=_INDENT)


def hits_behind(citation: Citation, hits: Sequence[Hit], tree: RagTree) -> list[tuple[Hit, Node]]:
    """The hits in which the quote stands, or on whose evidence it lies, each with the leaf that holds it."""
    evidence = {item.leaf for hit in hits for claim in hit.node.claims for item in claim.evidence}
    leaves = {node.id: node for node in tree.nodes(ids=sorted(evidence))}
    found = []
    for hit in hits:
        below = [hit.node] if hit.node.level == 0 else _evidence_of(hit.node, leaves)
        holding = [
            leaf for leaf in below if leaf.document_id == citation.document_id and leaf.span.overlap(citation.span) > 0
        ]
        if holding:
            found.append((hit, max(holding, key=lambda leaf: leaf.span.overlap(citation.span))))
    return found


def way_down(leaf: Node, through: Node, parents: Mapping[str, Sequence[Node]]) -> list[Node]:
    """The nodes from the root to the leaf, through the node that was found where there is a choice."""
    ways = [[leaf]]
    while any(parents.get(way[0].id) for way in ways):
        ways = [[parent, *way] for way in ways for parent in parents.get(way[0].id, ())]
    return next((way for way in ways if any(node.id == through.id for node in way)), ways[0])


def _evidence_of(summary: Node, leaves: Mapping[str, Node]) -> list[Node]:
    named = dict.fromkeys(item.leaf for claim in summary.claims for item in claim.evidence)
    return [leaves[key] for key in named if key in leaves]


def _parents(tree: RagTree) -> dict[str, list[Node]]:
    """Of every node, those right above it. Only summaries are read, which are few."""
    parents: dict[str, list[Node]] = {}
    for level in range(1, len(tree.stats().levels)):
        for node in tree.nodes(level):
            for child in node.children:
                parents.setdefault(child, []).append(node)
    return parents


def _kind(node: Node) -> str:
    if node.kind == "chunk":
        return "a passage"
    return "the summary of all documents" if node.kind == "collection" else f"the summary of a {node.kind}"


def _ranks(hit: Hit) -> str:
    ranks = [f"rank {rank} {_LISTS.get(name, f'by {name}')}" for name, rank in hit.ranks.items()]
    return ", ".join([f"score {hit.score:.3f}", *ranks])


def _title(node: Node) -> str:
    if node.kind == "collection" and not node.label:
        return "All documents"
    if node.label and node.level:
        return f"{node.label} ({node.kind})"
    text = " ".join(node.text.split())
    return f"“{text[:_SHOWN].rstrip()}{' …' if len(text) > _SHOWN else ''}”"
