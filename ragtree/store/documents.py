"""Documents as rows of the catalog."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..types import Block, Box, Document, Location, Mark, Span

DOCUMENT_COLUMNS = "id, text, title, source, sha256, metadata, marks, lines, blocks"
"""What `document_of_row` reads."""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What is known of a document without its text."""

    id: str
    sha256: str
    origin: str
    """`folder` where a sync found it, `api` where it was added."""
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document and where it came from."""

    document: Document
    record: DocumentRecord


def document_row(stored: StoredDocument) -> tuple[object, ...]:
    """A row of the table of documents."""
    document, record = stored.document, stored.record
    marks = [(mark.start, asdict(mark.location)) for mark in document.marks]
    return (
        document.id,
        record.sha256,
        record.origin,
        record.size,
        record.modified,
        document.title,
        document.source,
        document.text,
        json.dumps(dict(document.metadata), ensure_ascii=False),
        json.dumps(marks, ensure_ascii=False),
        int(document.lines),
        _blocks_to_json(document.blocks),
    )


def document_of_row(row: Sequence[Any]) -> Document:
    """The document of a row of `DOCUMENT_COLUMNS`."""
    key, text, title, source, sha256, metadata, marks, lines, blocks = row
    return Document(
        id=key,
        text=text,
        title=title,
        source=source,
        sha256=sha256,
        metadata=json.loads(metadata),
        marks=_marks_from_json(marks),
        lines=bool(lines),
        blocks=_blocks_from_json(blocks),
    )


def _marks_from_json(text: str) -> tuple[Mark, ...]:
    return tuple(
        Mark(start, Location(where["page"], where["line"], tuple(where["heading"])))
        for start, where in json.loads(text)
    )


def _blocks_to_json(blocks: Sequence[Block]) -> str:
    """A row a block: start, end, kind, page and the four sides of the box."""
    return json.dumps([(*block.span, block.kind, block.page, *block.box) for block in blocks], separators=(",", ":"))


def _blocks_from_json(text: str) -> tuple[Block, ...]:
    return tuple(
        Block(Span(start, end), kind, page, Box(*sides)) for start, end, kind, page, *sides in json.loads(text)
    )
