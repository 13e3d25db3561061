"""How the loaders' tests read: bytes in, a Document or the reason out."""

from __future__ import annotations

import pytest

from ragtree.errors import LoadError
from ragtree.load.base import Loader
from ragtree.load.loaders import Loaders
from ragtree.load.parsing import parse
from ragtree.load.recognition.base import NothingDescribed
from ragtree.load.recognition.choosing import NothingRecognized
from ragtree.settings import LoadSettings
from ragtree.types import Document, Location, Span

LIMITS = LoadSettings()


def read(data: bytes | str, source: str, limits: LoadSettings = LIMITS) -> Document:
    return parse(data.encode() if isinstance(data, str) else data, source, limits)


def loader_for(source: str, data: bytes = b"") -> Loader | None:
    """The loader that reads these bytes."""
    return Loaders(NothingRecognized(), NothingDescribed()).loader_for(source, data)


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
