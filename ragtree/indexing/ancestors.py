"""Updates the themes above documents that are removed, changed or renamed, at once and without a model.

A theme loses children that are gone, and sentences that cite something gone. Its summary is written again at the end of
the sync (`collection`) if it lost such a sentence or if much below it has changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from ..store.catalog import Catalog
from ..store.tree_change import PlacedNode, TreeChange
from ..text.tokens import count_tokens
from ..types import Claim, Evidence
from .claims import text_of


@dataclass(frozen=True, slots=True)
class Below:
    """What has changed below the themes: ids of document nodes and chunks."""

    removed: Collection[str] = ()
    """Document nodes that are gone."""
    changed: Collection[str] = ()
    """Document nodes whose summary has changed."""
    touched: Collection[str] = ()
    """Document nodes whose summary has the same text, but cites other chunks."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Document nodes whose id has changed, as old id -> new id."""
    gone_chunks: Collection[str] = ()
    moved_chunks: Mapping[str, str] = field(default_factory=dict)
    """Chunks of renamed documents, as old id -> new id."""


def ancestors_after(catalog: Catalog, below: Below) -> TreeChange:
    """Return the change of the themes above that follows from a change below them."""
    above = _Above(catalog, below)
    above.load()
    for key in above.bottom_up():
        above.update(key)
    return TreeChange([one for one in above.nodes.values() if one.node.id in above.altered], above.gone)


class _Above:
    """The nodes above some documents, while they are updated."""

    def __init__(self, catalog: Catalog, below: Below) -> None:
        self._catalog = catalog
        self._below = below
        self.nodes: dict[str, PlacedNode] = {}
        self.altered: set[str] = set()
        self.gone: set[str] = set()
        self._tokens: dict[str, int] = {}
        self._shares: dict[str, float] = dict.fromkeys([*below.removed, *below.changed], 1.0)
        """For each node, the share of the text below it that has changed, 0 to 1."""

    def load(self) -> None:
        below = self._below
        waiting = [*below.removed, *below.changed, *below.touched, *below.renamed]
        while waiting:
            found = {parent for parents in self._catalog.parents(waiting).values() for parent in parents}
            waiting = sorted(found - self.nodes.keys())
            self.nodes |= {one.node.id: one for one in self._catalog.placed_of(waiting)}
        children = [child for one in self.nodes.values() for child in one.node.children]
        self._tokens = {key: entry.tokens for key, entry in self._catalog.entries_of(children).items()}

    def bottom_up(self) -> list[str]:
        """The ids of the nodes, children before parents."""
        return sorted(self.nodes, key=lambda key: (self.nodes[key].node.level, key))

    def update(self, key: str) -> None:
        """Remove from a node what is gone, and count how much below it has changed."""
        one = self.nodes[key]
        node = one.node
        dropped = {*self._below.removed, *self.gone}
        children = tuple(self._below.renamed.get(child, child) for child in node.children if child not in dropped)
        if not children:
            self.gone.add(key)
            self._shares[key] = 1.0
            return
        whole = max(1, sum(self._tokens.get(child, 0) for child in node.children))
        share = sum(self._shares.get(child, 0.0) * self._tokens.get(child, 0) for child in node.children) / whole
        claims = tuple(kept for claim in node.claims if (kept := self._kept(claim)) is not None)
        stale = 1.0 if len(claims) < len(node.claims) else round(min(1.0, node.stale + share), 6)
        text = text_of(claims) or node.label
        after = replace(node, children=children, claims=claims, stale=stale, text=text, tokens=count_tokens(text))
        if after != node:
            self.nodes[key] = replace(one, node=after)
            self.altered.add(key)
        self._shares[key] = min(1.0, share)

    def _kept(self, claim: Claim) -> Claim | None:
        """The claim with the new ids of moved chunks; None if any of its evidence is gone."""
        if all(item.leaf not in self._below.gone_chunks for item in claim.evidence):
            moved = self._below.moved_chunks
            if all(item.leaf not in moved for item in claim.evidence):
                return claim
            return replace(
                claim, evidence=tuple(Evidence(moved.get(item.leaf, item.leaf), item.span) for item in claim.evidence)
            )
        return None
