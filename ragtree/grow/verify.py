"""The invariants of a tree, checked. An empty list is a sound tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from ..settings import TreeSettings
from ..store.base import NodeStore, WordIndex
from ..types import Document, Node


def faults_of(
    nodes: Sequence[Node],
    documents: Mapping[str, Document],
    store: NodeStore,
    words: WordIndex,
    settings: TreeSettings,
) -> list[str]:
    """The faults of a tree, and of its copies in Chroma and the lexical index."""
    faults = find_faults(nodes, documents, settings.group_tokens, flat=settings.cluster == "none")
    return faults + find_faults_of_copies(nodes, store.nodes(), words.ids())


def find_faults(nodes: Sequence[Node], documents: Mapping[str, Document], budget: int, flat: bool = False) -> list[str]:
    """One sentence for each fault: levels, parents, a single root, spans, evidence and token budgets.

    `flat` says that chunks alone are wanted, and no root (tree.cluster = none).
    """
    by_id = {node.id: node for node in nodes}
    parents: dict[str, list[Node]] = {}
    for node in nodes:
        for child in node.children:
            parents.setdefault(child, []).append(node)
    top = max((node.level for node in nodes), default=0)
    faults = [] if len(by_id) == len(nodes) else ["two nodes have the same id"]
    for node in nodes:
        faults.extend(_faults_of_node(node, by_id, parents.get(node.id, []), top, budget))
    if flat and top:
        faults.append(f"there are {top} levels of summaries, but the settings want none (tree.cluster)")
    if nodes and not flat and sum(node.level == top for node in nodes) != 1:
        faults.append(f"level {top}, the highest, has more than one node")
    faults.extend(_faults_of_cover(nodes, documents))
    return faults


def find_faults_of_copies(nodes: Sequence[Node], stored: Iterable[Node], words: Set[str]) -> list[str]:
    """One sentence for each difference between the tree and its copies: Chroma's nodes, and the ids of the words'."""
    in_chroma = {node.id: node for node in stored}
    known = {node.id for node in nodes}
    return [
        *(f"Chroma does not have node {node.id} as it is" for node in nodes if in_chroma.get(node.id) != node),
        *(f"Chroma has node {key}, which is gone" for key in in_chroma.keys() - known),
        *(f"the lexical index does not have node {key}" for key in sorted(known - words)),
        *(f"the lexical index has node {key}, which is gone" for key in sorted(words - known)),
    ]


def _faults_of_node(node: Node, by_id: Mapping[str, Node], parents: Sequence[Node], top: int, budget: int) -> list[str]:
    faults = []
    if node.level < top and not parents:
        faults.append(f"node {node.id} at level {node.level} has no parent")
    if (node.level == 0) != (not node.children):
        faults.append(f"node {node.id} at level {node.level} has {len(node.children)} children")
    below = [by_id[child] for child in node.children if child in by_id]
    if len(below) != len(node.children):
        faults.append(f"node {node.id} has children that are gone")
    if any(child.level != node.level - 1 for child in below):
        faults.append(f"node {node.id} has children that are not one level below")
    if len(below) > 1 and sum(child.tokens for child in below) > budget:
        faults.append(f"node {node.id} has more than {budget} tokens below it")
    if node.level and not node.claims:
        faults.append(f"node {node.id} says nothing that it can prove")
    for claim in node.claims:
        if not claim.evidence:
            faults.append(f"node {node.id} claims {claim.text!r} without evidence")
        for item in claim.evidence:
            leaf = by_id.get(item.leaf)
            if leaf is None or leaf.level != 0 or not 0 <= item.span.start < item.span.end <= len(leaf.text):
                faults.append(f"node {node.id} rests on a passage that is gone")
    return faults


def _faults_of_cover(nodes: Sequence[Node], documents: Mapping[str, Document]) -> list[str]:
    faults = []
    leaves: dict[str, list[Node]] = {key: [] for key in documents}
    for node in nodes:
        if node.level == 0:
            leaves.setdefault(node.document_id, []).append(node)
    for key, chunks in leaves.items():
        document = documents.get(key)
        if document is None:
            faults.append(f"{key} has chunks, but is not in the catalog")
            continue
        at = 0
        for chunk in sorted(chunks, key=lambda node: node.span):
            if chunk.span.of(document.text) != chunk.text:
                faults.append(f"{key}: the chunk at {chunk.span.start} is not the document's text")
            if document.text[at : chunk.span.start].strip() or chunk.span.start < at:
                faults.append(f"{key}: the chunks before {chunk.span.start} overlap or leave a gap")
            at = chunk.span.end
        if document.text[at:].strip():
            faults.append(f"{key}: the text after {at} is in no chunk")
    return faults
