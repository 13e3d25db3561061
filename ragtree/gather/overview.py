"""Answers "What is in the folder?" from the top of the tree and the catalog."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..store.base import NodeTable
from ..store.catalog import Catalog
from ..text.dates import spanning
from ..text.folding import fold, folded
from ..types import Citation, Node, Span
from .base import CollectionOverview, DocumentEntry, DocumentGroup, FoundDocument
from .entries import DocumentEntries

_GROUPS = 8
_EXAMPLES = 3
"""Most groups of documents in an overview, the largest ones, and most titles of each."""
_FEW = 20
"""So few documents are all listed."""
_HEAD = 2000
"""Characters of a document in which its title is looked for: comments, numbers and dates may come before it."""
_SAMPLED = 1000
"""About how many documents of a group are compared with each other."""
_FIRST_LINE = 200
"""Most characters of that line that are cited."""


def collection_overview(
    entries: DocumentEntries, catalog: Catalog, table: NodeTable, allowed: frozenset[str] | None = None
) -> CollectionOverview:
    """The number of documents of each kind, with titles from the largest themes. `allowed` are the ids that pass a
    filter."""
    everything = [one for one in entries.by_id.values() if allowed is None or one.id in allowed]
    known = {one.id: one for one in everything}
    kinds = Counter(one.kind for one in everything if one.kind)
    groups = []
    for nodes in _groups(catalog):
        nodes = [node for node in nodes if node.document_id in known]
        most = len(nodes) if len(everything) <= _FEW else _EXAMPLES
        examples = [known[node.document_id] for node in _typical(nodes, table, most)]
        if examples:
            groups.append(
                DocumentGroup(len(nodes), tuple(FoundDocument(one, beginning(catalog, one)) for one in examples))
            )
    if not groups:  # `tree.shape = raptor` has no document nodes
        first = everything[: _GROUPS * _EXAMPLES]
        groups = [DocumentGroup(len(everything), tuple(FoundDocument(one, beginning(catalog, one)) for one in first))]
    groups = sorted(groups, key=lambda group: -group.size)[:_GROUPS]
    dates = spanning(one.date for one in everything if one.date)
    return CollectionOverview(len(everything), tuple(kinds.most_common()), dates, tuple(groups))


def beginning(catalog: Catalog, entry: DocumentEntry) -> Citation:
    """A citation for the document as a whole: the line near its beginning that has its title, else its first line."""
    document = catalog.document(entry.id)
    assert document is not None
    head = folded(document.text[:_HEAD], case=True)
    at = head.text.find(fold(entry.title, case=True))
    if at >= 0:
        start = document.text.rfind("\n", 0, head.span(at, at + 1).start) + 1
    else:
        start = len(document.text) - len(document.text.lstrip())
    end = document.text.find("\n", start)
    span = Span(start, min(end if end >= 0 else len(document.text), start + _FIRST_LINE))
    return document.cite(span)


def _groups(catalog: Catalog) -> list[list[Node]]:
    """The document nodes of about `_GROUPS` themes, of which the largest are divided first; and those of no theme."""
    top = catalog.nodes_of(catalog.top())
    below = catalog.nodes_of([child for node in top if node.kind == "collection" for child in node.children]) or top
    alone = [node.id for node in below if node.kind == "document"]
    themes = [(node, catalog.documents_below(node.id)) for node in below if node.kind == "theme"]
    whole: list[list[str]] = []
    while themes and len(themes) + len(whole) < _GROUPS:
        largest = max(themes, key=lambda pair: len(pair[1]))
        themes.remove(largest)
        parts = [node for node in catalog.nodes_of(largest[0].children) if node.kind == "theme"]
        if not parts:
            whole.append(largest[1])
            continue
        themes += [(part, catalog.documents_below(part.id)) for part in parts]
        covered = {key for part in parts for key in catalog.documents_below(part.id)}
        alone += [key for key in largest[1] if key not in covered]
    groups = [*(documents for _, documents in themes), *whole, *([alone] if alone else [])]
    return [catalog.nodes_of(group) for group in groups]


def _typical(nodes: Sequence[Node], table: NodeTable, most: int) -> list[Node]:
    """At most so many document nodes that stand for all: each one next to which the others have their nearest.

    Greedy choice for the facility location function (Lin and Bilmes, ACL 2011, section 3).
    """
    rows = [table.row_of[node.id] for node in nodes if node.id in table.row_of]
    if len(rows) < len(nodes) or not rows:
        return list(nodes[:most])
    vectors = np.asarray(table.vectors[rows], dtype=np.float64)
    step = len(rows) // _SAMPLED + 1
    near = vectors[::step] @ vectors[::step].T
    best = np.full(len(near), -1.0)
    chosen: list[int] = []
    while len(chosen) < min(most, len(near)):
        gains = np.maximum(near, best).sum(axis=1)
        gains[chosen] = -np.inf
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, near[chosen[-1]])
    return [nodes[place * step] for place in chosen]
