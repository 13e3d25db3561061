"""Bulk build, level by level, until one node holds all (RAPTOR, arXiv 2401.18059, section 3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..cluster.base import Clusterer, Indices
from ..tokens import count_tokens
from ..types import Node, OnProgress, Progress, no_progress
from .caches import CachedSummarizer
from .claims import claims_of, text_of
from .labels import group_labels
from .leaves import hash_id
from .node_vectors import NodeVectors


def build_tree(
    leaves: Sequence[Node],
    vectors: NodeVectors,
    clusterer: Clusterer | None,
    summarizer: CachedSummarizer,
    budget: int,
    progress: OnProgress = no_progress,
) -> list[Node]:
    """All nodes of the tree over `leaves` (in reading order): leaves first, the root last.

    `budget` is the most tokens of a group; without a clusterer the leaves are all there is. Raises ModelError where
    a model fails; what was done until then is in the caches.
    """
    nodes = list(leaves)
    texts_below = {node.id: [node.text] for node in leaves}
    level = list(leaves)
    while clusterer is not None and len(level) > 1:
        rows = vectors.embed(level, progress)
        tokens = np.array([node.tokens for node in level], dtype=np.int64)
        groups = in_reading_order(clusterer.cluster(rows, tokens, budget))
        children = [[level[row] for row in group] for group in groups]
        below = [[text for child in group for text in texts_below[child.id]] for group in children]
        labels = group_labels(below)
        parents: dict[str, Node] = {}
        for number, (group, label, texts) in enumerate(zip(children, labels, below, strict=True), start=1):
            parent = _parent(group, label, summarizer)
            if parent.id not in parents:
                parents[parent.id] = parent
                texts_below[parent.id] = texts
            progress(Progress("summarize", number, len(groups)))
        level = list(parents.values())
        nodes.extend(level)
    vectors.embed(level, progress)
    return nodes


def _parent(children: Sequence[Node], label: str, summarizer: CachedSummarizer) -> Node:
    summary = summarizer.summarize([child.text for child in children])
    claims = claims_of(summary, children)
    text = text_of(claims)
    return Node(
        id=hash_id("summary", summarizer.fingerprint, *(child.id for child in children)),
        level=children[0].level + 1,
        text=text,
        tokens=count_tokens(text),
        label=label,
        children=tuple(child.id for child in children),
        claims=claims,
        kind=summary.kind,
    )


def in_reading_order(groups: Sequence[Indices]) -> list[list[int]]:
    """Rows are in reading order already, so sorting them is enough; groups follow their first row."""
    return sorted(sorted(int(row) for row in group) for group in groups)
