"""Bulk build, level by level, until one node holds all (RAPTOR, arXiv 2401.18059, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import numpy as np

from ..cluster.base import Clusterer, Indices, Level, ReadingClusterer
from ..summarize.base import Summary
from ..tokens import count_tokens
from ..types import Node, OnProgress, Progress, no_progress
from .caches import CachedSummarizer
from .claims import claims_of, text_of
from .labelling.labels import with_labels
from .leaves import UNFINISHED, hash_id
from .node_vectors import NodeVectors


def build_tree(
    leaves: Sequence[Node],
    vectors: NodeVectors,
    clusterer: Clusterer | ReadingClusterer | None,
    summarizer: CachedSummarizer,
    budget: int,
    progress: OnProgress = no_progress,
) -> list[Node]:
    """All nodes of the tree over `leaves` (in reading order): leaves first, the root last.

    `budget` is the most tokens of a group; without a clusterer the leaves are all there is. Raises ModelError where
    a model fails; what was done until then is in the caches.
    """
    nodes = [*leaves, *levels_above(leaves, vectors, clusterer, summarizer, budget, progress)]
    return with_labels(nodes)


def levels_above(
    level: Sequence[Node],
    vectors: NodeVectors,
    clusterer: Clusterer | ReadingClusterer | None,
    summarizer: CachedSummarizer,
    budget: int,
    progress: OnProgress = no_progress,
) -> list[Node]:
    """The nodes above those of one level, up to the root, without labels; all have vectors then."""
    nodes: list[Node] = []
    while clusterer is not None and len(level) > 1:
        rows = vectors.embed(level, progress)
        tokens = np.array([node.tokens for node in level], dtype=np.int64)
        if isinstance(clusterer, ReadingClusterer):
            read = Level(level[0].level, [node.text for node in level], rows, tokens, vectors.embed_texts)
            groups = in_reading_order(clusterer.cluster_level(read, budget))
        else:
            groups = in_reading_order(clusterer.cluster(rows, tokens, budget))
        children = [[level[row] for row in group] for group in groups]
        parents: dict[str, Node] = {}
        texts_of = [[child.text for child in group] for group in children]
        with closing(summarizer.summarize(texts_of)) as summaries:
            for number, (group, summary) in enumerate(zip(children, summaries, strict=True), start=1):
                parent = parent_of(group, summary, summarizer.fingerprint)
                parents.setdefault(parent.id, parent)
                progress(Progress("summarize", number, len(groups)))
        level = list(parents.values())
        nodes.extend(level)
    vectors.embed(level, progress)
    return nodes


def parent_of(children: Sequence[Node], summary: Summary, fingerprint: str) -> Node:
    """The node over these children with that summary, which was made as `fingerprint` says."""
    claims = claims_of(summary, children)
    text = text_of(claims)
    if summary.failed:
        fingerprint += UNFINISHED  # the node that takes its place once the model answers is another one
    return Node(
        id=hash_id("summary", fingerprint, *(child.id for child in children)),
        level=children[0].level + 1,
        text=text,
        tokens=count_tokens(text),
        children=tuple(child.id for child in children),
        claims=claims,
        kind=summary.kind,
        stale=1.0 if summary.failed else 0.0,
    )


def in_reading_order(groups: Sequence[Indices]) -> list[list[int]]:
    """Rows are in reading order already, so sorting them is enough; groups follow their first row."""
    return sorted(sorted(int(row) for row in group) for group in groups)
