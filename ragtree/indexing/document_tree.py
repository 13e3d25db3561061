"""The tree of a document: its chunks, sections above them, and the document node at the top.

It is built as RAPTOR (arXiv 2401.18059, section 3) does over one document: group and summarize, level by level, until
the rest fits into one group. Groups are sections of neighbours, or clusters by meaning (`tree.shape`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

import numpy as np

from ..cluster.base import Clusterer, Indices
from ..cluster.sections import Sequential, group_neighbours
from ..ids import hash_id
from ..labels.labels import with_labels
from ..settings import TreeSettings
from ..store.documents import StoredDocument
from ..store.tree_change import PlacedNode, placed
from ..text.injections import without_orders
from ..text.languages import AUTO
from ..text.titles import DocumentName, describe
from ..types import Fact, Node, OnProgress, Span, Vectors, no_progress
from .chunks import chunk_id
from .drafts import DocumentDraft, DraftVectors
from .summaries import UNFINISHED, Members, SummaryWriter, WrittenSummary

_LABEL_WIDTH = 60
"""Most characters of a label that joins several headings."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentTree:
    """A document with its tree: chunks in reading order, then the levels above them, the document node last."""

    stored: StoredDocument
    nodes: Sequence[PlacedNode]
    vectors: dict[bytes, Vectors]
    """Vectors that the catalog does not have yet, each of shape (dim,), by key."""
    replaces: str = ""
    """The id that the document had until now, if it was renamed."""


@dataclass(slots=True)
class _PartialTree:
    """A document tree while it is built."""

    draft: DocumentDraft
    level: list[Node]
    rows: Vectors
    """Vectors of the level, shape (n, dim)."""
    by_headings: bool
    paths: dict[str, tuple[Path, ...]]
    """For every node, the heading paths of the chunks below it, each once, in order."""
    nodes: list[Node] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        return sum(node.tokens for node in self.level)


