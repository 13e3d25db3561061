"""Routes of the source beside the answer: a document's text, its original, and the pages of a PDF."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...errors import NotFoundError, QueryError
from ...load.endings import ending_of, is_picture
from ...types import Document, Span
from ..collections import Collection
from .formatted import formatted
from .highlights import wanted_on_pages
from .page_images import PageImages
from .paragraphs import paragraphs
from .request_data import collection_of, document_of, location_data, number_of, reply

_WINDOW = 120_000
"""Characters of a text that are sent at once."""
_MARKDOWN = (".md", ".markdown")
_MOST_PAGES = 20
"""Pages of one quote."""
_WIDEST = 2400
"""Pixels of a page."""


class DocumentRoutes:
    """The routes, over the pages of PDF files and pictures."""

    def __init__(self, pages: PageImages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        """The routes of this module."""
        return [
            Route("/api/{name}/document", self._document),
            Route("/api/{name}/original", _original),
            Route("/api/{name}/page", self._page),
            Route("/api/{name}/highlights", self._highlights),
        ]

    async def _document(self, request: Request) -> Response:
        """The text around a place, with that place marked."""
        collection = collection_of(request)
        document = await document_of(request, collection)
        marked = _span_of(request, document)
        at = number_of(request, "at", marked.start if marked else 0)
        shown = window(document.text, min(at, len(document.text)))
        is_whole = shown == (0, len(document.text))  # a part of Markdown may begin within a list or a block of code
        is_markdown = is_whole and document.lines and document.id.lower().endswith(_MARKDOWN)
        original = await original_of(collection, document)
        has_pages = original is not None and _has_pages(document)
        if has_pages:
            await self._pages.prepare()
        return reply(
            {
                "document": document.id,
                "title": document.title,
                "source": document.source,
                "where": location_data(document.locate(marked)) if marked else None,
                "metadata": {key: _said(value) for key, value in document.metadata.items()},
                "length": len(document.text),
                "shown": shown,
                "paragraphs": [asdict(one) for one in paragraphs(document, shown, marked)],
                "html": await asyncio.to_thread(formatted, shown.of(document.text)) if is_markdown else "",
                "original": original is not None,
                "paged": has_pages,
            }
        )

    async def _page(self, request: Request) -> Response:
        """A page of a PDF file, or a picture, as a PNG."""
        collection = collection_of(request)
        document = await document_of(request, collection)
        number, width = number_of(request, "page", 1), number_of(request, "width", 1200, _WIDEST)
        path = await _paged_file(collection, document)
        limits = collection.tree.settings.load
        picture = await self._pages.picture(path, number, max(width, 200), limits, document.sha256)
        headers = {"cache-control": "private, max-age=600", "vary": "Cookie, Authorization"}
        return Response(picture, media_type="image/png", headers=headers)

    async def _highlights(self, request: Request) -> Response:
        """Where a part of the text stands on the pages of the file: shares of the page's width and height."""
        collection = collection_of(request)
        document = await document_of(request, collection)
        span = _span_of(request, document) or Span(0, 0)
        path = await _paged_file(collection, document)
        wanted = wanted_on_pages(document, span)[:_MOST_PAGES]
        return reply(await self._pages.places(path, wanted, collection.tree.settings.load, document.sha256))


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def window(text: str, at: int) -> Span:
    """Whole lines around a place, not too many."""
    start, end = max(0, at - _WINDOW // 4), min(len(text), at + _WINDOW)
    if start:
        start = text.find("\n", start, at) + 1 or start
    if end < len(text):
        end = max(text.rfind("\n", at, end), 0) or end
    return Span(start, end)


def _span_of(request: Request, document: Document) -> Span | None:
    """The place that the parameters `from` and `to` name."""
    if "from" not in request.query_params:
        return None
    span = Span(number_of(request, "from"), number_of(request, "to"))
    if not 0 <= span.start <= span.end <= len(document.text):
        raise QueryError(f"the place is {tuple(span)}; wanted is a part of the {len(document.text)} characters")
    return span


async def _original(request: Request) -> Response:
    """The file as it was indexed, to be saved; a browser never shows it within this page.

    A file that has changed since may hold what this reader is not to see: the index says so after its next sync.
    """
    collection = collection_of(request)
    document = await document_of(request, collection)
    path = await original_of(collection, document)
    data = await asyncio.to_thread(_bytes_of, path) if path is not None else b""
    if path is None or sha256(data).hexdigest() != document.sha256:
        raise NotFoundError("there is no file of this document any more, or it has changed since it was indexed")
    headers = {
        "cache-control": "no-store",
        "content-security-policy": "sandbox; default-src 'none'",
        "content-disposition": f"attachment; filename*=UTF-8''{quote(path.name, safe='')}",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


def _bytes_of(path: Path) -> bytes:
    """The bytes of a file; none if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


async def original_of(collection: Collection, document: Document) -> Path | None:
    """The file of an indexed document, if it lies in the folder; links do not lead out of it.

    A document that a program added has no file, even if its id is the name of one.
    """
    entries = await collection.tree.entries({"document_id": document.id})
    if not entries or entries[0].modified is None:
        return None
    return collection.file(document.source)


def _has_pages(document: Document) -> bool:
    """True for PDF files, and pictures whose text was recognized."""
    return ending_of(document.source) == "pdf" or is_picture(document.source)


async def _paged_file(collection: Collection, document: Document) -> Path:
    path = await original_of(collection, document)
    if path is None or not _has_pages(document):
        raise HTTPException(404, "this document has no pages to show")
    return path
