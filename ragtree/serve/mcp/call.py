"""What a tool is called with, and what several tools need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...asynchronous import AsyncRagTree
from ...errors import NotFoundError
from ...types import Citation, Document, Fact
from ..collections import Collection, Collections, Turns
from .addresses import Addresses
from .results import Cited


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool: the collection that it is for, and what is around it."""

    collection: Collection
    collections: Collections
    turns: Turns
    addresses: Addresses
    writes: bool
    named: bool
    """True if the client has named the collection."""

    @property
    def tree(self) -> AsyncRagTree:
        """The collection's index."""
        return self.collection.tree

    def url(self, document_id: str) -> str:
        """Where a client finds a document of the collection."""
        return self.addresses.document(self.collection.name, document_id)

    def cited(self, citation: Citation) -> Cited:
        """A citation as results have it."""
        return Cited(
            number=citation.number,
            id=citation.document_id,
            source=citation.source,
            url=self.url(citation.document_id),
            location=str(citation.location),
            start=citation.span.start,
            end=citation.span.end,
            quote=citation.quote,
            unsure=list(citation.unsure),
            described=citation.location.described,
        )


def not_there(key: str) -> NotFoundError:
    """For an id that nothing has."""
    return NotFoundError(f"there is no document and no part of one with the id {key!r}; search and documents give ids")


def cut(text: str, most: int) -> str:
    """The beginning of a text, with dots where it goes on."""
    text = text.strip()
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(maxsplit=1)[0] + "…"


def title_of(document: Document) -> str:
    """Its title, which is never empty."""
    return document.title or document.source or document.id


def plain(metadata: Mapping[str, Fact]) -> dict[str, Any]:
    """Metadata as JSON has it."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in metadata.items()}
