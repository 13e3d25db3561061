"""The tree of a document: its chunks, sections above them, and the document node at the top.

As RAPTOR (arXiv 2401.18059, section 3) builds it over one document: group, summarize, and again, until what is left
fits into one group. Groups are sections of neighbours, or clusters by meaning (`tree.inside`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..cluster.base import Clusterer, Indices
from ..cluster.sections import Sequential, group_neighbours
from ..ids import hash_id
from ..labels.labels import with_labels
from ..settings import TreeSettings
from ..store.documents import StoredDocument
from ..store.tree_change import Placed, placed
from ..titles import describe
from ..tokens import count_tokens
from ..types import Node, OnProgress, Scalar, Span, Vectors, no_progress
from .drafts import Draft, DraftVectors
from .summaries import UNFINISHED, Members, SummaryWriter, Written, pooled

_LABEL_WIDTH = 60
"""Characters of a label that joins several headings."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentTree:
    """A document with its tree: chunks in reading order, then level by level, the document node last."""

    stored: StoredDocument
    nodes: Sequence[Placed]
    vectors: dict[bytes, Vectors]
    """Vectors that the catalog does not have yet, each of shape (dim,), by key."""
    replaces: str = ""
    """The id that the document had until now, if it was renamed."""


@dataclass(slots=True)
class _Growth:
    """A document tree while it is built."""

    draft: Draft
    level: list[Node]
    rows: Vectors
    """Vectors of the level, shape (n, dim)."""
    by_headings: bool
    paths: dict[str, tuple[Path, ...]]
    """For every node the paths of headings below it, each once, in order."""
    nodes: list[Node] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        return sum(node.tokens for node in self.level)


