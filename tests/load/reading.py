"""How the loaders' tests read: bytes in, a Document or the reason out."""

from __future__ import annotations

import pytest

from ragtree.errors import LoadError
from ragtree.load.parsing import parse
from ragtree.settings import LoadSettings
from ragtree.types import Document, Location, Span

LIMITS = LoadSettings()


def read(data: bytes | str, source: str, limits: LoadSettings = LIMITS) -> Document:
    return parse(data.encode() if isinstance(data, str) else data, source, limits)


def refusal(data: bytes, source: str, limits: LoadSettings = LIMITS) -> str:
    """The reason why the bytes are not read."""
    with pytest.raises(LoadError) as caught:
        parse(data, source, limits)
    assert caught.value.source == source
    assert "\n" not in caught.value.reason
    return caught.value.reason


def where(document: Document, quote: str) -> Location:
    """The location of a quote that stands once in the text."""
    assert document.text.count(quote) == 1, f"{quote!r} in {document.text!r}"
    start = document.text.index(quote)
    return document.locate(Span(start, start + len(quote)))