class TreeBuilder:
    """Builds the trees of several documents at once, level by level, so that models get batches."""

    def __init__(
        self, settings: TreeSettings, clusterer: Clusterer | None, writer: SummaryWriter, vectors: DraftVectors
    ) -> None:
        """Without a clusterer, a document has only chunks."""
        self._settings = settings
        self._clusterer = clusterer
        self._writer = writer
        self._vectors = vectors
        groups = clusterer.fingerprint if clusterer is not None else "none"
        inside = "clusters" if settings.shape == "clusters" else "auto"
        self.fingerprint = f"{inside}/{groups}/{settings.group_tokens}/{writer.fingerprint}/{vectors.fingerprint}/1"

    def build(self, drafts: Sequence[DocumentDraft], progress: OnProgress = no_progress) -> list[DocumentTree]:
        """Return the trees of drafts whose chunks have vectors. Raises ModelError if a model fails for good."""
        partial = [self._begun(draft) for draft in drafts]
        while self._clusterer is not None:
            due = [one for one in partial if one.tokens > self._settings.group_tokens and len(one.level) > 1]
            if not due:
                break
            self._add_level(due, progress)
        if self._clusterer is not None:
            self._add_documents([one for one in partial if one.level], progress)
        return [_finished(one) for one in partial]

    def _begun(self, draft: DocumentDraft) -> _PartialTree:
        chunks = list(draft.chunks)
        paths: dict[str, tuple[Path, ...]] = {chunk.id: (chunk.location.heading,) for chunk in chunks}
        by_headings = self._settings.shape != "clusters"
        return _PartialTree(draft, chunks, draft.rows, by_headings, paths, list(chunks), list(draft.keys))

    # --- a level of sections

    def _add_level(self, partial: Sequence[_PartialTree], progress: OnProgress) -> None:
        groups = [self._groups(one) for one in partial]
        children = [
            (one, [one.level[row] for row in group]) for one, own in zip(partial, groups, strict=True) for group in own
        ]
        self._read_sentences(children)
        members = [Members(nodes, one.draft.known) for one, nodes in children]
        parents: dict[int, list[Node]] = {id(one): [] for one in partial}
        for (one, nodes), written in zip(children, self._writer.write(members, progress), strict=True):
            parents[id(one)].append(self._section(one, nodes, written))
        for one in partial:
            level = list({node.id: node for node in parents[id(one)]}.values())
            one.level = _labelled(level, one.paths)
        self._embed(partial)

    def _groups(self, one: _PartialTree) -> list[Indices]:
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

    def _read_sentences(self, groups: Iterable[tuple[_PartialTree, Sequence[Node]]]) -> None:
        """Embed the sentences of chunks in groups that need a new summary, unless they are known. They are not if the
        chunks kept their vectors."""
        wanted: dict[int, tuple[DocumentDraft, set[int]]] = {}
        rows: dict[int, dict[str, int]] = {}
        for one, nodes in groups:
            if nodes[0].level or not self._writer.wants_sentences(nodes):
                continue
            row_of = rows.setdefault(id(one), {chunk.id: row for row, chunk in enumerate(one.draft.chunks)})
            for chunk in nodes:
                if any(text not in one.draft.known for _, text in self._vectors.sentences(chunk)):
                    wanted.setdefault(id(one), (one.draft, set()))[1].add(row_of[chunk.id])
        self._vectors.embed_sentences([(draft, sorted(own)) for draft, own in wanted.values()])

    def _section(self, one: _PartialTree, children: Sequence[Node], written: WrittenSummary) -> Node:
        first, last = children[0], children[-1]
        key = self._section_id([child.id for child in children], written.unfinished)
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

    def _section_id(self, children: Iterable[str], unfinished: bool) -> str:
        return hash_id("section", self._writer.fingerprint + (UNFINISHED if unfinished else ""), *children)

    def renamed(self, before: Iterable[PlacedNode], document_id: str) -> dict[str, PlacedNode]:
        """Return the nodes of a document under the ids they would have if the document had this id, by id. The new tree
        keeps the nodes whose ids are the same."""
        seen: Counter[str] = Counter()
        names: dict[str, str] = {}
        found = {}
        for one in sorted(before, key=lambda one: (one.node.level, one.position)):
            node = one.node
            children = tuple(names.get(child, child) for child in node.children)
            if node.kind == "document":
                key = document_node_id(document_id)
            elif node.level:
                key = self._section_id(children, unfinished=node.stale >= 1)
            else:
                seen[node.text] += 1
                key = chunk_id(document_id, node.text, seen[node.text])
            names[node.id] = key
            found[key] = replace(one, node=replace(node, id=key, children=children))
        return found

    # --- the document nodes

    def _add_documents(self, partial: Sequence[_PartialTree], progress: OnProgress) -> None:
        self._read_sentences((one, one.level) for one in partial)
        members = [Members(one.level, one.draft.known) for one in partial]
        for one, written in zip(partial, self._writer.write(members, progress), strict=True):
            one.level = [_document_node(one.draft, one.level, written)]
        self._embed(partial)

    # --- vectors

    def _embed(self, partial: Sequence[_PartialTree]) -> None:
        """Give the nodes of a level the vectors they had before, or embed their texts.

        The mean of the vectors of a summary's sentences would cost nothing. But those were embedded within their
        chunks, and with it `collapsed` finds .046 [.021, .078] less of CovidQA's evidence in 300 tokens.
        """
        earlier = self._earlier_keys(partial)
        keys = {node.id: earlier.get(node.id) or self._vectors.key_of(node) for one in partial for node in one.level}
        new = [node for one in partial for node in one.level if node.id not in earlier]
        rows = self._vectors.embed_nodes(new)
        rows |= self._vectors.kept(list(earlier.values()))
        for one in partial:
            one.draft.new |= {keys[node.id]: rows[keys[node.id]] for node in one.level if node.id not in earlier}
            one.rows = np.stack([rows[keys[node.id]] for node in one.level])
            one.nodes.extend(one.level)
            one.keys.extend(keys[node.id] for node in one.level)

    def _earlier_keys(self, partial: Sequence[_PartialTree]) -> dict[str, bytes]:
        """Return, by node id, the vector keys of summaries with the text that they, or others of the document, had."""
        there = self._vectors.kept([old.key for one in partial for old in one.draft.before.values() if old.node.level])
        found: dict[str, bytes | None] = {}
        for one in partial:
            before = [old for old in one.draft.before.values() if old.node.level]
            by_text = {(old.node.text, old.node.context): old.key for old in before}
            # Two with the same text may have different vectors: pooled from sentences in context, or embedded alone.
            own = {(old.node.id, old.node.text, old.node.context): old.key for old in before}
            for node in one.level:
                said = (node.text, node.context)
                found[node.id] = own.get((node.id, *said)) or by_text.get(said)
        return {node: key for node, key in found.items() if key is not None and key in there}


def _document_node(draft: DocumentDraft, children: Sequence[Node], written: WrittenSummary) -> Node:
    document = draft.stored.document
    name = _without_orders(describe(document))
    words = len(document.text.split())
    facts: dict[str, Fact] = {
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
        label=name.title,
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


def _without_orders(name: DocumentName) -> DocumentName:
    """Return the name without text that speaks to the model. The file name replaces such a title; nothing, if that
    speaks to the model, too."""
    titles = (name.title, PurePosixPath(name.path).name)
    title = next((said for one in titles if (said := without_orders(one, name.language))), "")
    return replace(name, title=title, kind=without_orders(name.kind, name.language))


def document_node_id(document_id: str) -> str:
    """Return the id of a document's node. It does not depend on the document's text."""
    return hash_id("document", document_id)


def _finished(one: _PartialTree) -> DocumentTree:
    nodes = _with_terms(one) if any(not node.label for node in one.nodes) else one.nodes
    return DocumentTree(one.draft.stored, placed(nodes, one.keys), one.draft.new, one.draft.replaces)


# --- labels


def _labelled(level: Sequence[Node], paths: dict[str, tuple[Path, ...]]) -> list[Node]:
    """Label sections by their headings, numbered if several have the same. A section gets no label if no heading sets
    it apart, or if its heading speaks to the model."""
    labels = [without_orders(heading_label(paths[node.id]), AUTO) for node in level]
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
    """Return one label for some heading paths: the last heading that they share, or the headings below it that differ,
    as far as they fit."""
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


def _with_terms(one: _PartialTree) -> list[Node]:
    """Label sections without a heading by the terms that set them apart from their siblings."""
    named = {node.id: node.label for node in with_labels(one.nodes) if node.level}
    return [node if node.label or not node.level else replace(node, label=named[node.id]) for node in one.nodes]