class TreeBuilder:
    """Builds the trees of several documents at a time, level by level, so that models get batches."""

    def __init__(
        self, settings: TreeSettings, clusterer: Clusterer | None, writer: SummaryWriter, vectors: DraftVectors
    ) -> None:
        """Without a clusterer a document has chunks alone."""
        self._settings = settings
        self._clusterer = clusterer
        self._writer = writer
        self._vectors = vectors
        groups = clusterer.fingerprint if clusterer is not None else "none"
        self.fingerprint = (
            f"{settings.inside}/{groups}/{settings.group_tokens}/{writer.fingerprint}/{vectors.fingerprint}/1"
        )

    def build(self, drafts: Sequence[Draft], progress: OnProgress = no_progress) -> list[DocumentTree]:
        """The trees of drafts that have vectors. Raises ModelError if a model fails for good."""
        growing = [self._begun(draft) for draft in drafts]
        while self._clusterer is not None:
            due = [one for one in growing if one.tokens > self._settings.group_tokens and len(one.level) > 1]
            if not due:
                break
            self._add_level(due, progress)
        if self._clusterer is not None:
            self._add_documents([one for one in growing if one.level], progress)
        return [_finished(one) for one in growing]

    def _begun(self, draft: Draft) -> _Growth:
        chunks = list(draft.chunks)
        paths: dict[str, tuple[Path, ...]] = {chunk.id: (chunk.location.heading,) for chunk in chunks}
        has_headings = len({chunk.location.heading for chunk in chunks}) > 1
        inside = self._settings.inside
        by_headings = inside == "sections" or (inside == "auto" and has_headings)
        return _Growth(draft, chunks, draft.rows, by_headings, paths, list(chunks), list(draft.keys))

    # --- a level of sections

    def _add_level(self, growing: Sequence[_Growth], progress: OnProgress) -> None:
        groups = [self._groups(one) for one in growing]
        children = [
            (one, [one.level[row] for row in group]) for one, own in zip(growing, groups, strict=True) for group in own
        ]
        self._read_sentences(children)
        members = [Members(nodes, one.draft.known) for one, nodes in children]
        parents: dict[int, list[Node]] = {id(one): [] for one in growing}
        for (one, nodes), written in zip(children, self._writer.write(members, progress), strict=True):
            parents[id(one)].append(self._section(one, nodes, written))
        for one in growing:
            level = list({node.id: node for node in parents[id(one)]}.values())
            one.level = _labelled(level, one.paths)
        self._embed(growing)

    def _groups(self, one: _Growth) -> list[Indices]:
        tokens = np.array([node.tokens for node in one.level], dtype=np.int64)
        budget = self._settings.group_tokens
        if one.by_headings or self._clusterer is None:
            begins = [one.paths[node.id][0] for node in one.level]
            ends = [one.paths[node.id][-1] for node in one.level]
            kept = {placed.node.children[0] for placed in one.draft.before.values() if placed.node.kind == "section"}
            return group_neighbours(Sequential([n.id for n in one.level], begins, ends, one.rows, tokens, kept), budget)
        return sorted(
            (np.sort(group) for group in self._clusterer.cluster(one.rows, tokens, budget)),
            key=lambda group: group.tolist(),
        )

    def _read_sentences(self, groups: Iterable[tuple[_Growth, Sequence[Node]]]) -> None:
        """The sentences of chunks that keep their vectors, in groups that need a new summary."""
        wanted: dict[int, tuple[Draft, set[int]]] = {}
        rows: dict[int, dict[str, int]] = {}
        for one, nodes in groups:
            if nodes[0].level or not self._writer.wants_sentences(nodes):
                continue
            row_of = rows.setdefault(id(one), {chunk.id: row for row, chunk in enumerate(one.draft.chunks)})
            for chunk in nodes:
                if any(text not in one.draft.known for _, text in self._vectors.sentences(chunk)):
                    wanted.setdefault(id(one), (one.draft, set()))[1].add(row_of[chunk.id])
        self._vectors.embed_sentences([(draft, sorted(own)) for draft, own in wanted.values()])

    def _section(self, one: _Growth, children: Sequence[Node], written: Written) -> Node:
        first, last = children[0], children[-1]
        fingerprint = self._writer.fingerprint + (UNFINISHED if written.unfinished else "")
        key = hash_id("section", fingerprint, *(child.id for child in children))
        one.paths[key] = tuple(dict.fromkeys(path for child in children for path in one.paths[child.id]))
        return Node(
            id=key,
            level=1 + max(child.level for child in children),
            text=written.text,
            tokens=written.tokens,
            children=tuple(child.id for child in children),
            claims=written.claims,
            kind="section",
            made=written.made,
            document_id=first.document_id,
            source=first.source,
            span=Span(first.span.start, max(last.span.end, first.span.end)),
            location=first.location,
            metadata=first.metadata,
            stale=float(written.unfinished),
        )

    # --- the document nodes

    def _add_documents(self, growing: Sequence[_Growth], progress: OnProgress) -> None:
        self._read_sentences((one, one.level) for one in growing)
        members = [Members(one.level, one.draft.known) for one in growing]
        for one, written in zip(growing, self._writer.write(members, progress), strict=True):
            one.level = [_document_node(one.draft, one.level, written)]
        self._embed(growing)

    # --- vectors

    def _embed(self, growing: Sequence[_Growth]) -> None:
        """Vectors for the levels: the ones they had, the mean of known sentences, or embedded as they stand."""
        keys: dict[str, bytes] = {}
        means: dict[str, Vectors] = {}
        alone: list[Node] = []
        nodes = [(one, node) for one in growing for node in one.level]
        earlier = self._earlier_keys(growing)
        for one, node in nodes:
            mean = None
            if node.id in earlier:
                keys[node.id] = earlier[node.id]
                continue
            if node.made in ("extractive", "verbatim"):
                mean = pooled(node.claims, one.draft.known)
            if mean is None:
                keys[node.id] = self._vectors.key_alone(node)
                alone.append(node)
            else:
                keys[node.id], means[node.id] = self._vectors.key_pooled(node), mean
        rows = self._with_titles([(node, means[node.id]) for _, node in nodes if node.id in means])
        embedded = self._vectors.embed_nodes(alone)
        rows |= {node.id: embedded[keys[node.id]] for node in alone}
        known = self._vectors.kept([keys[node.id] for _, node in nodes if node.id not in rows])
        for one in growing:
            one.draft.new |= {keys[node.id]: rows[node.id] for node in one.level if node.id in rows}
            one.rows = np.stack([rows[n.id] if n.id in rows else known[keys[n.id]] for n in one.level])
            one.nodes.extend(one.level)
            one.keys.extend(keys[node.id] for node in one.level)

    def _earlier_keys(self, growing: Sequence[_Growth]) -> dict[str, bytes]:
        """By id, the keys of the vectors of summaries that say what one of the document said before."""
        before = {
            id(one): {(old.node.text, old.node.context): old.key for old in one.draft.before.values() if old.node.level}
            for one in growing
        }
        there = self._vectors.kept([key for keys in before.values() for key in keys.values()])
        found = {node.id: before[id(one)].get((node.text, node.context)) for one in growing for node in one.level}
        return {node: key for node, key in found.items() if key is not None and key in there}

    def _with_titles(self, nodes: Sequence[tuple[Node, Vectors]]) -> dict[str, Vectors]:
        """Vectors by id: of a document its title line and its summary, each with the weight of its tokens."""
        rows = {node.id: mean for node, mean in nodes}
        titled = [node for node, _ in nodes if node.context]
        lines: Iterable[Vectors] = self._vectors.embed_texts([node.context for node in titled]) if titled else ()
        for node, line in zip(titled, lines, strict=True):
            row = count_tokens(node.context) * line + node.tokens * rows[node.id]
            rows[node.id] = (row / max(float(np.linalg.norm(row)), 1e-12)).astype(np.float32)
        return rows


