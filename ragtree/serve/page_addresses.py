"""Addresses of the served page."""

from __future__ import annotations

from urllib.parse import quote

from ..types import Span


def document_path(collection: str, key: str, span: Span | None = None) -> str:
    """The path of a document on this server, with the place that is to be marked.

    Slashes stay, unless a browser would change the path because of them, as in `a/../b`.
    """
    odd = {"", ".", ".."} & set(key.split("/"))
    place = "" if span is None else f"?from={span.start}&to={span.end}"
    return f"{collection}/documents/{quote(key, safe='' if odd else '/')}{place}"
