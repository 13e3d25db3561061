"""Checks the invariants of a tree. An empty list of faults means that it is sound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

import numpy as np

from ..errors import IndexDamagedError
from ..indexing.projecting import shortened
from ..settings import TreeSettings
from ..store.base import NodeStore, WordIndex
from ..store.catalog import Catalog
from ..types import Document, Node, Vectors

_PAGE = 1000
_SAME = 1e-4
"""How far the numbers of two equal vectors may differ."""


def faults_of(catalog: Catalog, store: NodeStore, words: WordIndex, settings: TreeSettings) -> list[str]:
    """The faults of a catalog and its tree, and of its mirrors in Chroma and the lexical index."""
    try:
        damaged = [str(row[0]) for row in catalog.rows("PRAGMA quick_check(3)")]
    except IndexDamagedError as error:  # so damaged that it cannot be checked
        return [str(error)]
    if damaged != ["ok"]:
        return [f"catalog.sqlite is damaged: {' '.join(line.split())}" for line in damaged]
    nodes = catalog.nodes()
    documents = {key: document for key in catalog.records() if (document := catalog.document(key)) is not None}
    facts = catalog.facts()
    raptor = facts.collection.startswith("raptor/")
    faults = find_faults(nodes, documents, settings.group_tokens, behind=facts.behind == "yes")
    if not raptor:
        built = catalog.built_otherwise("")
        faults += find_faults_of_documents(nodes, built, grown=bool(facts.collection) and not facts.behind)
    documents.clear()
    faults += find_faults_of_rows(catalog, nodes)
    faults += find_faults_of_mirrors(nodes, store.nodes(), words.ids())
    return faults + (find_faults_of_vectors(catalog, store, nodes) if not faults else [])


def find_faults(
    nodes: Sequence[Node], documents: Mapping[str, Document], budget: int, behind: bool = False
) -> list[str]:
    """One sentence for each fault in levels, parents, the single collection, spans, evidence and token budgets.

    `behind` is true if documents were committed since the tree above them was brought up to date: then themes may be
    over the budget, and documents may have no theme.
    """
    by_id = {node.id: node for node in nodes}
    parents: dict[str, list[Node]] = {}
    for node in nodes:
        for child in node.children:
            parents.setdefault(child, []).append(node)
    faults = [] if len(by_id) == len(nodes) else ["two nodes have the same id"]
    for node in nodes:
        faults.extend(_faults_of_node(node, by_id, budget, behind))
    collections = [node for node in nodes if node.kind == "collection"]
    if len(collections) > 1:
        faults.append("there is more than one collection")
    if collections and not behind:
        faults += [
            f"node {node.id} ({node.kind}) has no parent"
            for node in nodes
            if node.kind != "collection" and node.id not in parents
        ]
    faults.extend(_faults_of_evidence(nodes))
    faults.extend(_faults_of_cover(nodes, documents))
    return faults


def find_faults_of_documents(nodes: Sequence[Node], documents: Sequence[str], grown: bool) -> list[str]:
    """One sentence for each fault in how documents and their trees match. `grown` is true if documents have trees, and
    not only chunks."""
    by_id = {node.id: node for node in nodes}
    roots: dict[str, list[Node]] = {}
    chunks: dict[str, set[str]] = {}
    for node in nodes:
        if node.kind == "document":
            roots.setdefault(node.document_id, []).append(node)
        elif node.kind == "chunk":
            chunks.setdefault(node.document_id, set()).add(node.id)
    faults = []
    for key in documents:
        own = roots.get(key, [])
        if len(own) > 1 or (grown and not own and chunks.get(key)):
            faults.append(f"{key} has {len(own)} document nodes")
        for root in own:
            below = _below(root, by_id)
            if {node.id for node in below if node.kind == "chunk"} != chunks.get(key, set()):
                faults.append(f"{key}: its document node is not above exactly its chunks")
            if any(node.document_id != key for node in below):
                faults.append(f"{key} shares a node with another document")
    return faults


def _below(node: Node, by_id: Mapping[str, Node]) -> list[Node]:
    """All nodes below a node, each once."""
    found: dict[str, Node] = {}
    waiting = list(node.children)
    while waiting:
        key = waiting.pop()
        if key not in found and key in by_id:
            found[key] = by_id[key]
            waiting.extend(by_id[key].children)
    return list(found.values())


def find_faults_of_rows(catalog: Catalog, nodes: Sequence[Node]) -> list[str]:
    """One sentence for each row that contradicts its node: in columns, edges, positions and vector keys."""
    faults = []
    by_id = {node.id: node for node in nodes}
    children: dict[str, list[str]] = {}
    for parent, child in catalog.rows("SELECT parent, child FROM edges ORDER BY parent, position"):
        children.setdefault(parent, []).append(child)
    faults += [f"edges lead from node {key}, which is gone" for key in children.keys() - by_id.keys()]
    places: set[tuple[int, str, int]] = set()
    rows = catalog.rows("SELECT id, level, document_id, position, tokens, stale, kind FROM nodes")
    for key, level, document_id, position, tokens, stale, kind in rows:
        node = by_id.get(key)
        if node is None:
            faults.append(f"row {key} holds another node")
            continue
        if (level, document_id, tokens, stale, kind) != (
            node.level, node.document_id, node.tokens, node.stale, node.kind,
        ):  # fmt: skip
            faults.append(f"node {key} differs from what its row says")
        if tuple(children.get(key, ())) != node.children:
            faults.append(f"node {key} has other children than its edges say")
        if len(set(node.children)) != len(node.children):
            faults.append(f"node {key} has a child twice")
        if not 0 <= stale <= 1:
            faults.append(f"node {key} is stale by {stale}, which is a share")
        if document_id and (level, document_id, position) in places:
            faults.append(f"node {key} stands where another one does")
        places.add((level, document_id, position))
    return faults + [f"node {key} has no vector" for key in sorted(catalog.without_vectors())]


def find_faults_of_vectors(catalog: Catalog, store: NodeStore, nodes: Sequence[Node]) -> list[str]:
    """One sentence for each vector that is not finite, or differs from Chroma's."""
    faults = []
    for start in range(0, len(nodes), _PAGE):
        ids = [node.id for node in nodes[start : start + _PAGE]]
        keys = [one.key for one in catalog.placed_of(ids)]
        known = catalog.get_vectors(keys)
        if len({len(row) for row in known.values()}) > 1:
            return ["vectors of the catalog have different numbers of dimensions"]
        rows = shortened(np.stack([known[key] for key in keys]), catalog)
        faults += [f"the vector of node {key} is damaged" for key, row in zip(ids, rows, strict=True) if _is_bad(row)]
        try:
            stored = store.vectors(ids)
        except (KeyError, IndexDamagedError):
            return [*faults, "Chroma cannot give the vectors of its nodes"]
        if stored.shape != rows.shape:
            return [*faults, f"Chroma's vectors have {stored.shape[1]} numbers, not {rows.shape[1]}"]
        others = ~np.isclose(stored, rows, atol=_SAME, equal_nan=True).all(axis=1)
        faults += [f"Chroma has another vector of node {ids[row]}" for row in np.flatnonzero(others)]
    return faults


