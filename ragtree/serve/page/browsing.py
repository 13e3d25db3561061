"""Routes to look around: the collections, the table of contents, the search and the state of the index."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...asynchronous import AsyncRagTree
from ...errors import NotFoundError, NothingToIndexError
from ...gather.base import OutlineEntry
from ...indexing.document_tree import document_node_id
from ...retrieve.explanation import parents_of, path_to_leaf
from ...types import Citation, Node, Span
from ..collections import Collections
from .request_data import collection_of, location_data, number_of, reply

_PAGE = 200
"""Entries that are sent at once below a node."""
_SUMMARY = 600
_SNIPPET = 240
_FIRST_LINE = 200
_MOST_NAMED = 500
"""Files that are named at once in the state of an index."""
_FOUND = 10


def browsing_routes() -> list[Route]:
    """The routes of this module."""
    return [
        Route("/api/collections", _collections),
        Route("/api/{name}/status", _status),
        Route("/api/{name}/outline", _outline),
        Route("/api/{name}/node", _node),
        Route("/api/{name}/search", _search),
    ]


async def _collections(request: Request) -> Response:
    collections: Collections = request.app.state.collections
    return reply([one.name for one in collections])


async def _status(request: Request) -> Response:
    """What is indexed, what is being read, and what could not be."""
    collection = collection_of(request)
    stats, watching = await collection.tree.stats(), collection.watching
    report = watching.report if watching is not None else None
    stage, done, total = collection.progress or ("", 0, 0)
    return reply(
        {
            "name": collection.name,
            "documents": stats.documents,
            "kinds": dict(stats.kinds),
            "tokens": stats.tokens,
            "found": stats.found,
            "waiting": stats.waiting,
            "follows": watching is not None and watching.running,
            "failed": watching is not None and not isinstance(watching.error, NothingToIndexError | None),
            "model": collection.writes_answers,
            "progress": {"stage": stage, "done": done, "total": total} if collection.progress else None,
            "skipped": [[one.source, one.reason] for one in (report.skipped if report else ())[:_MOST_NAMED]],
            "notices": [[one.source, one.text] for one in (report.notices if report else ())[:_MOST_NAMED]],
        }
    )


async def _outline(request: Request) -> Response:
    """What lies below a node, or at the top; chunks are left out."""
    tree = collection_of(request).tree
    node = request.query_params.get("node") or None
    async with tree.snapshot():
        try:
            below = await tree.outline(node, depth=1)
        except NotFoundError:  # whose advice is for programs
            raise NotFoundError("this part of the contents is not there any more") from None
        wanted = [entry for entry in below if entry.kind != "chunk"]
        start = number_of(request, "start")
        shown = wanted[start : start + _PAGE]
        opening = await _with_entries_below(tree, shown)
    return reply({"entries": [_entry(one, opening) for one in shown], "total": len(wanted)})


async def _with_entries_below(tree: AsyncRagTree, entries: Iterable[OutlineEntry]) -> frozenset[str]:
    """The ids of those that have more than chunks below them."""
    nodes = await tree.nodes(ids=[entry.node_id for entry in entries])
    return frozenset(node.id for node in nodes if node.level > 1)


def _entry(entry: OutlineEntry, opening: frozenset[str]) -> dict[str, object]:
    return {
        "node": entry.node_id,
        "kind": entry.kind,
        "label": entry.label,
        "text": _cut(entry.text, _SUMMARY),
        "document": entry.document_id,
        "source": entry.source,
        "documents": entry.documents,
        "opens": entry.node_id in opening,
    }


async def _node(request: Request) -> Response:
    """Where a node, or the node of a document, lies: the way from the top, and the document's part."""
    tree = collection_of(request).tree
    async with tree.snapshot():
        found = await _named(tree, request)
        way = path_to_leaf(found, found, parents_of(await tree.above([found.id])))
        span = _beginning(await tree.read(found.id)) if found.kind == "section" else found.span
    return reply(
        {
            "node": found.id,
            "kind": found.kind,
            "label": found.label,
            "text": _cut(found.text, _SUMMARY),
            "document": found.document_id,
            "span": span if found.document_id else None,
            "way": [{"node": one.id, "kind": one.kind, "label": one.label} for one in way],
        }
    )


def _beginning(section: Citation) -> Span:
    """The first line of a section: all of it would be marked from top to bottom."""
    start = section.span.start + len(section.quote) - len(section.quote.lstrip())
    return Span(start, start + len(section.quote.lstrip().split("\n", 1)[0][:_FIRST_LINE]))


async def _named(tree: AsyncRagTree, request: Request) -> Node:
    key, document = request.query_params.get("node", ""), request.query_params.get("document", "")
    found = await tree.nodes(ids=[key or document_node_id(document)])
    if not found:
        raise NotFoundError(f"there is no node {key!r}" if key else f"there is no document {document!r}")
    return found[0]


async def _search(request: Request) -> Response:
    """Passages for what is being typed."""
    query = request.query_params.get("q", "")[:1000]
    if not query.strip():
        return reply([])
    hits = await collection_of(request).tree.search(query, k=_FOUND)
    return reply(
        [
            {
                "node": hit.node.id,
                "document": hit.node.document_id,
                "title": str(hit.node.metadata.get("title", "")) or hit.node.source or hit.node.label,
                "where": location_data(hit.node.location),
                "text": _cut(hit.node.text, _SNIPPET),
                "span": hit.node.span,
            }
            for hit in hits
        ]
    )


def _cut(text: str, most: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else words[:most].rstrip() + " …"
