"""Why a source was found, for the page."""

from __future__ import annotations

from collections.abc import Sequence

from ...asynchronous import AsyncRagTree
from ...retrieve.explanation import evidence_of, hits_behind, parents_of, path_to_leaf
from ...types import Citation, Hit, Node

_SHOWN = 80


async def why_found(tree: AsyncRagTree, citation: Citation, hits: Sequence[Hit]) -> list[dict[str, object]]:
    """The hits that brought the quote, with their ranks and the way down to its passage; empty without a search."""
    async with tree.snapshot():
        leaves = {node.id: node for node in await tree.nodes(ids=evidence_of(hits))}
        found = hits_behind(citation, hits, leaves)
        parents = parents_of(await tree.above([leaf.id for _, leaf in found]))
    return [_finding(hit, path_to_leaf(leaf, hit.node, parents)) for hit, leaf in found]


def _finding(hit: Hit, way: Sequence[Node]) -> dict[str, object]:
    return {
        "kind": hit.node.kind,
        "score": round(hit.score, 3),
        "ranks": dict(hit.ranks),
        "way": [{"label": _label(node), "kind": node.kind, "found": node.id == hit.node.id} for node in way],
    }


def _label(node: Node) -> str:
    if node.level and (node.label or node.kind == "collection"):
        return node.label
    words = " ".join(node.text.split())
    return f"“{words[:_SHOWN].rstrip()}{' …' if len(words) > _SHOWN else ''}”"
