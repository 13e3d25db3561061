"""The table of contents: themes with their documents, documents with their sections."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import NotFoundError, QueryError
from ..store.catalog import Catalog
from ..types import Node
from .base import OutlineEntry


def outline(catalog: Catalog, node_id: str | None = None, depth: int = 2) -> tuple[OutlineEntry, ...]:
    """The entries at the top of the tree, or below a node, `depth` levels deep. Themes come with the largest first,
    documents by path, sections as in their document.

    Raises NotFoundError for a node that does not exist, QueryError for a depth below 1.
    """
    if depth < 1:
        raise QueryError(f"depth is {depth}; wanted is 1 or more levels")
    if node_id is None:
        roots = catalog.nodes_of(catalog.top())
    else:
        found = catalog.nodes_of([node_id])
        if not found:
            raise NotFoundError(f"there is no node {node_id!r}; tree.outline() without an id begins at the top")
        roots = catalog.nodes_of(found[0].children)
    return _entries(catalog, roots, depth)


def _entries(catalog: Catalog, nodes: Iterable[Node], depth: int) -> tuple[OutlineEntry, ...]:
    entries = [_entry(catalog, node, depth) for node in nodes]
    return tuple(sorted(entries, key=lambda entry: (bool(entry.document_id), -entry.documents, entry.source)))


def _entry(catalog: Catalog, node: Node, depth: int) -> OutlineEntry:
    """An entry with its children. Sorting these is stable, so that the sections of a document keep their order."""
    children = _entries(catalog, catalog.nodes_of(node.children), depth - 1) if depth > 1 else ()
    documents = 1 if node.document_id else len(catalog.documents_below(node.id))
    return OutlineEntry(node.id, node.kind, node.label, node.text, node.document_id, node.source, documents, children)
