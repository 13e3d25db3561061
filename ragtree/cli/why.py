"""Shows why a source was found: its rank in every list that was fused, and its path in the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..retrieve.explanation import evidence_of, hits_behind, parents_of, path_to_leaf
from .terminal import Screen

if TYPE_CHECKING:
    from ..tree import RagTree
    from ..types import Answer, Citation, Hit, Node

_LISTS = {
    "dense": "by meaning",
    "words": "by words",
    "coverage": "by what it adds",
    "introduction": "as an introduction of the name",
    "beginning": "as a document's beginning",
}
"""Plain words for the lists of `Hit.ranks`; others keep their own names."""
_INDENT = 2
_SHOWN = 60


def show_why(citation: Citation, answer: Answer, tree: RagTree, screen: Screen) -> None:
    """Print the hits that brought the quote, and the labels from the root down to its passage."""
    screen.write(f"[{citation.number}]", style="mark")
    screen.line(f" {citation}", indent=_INDENT)
    leaves = {node.id: node for node in tree.nodes(ids=evidence_of(answer.hits))}
    found = hits_behind(citation, answer.hits, leaves)
    if not found:
        screen.line("listed from the catalog, without a search", indent=_INDENT)
    parents = parents_of(tree.above([leaf.id for _, leaf in found]))
    for hit, leaf in found:
        way = path_to_leaf(leaf, hit.node, parents)
        screen.line(f"found as {_kind(hit.node)}: {_ranks(hit)}", indent=_INDENT)
        for depth, node in enumerate(way, start=1):
            text = ("  " * depth) + _title(node)
            screen.write(text, style="bold" if node.id == hit.node.id else "", indent=_INDENT * depth)
            screen.line("  ← found" if node.id == hit.node.id else "", style="mark")
        others = [node for node in parents.get(leaf.id, ()) if len(way) > 1 and node.id != way[-2].id]
        for node in others:
            screen.line(f"it is also under: {_title(node)}", style="faint", indent=_INDENT)


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
