"""What the tools of this package return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from ..types import Citation, Fact, NodeKind


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """What the catalog says about a document."""

    id: str
    title: str
    source: str
    kind: str = ""
    """Such as `minutes`; empty if unknown."""
    date: str = ""
    """An ISO date, a beginning of one (`1923-06`), or a range with a slash; empty if unknown."""
    language: str = "en"
    words: int = 0
    metadata: Mapping[str, Fact] = field(default_factory=dict)
    """What the document says about itself, such as its author."""
    size: int = 0
    """Bytes of its file; characters of its text if an application added it."""
    modified: datetime | None = None
    """When its file was changed; None if an application added it."""


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A line of the table of contents."""

    node_id: str
    kind: NodeKind
    label: str
    text: str
    """The summary of the node, or the text of a chunk."""
    document_id: str = ""
    source: str = ""
    documents: int = 0
    """Number of documents below it."""
    children: tuple[OutlineEntry, ...] = ()


Wanted: TypeAlias = Literal[
    "documents",
    "documents that mention",
    "number of documents",
    "newest document",
    "oldest document",
    "longest document",
]
"""What can be asked of the catalog, named like the sections of prompts/kinds.md."""


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document of a list, and a place in it that shows why it is there."""

    entry: DocumentEntry
    citation: Citation


@dataclass(frozen=True, slots=True)
class DocumentList:
    """The documents that were asked for."""

    wanted: Wanted
    found: tuple[FoundDocument, ...]
    """The first of them, in the order in which they are to be listed."""
    count: int
    """How many were found in all."""
    total: int
    """Number of documents that were considered: all that pass the filter."""
    kind: str = ""
    """The kind of document that was asked for, in the words of the question; empty for any."""
    about: tuple[str, ...] = ()
    """What they have to match, in the words of the question."""
    mentioned: bool = False
    """True if some of `about` was looked for in the texts and not in what the catalog says."""


@dataclass(frozen=True, slots=True)
class DocumentGroup:
    """Documents that belong together, and some of them."""

    size: int
    examples: tuple[FoundDocument, ...]


@dataclass(frozen=True, slots=True)
class CollectionOverview:
    """What the index holds, as a person would describe it."""

    total: int
    """Number of documents."""
    kinds: tuple[tuple[str, int], ...]
    """The kinds of documents, and the number of each, the most frequent first."""
    dates: str
    """The shortest date or range that has the dates of all documents in it; empty if none is known."""
    groups: tuple[DocumentGroup, ...]
    """The largest first."""
