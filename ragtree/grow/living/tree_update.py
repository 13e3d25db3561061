"""A change of leaves -> the change of the whole tree, labels and places included."""

from __future__ import annotations

from collections.abc import Sequence

from ...cluster.base import Clusterer, ReadingClusterer
from ...settings import TreeSettings
from ...store.base import node_to_json
from ...store.catalog import Catalog
from ...store.outline import Outline
from ...store.tree_change import TreeChange
from ...types import Node, OnProgress, no_progress
from ..caches import CachedSummarizer
from ..labelling.naming import Naming
from ..node_vectors import NodeVectors
from .following import Followed, Following, gone_of, renumbered
from .leaf_change import LeafChange
from .relabelling import relabelled
from .writer import SummaryWriter


def changed_tree(
    outline: Outline,
    change: LeafChange,
    catalog: Catalog,
    vectors: NodeVectors,
    summarizer: CachedSummarizer,
    clusterer: Clusterer | ReadingClusterer | None,
    settings: TreeSettings,
    naming: Naming | None = None,
    refresh: bool = False,
    progress: OnProgress = no_progress,
) -> TreeChange:
    """How the tree is another one over the leaves as they are after `change`; its new leaves have vectors.

    Raises ModelError where a model fails; what was done until then is in the caches.
    """
    writer = SummaryWriter(outline, catalog, vectors, summarizer, clusterer, settings.group_tokens, progress)
    writer.know([*change.same.values(), *change.new])
    found = Following(outline, writer, settings, refresh).follow(change)
    nodes = relabelled(found, outline, writer.nodes)
    if naming is not None:
        nodes = _named(nodes, found, writer, naming, progress)
    nodes = _other_than_kept(nodes, catalog, outline, writer)
    document_of = {leaf.id: leaf.document_id for leaf in (*change.same.values(), *change.new)}
    stays = {key for level in found.levels for key in level}
    return TreeChange(
        nodes,
        [writer.key(node.id) for node in nodes],
        gone_of(outline, found.levels),
        renumbered(outline, found.levels, document_of),
        {key: drift for key, drift in found.drifts.items() if key in stays},
    )


def _named(
    nodes: Sequence[Node], found: Followed, writer: SummaryWriter, naming: Naming, progress: OnProgress
) -> list[Node]:
    """With the language model's titles: of new groups, and of those for which it has not been asked yet."""
    new = {node.id: node for node in nodes}
    summaries = [key for level in found.levels[1:] for key in level]
    all_of_them = [new.get(node.id, node) for node in writer.nodes(summaries)]
    named = naming.named(all_of_them, progress)
    other = {after.id: after for before, after in zip(all_of_them, named, strict=True) if before != after}
    return [*(other.pop(node.id, node) for node in nodes), *other.values()]


def _other_than_kept(nodes: Sequence[Node], catalog: Catalog, outline: Outline, writer: SummaryWriter) -> list[Node]:
    """Without those that stand in the catalog as they are."""
    there = [node.id for node in nodes if node.id in outline.entries]
    kept = {node.id: node_to_json(node) for node in catalog.nodes_of(there)}
    return [
        node
        for node in nodes
        if node_to_json(node) != kept.get(node.id) or writer.key(node.id) != outline.entries[node.id].key
    ]