def _is_bad(row: Vectors) -> bool:
    return not np.isfinite(row).all()


def find_faults_of_mirrors(nodes: Sequence[Node], stored: Iterable[Node], words: Set[str]) -> list[str]:
    """One sentence for each difference between the tree and its mirrors: `stored`, the nodes in Chroma, and `words`,
    the ids in the lexical index."""
    by_id = {node.id: node for node in nodes}
    same: set[str] = set()
    gone: list[str] = []
    for node in stored:  # read one at a time, not held in memory
        if node.id not in by_id:
            gone.append(node.id)
        elif by_id[node.id] == node:
            same.add(node.id)
    known = by_id.keys()
    return [
        *(f"Chroma does not have node {node.id} as it is" for node in nodes if node.id not in same),
        *(f"Chroma has node {key}, which is gone" for key in gone),
        *(f"the lexical index does not have node {key}" for key in sorted(known - words)),
        *(f"the lexical index has node {key}, which is gone" for key in sorted(words - known)),
    ]


def _faults_of_node(node: Node, by_id: Mapping[str, Node], budget: int, behind: bool) -> list[str]:
    faults = []
    if (node.kind == "chunk") != (not node.children) or (node.kind == "chunk") != (node.level == 0):
        faults.append(f"node {node.id} ({node.kind}) at level {node.level} has {len(node.children)} children")
    below = [by_id[child] for child in node.children if child in by_id]
    if len(below) != len(node.children):
        faults.append(f"node {node.id} has children that are gone")
    above_documents = node.kind in ("theme", "collection")
    if below and node.level != 1 + max(child.level for child in below) and not (behind and above_documents):
        faults.append(f"node {node.id} at level {node.level} is not right above its children")
    if len(below) > 1 and sum(child.tokens for child in below) > budget and not (behind and above_documents):
        faults.append(f"node {node.id} has more than {budget} tokens below it")
    if node.level and not node.claims and not (behind and above_documents):
        faults.append(f"node {node.id} says nothing that it can prove")
    for claim in node.claims:
        if not claim.evidence:
            faults.append(f"node {node.id} claims {claim.text!r} without evidence")
        for item in claim.evidence:
            chunk = by_id.get(item.leaf)
            if chunk is None or chunk.level != 0 or not 0 <= item.span.start < item.span.end <= len(chunk.text):
                faults.append(f"node {node.id} rests on a passage that is gone")
    return faults


def _faults_of_evidence(nodes: Sequence[Node]) -> list[str]:
    """Faults of summaries that cite chunks that are not below them."""
    faults = []
    chunks: dict[str, frozenset[str]] = {}
    waiting = {child for node in nodes for child in node.children}
    for node in sorted(nodes, key=lambda node: node.level):
        own = [chunks[child] for child in node.children if child in chunks]
        chunks[node.id] = frozenset().union(*own) if node.level else frozenset([node.id])
        rests_on = {item.leaf for claim in node.claims for item in claim.evidence}
        if not rests_on <= chunks[node.id]:
            faults.append(f"node {node.id} rests on a passage that is not below it")
        if node.id not in waiting:
            del chunks[node.id]
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
