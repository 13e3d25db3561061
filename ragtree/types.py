"""The value types: small frozen objects that the packages pass to each other."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from .metadata import Fact as Fact
from .metadata import Scalar as Scalar
from .metadata import plain_id, plain_metadata

Vectors: TypeAlias = NDArray[np.float32]
"""Embeddings, shape (n, dim), rows of unit length."""

_UNSURE_SHOWN = 3
"""Words that a citation names in one line as unsure."""

Wanted: TypeAlias = Scalar | date | Sequence[Scalar | date]
Where: TypeAlias = Mapping[str, Wanted | Mapping[str, Wanted]]
"""A filter: what `source`, `document_id`, `level`, `date` or metadata have to be, as in `{"source": "letters/*",
"date": {"$gte": "1922"}}`. See ragtree.retrieve.where."""


class Span(NamedTuple):
    """Half-open range of characters, [start, end)."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters of `text` that lie in the span."""
        return text[self.start : self.end]

    def overlap(self, other: Span) -> int:
        """Number of characters that two spans share."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True, slots=True)
class Location:
    """Where a span starts in the original, as a person would say it."""

    page: int | None = None
    line: int | None = None
    heading: tuple[str, ...] = ()
    described: bool = False
    """True if the text is a vision model's description of a picture: the model's words, not the document's."""

    def __str__(self) -> str:
        parts = ["a model's description of a picture"] if self.described else []
        if self.page is not None:
            parts.append(f"page {self.page}")
        elif self.line is not None:
            parts.append(f"line {self.line}")
        if self.heading:
            parts.append("§ " + self.heading[-1])
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Mark:
    """From character `start` on, the text lies at this location (until the next mark)."""

    start: int
    location: Location


class Box(NamedTuple):
    """A rectangle on a page as it is shown: whole points (1/72 inch) from its top left corner, y grows downward."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Block:
    """An element of a page's layout: the span of its text, and where on which page that stands.

    `kind` is `heading`, `text`, `list`, `table`, `comment`, or `description` of a figure. A paragraph that
    runs over two columns or pages is two blocks.
    """

    span: Span
    kind: str
    page: int
    """From 1, as in Location."""
    box: Box
    unsure: tuple[Span, ...] = ()
    """Words of the text that were recognized in a picture and may be wrong: spans of the document's text, sorted."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text with an identity.

    `id` is the path relative to the folder, or whatever the caller chose; paths and numbers become text. `metadata`
    takes text, numbers, true or false, dates and times (stored as ISO 8601), paths, and lists of these; a missing value
    (None, NaN) is left out. `RagTree.add` refuses what cannot be stored, because it can name the document.

    If `lines` is true, the text is the file's own, so lines are counted in it, from the last mark if that has a line.
    Readers of other formats supply the locations in `marks`, sorted by start. Those of formats with a layout (PDF) also
    supply `blocks`: sorted, not overlapping, and with nothing but white space outside of them.
    """

    id: str
    text: str
    title: str = ""
    source: str = ""
    sha256: str = ""
    metadata: Mapping[str, Fact] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    lines: bool = True
    blocks: tuple[Block, ...] = ()
    notices: tuple[str, ...] = field(default=(), compare=False)
    """Notices of the format's reader about what the file holds and the text does not; not stored in an index."""

    def __post_init__(self) -> None:
        for name, value in (("id", self.id), ("source", self.source), ("title", self.title)):
            with suppress(ValueError):
                object.__setattr__(self, name, plain_id(value))
        with suppress(ValueError):
            object.__setattr__(self, "metadata", plain_metadata(self.metadata))
        if not self.source:
            object.__setattr__(self, "source", self.id)
        if not self.title:
            object.__setattr__(self, "title", self.source)
        if not self.sha256 and isinstance(self.text, str):
            digest = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
            object.__setattr__(self, "sha256", digest)

    def locate(self, span: Span) -> Location:
        """Page, line and heading path of the first character of `span` that is not white space."""
        start = span.start
        while start < span.end and self.text[start].isspace():
            start += 1
        index = bisect_right(self.marks, start, key=lambda mark: mark.start) - 1
        found = self.marks[index].location if index >= 0 else Location()
        if not self.lines:
            return found
        counted_from = 0 if found.line is None else self.marks[index].start
        return replace(found, line=self.text.count("\n", counted_from, start) + (found.line or 1))

    def cite(self, span: Span, number: int = 0, also: tuple[Place, ...] = ()) -> Citation:
        """The quote at `span`, with its place, and the words of it that text recognition was not sure of."""
        overlapping = (block for block in self.blocks if block.unsure and block.span.overlap(span) > 0)
        unsure = [word for block in overlapping for word in block.unsure if word.overlap(span) > 0]
        return Citation(
            self.id,
            self.source,
            span,
            span.of(self.text),
            self.locate(span),
            number,
            also,
            tuple(dict.fromkeys(word.of(self.text) for word in unsure)),
        )