def _document_node(draft: Draft, children: Sequence[Node], written: Written) -> Node:
    document = draft.stored.document
    name = describe(document)
    words = len(document.text.split())
    facts: dict[str, Scalar] = {
        "title": document.title,
        "kind": name.kind,
        "date": name.date,
        "words": words,
        "language": name.language,
    }
    return Node(
        id=document_node_id(document.id),
        level=1 + max(child.level for child in children),
        text=written.text,
        tokens=written.tokens,
        label=name.title or document.title,
        children=tuple(child.id for child in children),
        claims=written.claims,
        kind="document",
        made=written.made,
        document_id=document.id,
        source=document.source,
        span=Span(0, len(document.text)),
        metadata={**document.metadata, **{key: value for key, value in facts.items() if value}},
        context=name.line,
        stale=float(written.unfinished),
    )


def document_node_id(document_id: str) -> str:
    """The id of a document's node. It stays the same whatever becomes of the document's text."""
    return hash_id("document", document_id)


def _finished(one: _Growth) -> DocumentTree:
    nodes = _with_terms(one) if any(not node.label for node in one.nodes) else one.nodes
    return DocumentTree(one.draft.stored, placed(nodes, one.keys), one.draft.new, one.draft.replaces)


# --- labels


def _labelled(level: Sequence[Node], paths: dict[str, tuple[Path, ...]]) -> list[Node]:
    """Sections with their headings as labels, numbered if several have the same. No heading that sets a section apart,
    no label."""
    labels = [heading_label(paths[node.id]) for node in level]
    if len(set(labels)) == 1:
        labels = [""] * len(labels)
    seen: dict[str, int] = {}
    found = []
    for node, label in zip(level, labels, strict=True):
        seen[label] = seen.get(label, 0) + 1
        number = f" ({seen[label]})" if label and labels.count(label) > 1 else ""
        found.append(replace(node, label=label + number))
    return found


def heading_label(paths: Sequence[Path]) -> str:
    """One label for some paths of headings: what they have in common, or the headings below that as far as they fit."""
    common = 0
    while all(len(path) > common for path in paths) and len({path[common] for path in paths}) == 1:
        common += 1
    below = list(dict.fromkeys(path[common] for path in paths if len(path) > common))
    if len(below) < 2:
        return paths[0][common - 1] if common else "".join(below)
    label = below[0]
    for heading in below[1:]:
        if len(label) + len(heading) + 2 > _LABEL_WIDTH:
            return f"{label}; …"
        label += f"; {heading}"
    return label


def _with_terms(one: _Growth) -> list[Node]:
    """Sections without a heading are named by the terms that set them apart from their siblings."""
    named = {node.id: node.label for node in with_labels(one.nodes) if node.level}
    return [node if node.label or not node.level else replace(node, label=named[node.id]) for node in one.nodes]


def chunks_in(nodes: Iterable[Node]) -> Iterator[Node]:
    """The chunks among some nodes."""
    return (node for node in nodes if node.kind == "chunk")
