"""A quote -> its places in a text, whatever the white space."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...types import Document, Span
from ..base import Place, Proof


def find_quote(text: str, quote: str) -> list[Span]:
    """All places of the quote's words in the text, with any white space between them; the places do not overlap.

    Their characters are those of the quote, except for white space at its ends and between its words. A quote
    without words has no place.
    """
    exact = list(_exactly(text, quote.strip()))
    if exact:
        return exact
    pattern = r"\s+".join(re.escape(word) for word in quote.split())
    return [Span(*found.span()) for found in re.finditer(pattern, text)] if pattern else []


def prove(quote: str, documents: Iterable[Document]) -> Proof | None:
    """The quote as a proof: its first place, and all others in `others`. None if no document contains it."""
    places = [Place(document.id, span) for document in documents for span in find_quote(document.text, quote)]
    return Proof(places[0], tuple(places[1:])) if places else None


def _exactly(text: str, quote: str) -> Iterator[Span]:
    start = text.find(quote) if quote else -1
    while start >= 0:
        yield Span(start, start + len(quote))
        start = text.find(quote, start + len(quote))
