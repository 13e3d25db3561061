"""The original text of a document, or of the part below a node."""

from __future__ import annotations

from ..errors import NotFoundError, QueryError
from ..store.catalog import Catalog
from ..types import Citation, Node, Span


def read(catalog: Catalog, key: str, span: Span | None = None) -> Citation:
    """The text of a document, or of the part of it that is below a node, as a citation. `key` is the id of either.

    `span` are characters of the document; without it all of the text is read. Raises NotFoundError for an unknown id,
    QueryError for a node above several documents and for a span outside the document.
    """
    document = catalog.document(key)
    if document is not None:
        whole = Span(0, len(document.text))
    else:
        found = catalog.nodes_of([key])
        if not found:
            raise NotFoundError(
                f"there is no document and no node {key!r}; tree.outline() and tree.documents() name them"
            )
        if not found[0].document_id:
            raise QueryError(f"{key!r} is a {found[0].kind}, which has no text of its own; read one of its documents")
        document = catalog.document(found[0].document_id)
        assert document is not None
        whole = _below(catalog, found[0])
    span = span or whole
    if not 0 <= span.start <= span.end <= len(document.text):
        raise QueryError(f"the span is {tuple(span)}; wanted is a part of the {len(document.text)} characters")
    return document.cite(span)


def _below(catalog: Catalog, node: Node) -> Span:
    """The span from the first chunk below a node to the last."""
    level, chunks = [node], list[Node]()
    while level:
        chunks += [one for one in level if one.kind == "chunk"]
        level = catalog.nodes_of([child for one in level for child in one.children])
    return Span(min(one.span.start for one in chunks), max(one.span.end for one in chunks))
