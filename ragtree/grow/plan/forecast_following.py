"""A tree that follows a change, without a call to a model: which summaries would be written anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ...cluster.base import Clusterer
from ...cluster.kmeans import KMeans
from ...embed.base import unit_rows
from ...embed.hashing import HashingEmbedder
from ...settings import TreeSettings
from ...store.catalog import Catalog
from ...store.outline import Outline
from ...types import Node, Vectors
from ..build import in_reading_order
from ..leaves import hash_id
from ..living.following import Following
from ..living.leaf_change import LeafChange
from ..node_vectors import NodeVectors
from .forecast import Forecast, Kept

_MOST_ALIKE = 5000
"""Chunks of the tree among which the one most like a new chunk is looked for."""
_STAND_IN = "\0planned"


class PlanningWriter:
    """Writes nodes without a text; their vectors are the means of their members'."""

    def __init__(
        self,
        outline: Outline,
        catalog: Catalog,
        vectors: NodeVectors,
        new: Mapping[str, Vectors],
        settings: TreeSettings,
        summary_tokens: int,
        kept: Kept,
    ) -> None:
        """`new` are vectors of leaves that are not in the outline, by id."""
        self.written: list[tuple[int, int]] = []
        """Of every summary that would be made: its level, and the tokens of what it is made of."""
        self._outline = outline
        self._catalog = catalog
        self._vectors = vectors
        self._rows = dict(new)
        self._nodes: dict[str, Node] = {}
        self._clusterer: Clusterer = KMeans(settings)
        self._budget = settings.group_tokens
        self._summary_tokens = summary_tokens
        self._kept = kept

    def know(self, leaves: Sequence[Node]) -> None:
        """Leaves that are not in the catalog as they are."""
        self._nodes.update((leaf.id, leaf) for leaf in leaves)

    def carry(self, node: Node) -> None:
        self._nodes[node.id] = node

    def node(self, key: str) -> Node:
        return self._known([key])[0]

    def vectors(self, ids: Sequence[str]) -> Vectors:
        missing = [key for key in dict.fromkeys(ids) if key not in self._rows]
        rows = self._vectors.rows([self._outline.entries[key].key for key in missing])
        self._rows.update(zip(missing, rows, strict=True))
        return np.stack([self._rows[key] for key in ids])

    def write(self, groups: Sequence[Sequence[str]], taken: Callable[[str], bool]) -> list[Node]:
        return [self._write(group) for group in groups]

    def grown_above(self, level: Sequence[str]) -> list[Node]:
        nodes: list[Node] = []
        while len(level) > 1:
            tokens = np.array([node.tokens for node in self._known(level)], dtype=np.int64)
            groups = in_reading_order(self._clusterer.cluster(self.vectors(level), tokens, self._budget))
            parents = [self._write([level[row] for row in group]) for group in groups]
            level = list(dict.fromkeys(node.id for node in parents))
            nodes.extend({node.id: node for node in parents}.values())
        return nodes

    def _write(self, members: Sequence[str]) -> Node:
        children = self._known(members)
        key = hash_id(_STAND_IN, *members)
        texts = [child.text for child in children]
        found = self._kept(texts) if all(texts) else None
        text, vector = found if found is not None else ("", None)
        if found is None:
            self.written.append((children[0].level + 1, sum(child.tokens for child in children)))
        if vector is None:
            vector = unit_rows(self.vectors(members).mean(axis=0, keepdims=True))[0]
        self._rows[key] = vector
        node = Node(key, children[0].level + 1, text, self._summary_tokens, children=tuple(members))
        self._nodes[key] = node
        return node

    def _known(self, ids: Sequence[str]) -> list[Node]:
        old = {node.id: node for node in self._catalog.nodes_of([key for key in ids if key not in self._nodes])}
        return [self._nodes[key] if key in self._nodes else old[key] for key in ids]


def forecast_following(
    outline: Outline,
    change: LeafChange,
    catalog: Catalog,
    vectors: NodeVectors,
    new: Mapping[str, Vectors | None],
    settings: TreeSettings,
    refresh: bool,
    summary_tokens: int,
    kept: Kept,
) -> Forecast:
    """What the tree would be after the change, and what would be written for it.

    `new` are vectors of leaves by id, where they are known. One without goes where the chunk is that it shares most
    words with.
    """
    started = time.monotonic()
    writer = PlanningWriter(
        outline, catalog, vectors, _all_placed(new, change, outline, catalog, vectors), settings, summary_tokens, kept
    )
    writer.know([*change.same.values(), *change.new])
    found = Following(outline, writer, settings, refresh).follow(change)
    return Forecast(
        tuple(len(level) for level in found.levels[1:]),
        len(writer.written),
        sum(tokens for _, tokens in writer.written),
        sum(tokens for level, tokens in writer.written if level == 1),
        time.monotonic() - started,
    )


def _all_placed(
    new: Mapping[str, Vectors | None], change: LeafChange, outline: Outline, catalog: Catalog, vectors: NodeVectors
) -> dict[str, Vectors]:
    """A vector for each of the leaves that are not in the outline under their id."""
    known = {key: row for key, row in new.items() if row is not None}
    absent = [leaf for leaf in (*change.same.values(), *change.new) if leaf.id in new and leaf.id not in known]
    if absent:
        leaves = outline.levels[0]
        some = [leaves[at] for at in np.unique(np.linspace(0, len(leaves) - 1, _MOST_ALIKE).astype(int))]
        words = HashingEmbedder(256)
        alike = (
            words.embed([leaf.text for leaf in absent]) @ words.embed([node.text for node in catalog.nodes_of(some)]).T
        )
        rows = vectors.rows([outline.entries[some[at]].key for at in alike.argmax(axis=1)])
        known.update((leaf.id, row) for leaf, row in zip(absent, rows, strict=True))
    return known
