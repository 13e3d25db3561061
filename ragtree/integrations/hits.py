"""What frameworks are told of a hit, beside its text."""

from __future__ import annotations

from typing import Any

from ..types import Hit


def metadata_of(hit: Hit) -> dict[str, Any]:
    """`source`, `document_id`, `score`, `kind` (chunk, section, document, theme or collection), `start` and `end`
    (characters of the document), and `page`, `line` and `heading` where they are known. `described` is there, and true,
    for a model's description of a picture. `facts` is the metadata of the document itself."""
    node = hit.node
    place = {"page": node.location.page, "line": node.location.line, "heading": list(node.location.heading) or None}
    return {
        "source": node.source,
        "document_id": node.document_id,
        "score": hit.score,
        "kind": node.kind,
        "start": node.span.start,
        "end": node.span.end,
        **{name: value for name, value in place.items() if value is not None},
        **({"described": True} if node.location.described else {}),
        "facts": dict(node.metadata),
    }
