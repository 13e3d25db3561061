"""Which documents there is time for: the others wait for the next sync."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..types import Node, OnProgress, Progress, no_progress
from .node_vectors import NodeVectors
from .spending import Spending

_PART = 64
"""Chunks between two looks at the clock."""


def embed_in_time(
    leaves: Sequence[Node], vectors: NodeVectors, spending: Spending, progress: OnProgress = no_progress
) -> frozenset[str]:
    """Embed what has no vector, in the order of `leaves`, as long as there is time; the vectors are kept.

    Returns the ids of the documents that lack some. One part is embedded always, so that every sync gets on.
    """
    missing = vectors.missing(leaves)
    left = spending.seconds_left()
    done = 0
    for part in _parts(missing, whole_documents=vectors.reads_documents):
        if done and not spending.may_embed(left - spending.seconds_left()):
            return vectors.incomplete(leaves)
        vectors.embed_whole(part)
        done += len(part)
        progress(Progress("embed", done, len(missing)))
    return frozenset()


def _parts(leaves: Sequence[Node], whole_documents: bool) -> Iterator[list[Node]]:
    part: list[Node] = []
    for leaf in leaves:
        if len(part) >= _PART and not (whole_documents and leaf.document_id == part[-1].document_id):
            yield part
            part = []
        part.append(leaf)
    if part:
        yield part


def leaves_without(
    leaves: Sequence[Node], waiting: frozenset[str], instead: Mapping[str, Sequence[Node]]
) -> list[Node]:
    """The leaves of the documents that do not wait, and those `instead` of them, in reading order of all."""
    by_document: dict[str, list[Node]] = {key: list(nodes) for key, nodes in instead.items()}
    for leaf in leaves:
        if leaf.document_id not in waiting:
            by_document.setdefault(leaf.document_id, []).append(leaf)
    return [leaf for key in sorted(by_document) for leaf in by_document[key]]