def described_spans(text: str, marks: Sequence[Mark]) -> tuple[Span, ...]:
    """The spans that a model wrote about pictures, with the white space after them; sorted."""
    ends = [*(mark.start for mark in marks[1:]), len(text)]
    found = (Span(mark.start, end) for mark, end in zip(marks, ends, strict=False) if mark.location.described)
    return tuple(span for span in found if span.start < span.end)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A range of characters inside a chunk's text.

    It names the chunk and not the document's offsets, so it stays true when text before the chunk is inserted.
    """

    leaf: str
    span: Span


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of a summary, the chunk spans that support it, and how well (0 to 1)."""

    text: str
    evidence: tuple[Evidence, ...]
    score: float


NodeKind: TypeAlias = Literal["chunk", "section", "document", "theme", "collection"]
"""What a node is: a span of a document; a part of a document; a whole document; documents that belong together; all
documents. With `tree.shape = raptor` there are chunks, themes (groups of chunks) and the collection."""

Made: TypeAlias = Literal["", "verbatim", "extractive", "abstractive", "hybrid"]
"""How a summary was made; empty for a chunk. `verbatim` is the text itself, which was short enough."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the tree: a chunk, or a summary of its children."""

    id: str
    level: int
    """Height in the tree: 0 for a chunk, otherwise 1 more than the highest child."""
    text: str
    tokens: int
    label: str = ""
    children: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    kind: NodeKind = "chunk"
    made: Made = ""
    document_id: str = ""
    """The document that the node lies in; empty for themes and the collection."""
    source: str = ""
    span: Span = Span(0, 0)
    location: Location = Location()
    metadata: Mapping[str, Fact] = field(default_factory=dict)
    """What the document says about itself. A document node also has `title`, `language`, and
    `kind`, `date` and `words` as far as they are known."""
    context: str = ""
    """What is embedded before the text: the headings above a chunk, or the title line of a document. Never quoted."""
    stale: float = 0.0
    """Share (0 to 1) of the text below it that was added or removed since its summary was written. 1 if the summary
    has yet to be written."""


@dataclass(frozen=True, slots=True)
class Place:
    """Another place of a passage: the span of the same text in another document, or elsewhere in this one."""

    document_id: str
    source: str
    span: Span
    location: Location = Location()

    def __str__(self) -> str:
        where = str(self.location)
        return f"{self.source}, {where}" if where else self.source


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that can be read back: `document.text[span.start:span.end] == quote`."""

    document_id: str
    source: str
    span: Span
    quote: str
    location: Location = Location()
    number: int = 0
    """The n of the mark [n] in the answer; 0 if there is none."""
    also: tuple[Place, ...] = ()
    """Other places that contain the passage of the quote, word for word."""
    unsure: tuple[str, ...] = ()
    """Words of the quote that were recognized in a picture and may be wrong."""

    def __str__(self) -> str:
        where = str(self.location)
        place = f"{self.source}, {where}" if where else self.source
        return f"{place} (recognized; unsure of {_listed(self.unsure)})" if self.unsure else place


def _listed(words: Sequence[str]) -> str:
    """The first of these words, in quotation marks."""
    more = ", ..." if len(words) > _UNSURE_SHOWN else ""
    return ", ".join(f"“{word}”" for word in words[:_UNSURE_SHOWN]) + more


@dataclass(frozen=True, slots=True)
class Hit:
    """A node that was found, its score, and its rank (from 1) in each list that was fused."""

    node: Node
    score: float
    ranks: Mapping[str, int] = field(default_factory=dict)
    also: tuple[Place, ...] = ()
    """Other places of the same text that pass the filter. All of them count once in `k` and in tokens."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost."""

    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Text with [n] marks, what they point at, and whether the passages support it."""

    question: str
    text: str
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    supported: bool = False
    usage: Usage = Usage()
    notice: str = ""
    """What to do about the language model, if it wrote nothing or was cut off; empty if it wrote an answer."""


Value = TypeVar("Value")
"""The value of a structured answer: an object of the caller's own class, or one of JSON's types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuredAnswer(Answer, Generic[Value]):
    """An answer in a form that was asked for. `text` is the value as JSON; `supported` means that all of it is."""

    value: Value
    """Valid by the schema. A field without support is None if the schema allows that."""
    fields: Mapping[str, tuple[Citation, ...]] = field(default_factory=dict)
    """Path of a supported field (`price`, `keepers[0].name`) -> the citations that support it."""
    unsupported: tuple[str, ...] = ()
    """Paths of the fields that no passage supports as the model wrote them."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of a long job: `done` of `total` in `stage` (`load`, `chunk`, `embed`, `summarize`, `store`).

    While the scanned pages of a file are recognized the stage is `recognize`; `total` is 0, because it is not known.
    """

    stage: str
    done: int
    total: int


OnProgress: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done for an answer: `search` (for the question, or for this text), `read` (these hits) or
    `write` (this text, not checked yet)."""

    kind: Literal["search", "read", "write"]
    hits: tuple[Hit, ...] = ()
    text: str = ""


OnStep: TypeAlias = Callable[[Step], None]


def no_step(_: Step) -> None:
    """Ignore steps."""


def no_progress(_: Progress) -> None:
    """Ignore progress."""
