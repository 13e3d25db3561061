"""Texts of an application that could not be stored."""

from __future__ import annotations

from ..errors import LoadError
from ..types import Document


def check_unicode(document: Document) -> None:
    """Half a surrogate pair has no bytes in UTF-8, so it could not be stored. Raises LoadError."""
    named = {"id": document.id, "title": document.title, "source": document.source, "text": document.text}
    metadata = {f"metadata {key!a}": f"{key}{value}" for key, value in document.metadata.items()}
    for name, value in (named | metadata).items():
        at = half_pair(value)
        if at is not None:
            raise LoadError(ascii(document.id), f"its {name} holds half a surrogate pair at {at}; decode it anew")


def half_pair(text: str) -> int | None:
    """Where the text has half a surrogate pair, or None."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return error.start
    return None
