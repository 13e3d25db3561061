"""Checks whether documents that an application adds can be stored."""

from __future__ import annotations

import json

from ..errors import LoadError
from ..metadata import half_pair, plain_id, plain_metadata
from ..types import Document

_LONGEST_NAME = 4096
"""Most characters of an id, a title or a source; no path is longer."""
_LONGEST_METADATA = 20_000
"""Most characters of a document's metadata as JSON. It is limited because every chunk carries it."""
_SHOWN = 80


def check_document(document: object) -> None:
    """Raise LoadError with the document's name if it cannot be stored."""
    if not isinstance(document, Document):
        raise LoadError(_name(document), f"it is a {type(document).__name__}; pass a ragtree.Document")
    name = _name(document.id)
    for what, value in (("id", document.id), ("title", document.title), ("source", document.source)):
        try:
            length = len(plain_id(value))
        except ValueError as error:
            raise LoadError(name, f"its {what} is {error}; it must be text") from error
        if not 0 < length <= _LONGEST_NAME:
            raise LoadError(name, f"its {what} has {length} characters; it must have 1 to {_LONGEST_NAME}")
    if not isinstance(document.text, str):
        raise LoadError(name, f"its text is a {type(document.text).__name__}; decode or parse it to a string first")
    try:
        facts = plain_metadata(document.metadata)
    except ValueError as error:
        raise LoadError(name, f"its {error}") from error
    if len(json.dumps(facts)) > _LONGEST_METADATA:
        raise LoadError(
            name, f"its metadata is longer than {_LONGEST_METADATA} characters; move the long part to its text"
        )
    named = {"id": document.id, "title": document.title, "source": document.source, "text": document.text}
    for what, text in (named | {f"metadata {key!a}": f"{key}{value}" for key, value in facts.items()}).items():
        at = half_pair(text)
        if at is not None:
            raise LoadError(
                name, f"its {what} holds half a surrogate pair at {at}; decode the text again with the right encoding"
            )


def _name(of: object) -> str:
    """The name of a document in error messages: short, and printable in any terminal."""
    text = of if isinstance(of, str) else repr(of)
    return (text if text.isprintable() and text else ascii(text))[:_SHOWN]
