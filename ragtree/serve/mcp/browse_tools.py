"""The tools that look around: the table of contents, the original text, the documents, and what state all is in."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from ...errors import NotFoundError, QueryError, RagtreeError
from ...gather.base import OutlineEntry
from ...types import Span
from ..client_errors import client_message
from ..collections import Collection
from .arguments import DocumentsArguments, OutlineArguments, ReadArguments, StatusArguments
from .call import Call, cut, not_there, plain, title_of
from .results import (
    CollectionState,
    DocumentLines,
    ListedDocument,
    OutlineLine,
    OutlineLines,
    ReadText,
    States,
    UnreadFile,
)

logger = logging.getLogger(__name__)

_MOST_LINES = 200
_SUMMARY = 400
_LONGEST = 20_000
_MOST_FILES = 50


async def outline(call: Call, asked: OutlineArguments) -> OutlineLines:
    """See how the collection is made up: themes, their documents, and the sections of those, each with a summary.

    Use it for an overview, or where you do not know yet what to search for. Without a node_id it begins at the top;
    with the id of a line it shows what is below that.
    """
    try:
        entries = await call.tree.outline(asked.node_id, asked.depth)
    except NotFoundError:
        raise NotFoundError(
            f"there is no node {asked.node_id!r}; outline without a node_id begins at the top"
        ) from None
    lines = list(_lines(entries, 1))
    left = len(lines) - _MOST_LINES
    note = f"{left} lines are left out; ask for a smaller depth, or for what is below one line." if left > 0 else ""
    return OutlineLines(lines=lines[:_MOST_LINES], note=note)


def _lines(entries: Iterable[OutlineEntry], level: int) -> Iterable[OutlineLine]:
    for entry in entries:
        yield OutlineLine(
            level=level,
            id=entry.node_id,
            kind=entry.kind,
            label=entry.label or entry.source,
            summary=cut(entry.text, _SUMMARY),
            document_id=entry.document_id,
            documents=entry.documents,
        )
        yield from _lines(entry.children, level + 1)


async def read(call: Call, asked: ReadArguments) -> ReadText:
    """Read the original text of a document, or of a part of it from an outline, word for word.

    Use it to check a quote, to see what stands around a passage, and to read long documents in pieces: the note says
    where to go on.
    """
    async with call.tree.snapshot():
        try:
            whole = await call.tree.read(asked.id)
        except NotFoundError:
            raise not_there(asked.id) from None
        document = await call.tree.document(whole.document_id)
        assert document is not None  # one state of the tree
    size = len(document.text)
    start = whole.span.start if asked.start is None else asked.start
    wanted = min(size, whole.span.end if asked.end is None else asked.end)
    if asked.start is not None and asked.end is None and start >= wanted:
        wanted = size  # on behind the part
    if not start <= wanted:
        raise QueryError(f"there are no characters {start} to {asked.end or wanted}; the document has {size}")
    end = min(wanted, start + _LONGEST)
    note = ""
    if end < wanted:
        note = f"These are characters {start} to {end} of {size}. read with id {document.id!r} and start {end} goes on."
    return ReadText(
        id=document.id,
        title=title_of(document),
        url=call.url(document.id),
        text=document.text[start:end],
        start=start,
        end=end,
        characters=size,
        location=str(document.locate(Span(start, end))),
        note=note,
    )


async def documents(call: Call, asked: DocumentsArguments) -> DocumentLines:
    """List documents: all of them, those that some words name, or those that pass a filter.

    Use it to find a document by its title, file name, date or metadata, and to see what there is. To find what the
    documents say, use `search`.
    """
    entries = await call.tree.entries(asked.where or None)
    if asked.words is not None and asked.words.strip():
        passing = {entry.id: entry for entry in entries}
        entries = tuple(passing[key] for key in await call.tree.named(asked.words) if key in passing)
    end = asked.offset + asked.limit
    note = f"There are more; documents with offset {end} goes on." if end < len(entries) else ""
    lines = [
        ListedDocument(
            id=entry.id,
            title=entry.title,
            url=call.url(entry.id),
            kind=entry.kind,
            date=entry.date,
            words=entry.words,
            metadata=plain(entry.metadata),
        )
        for entry in entries[asked.offset : end]
    ]
    return DocumentLines(documents=lines, total=len(entries), note=note)


async def status(call: Call, _: StatusArguments) -> States:
    """Say how many documents there are, what is being read now, and which files could not be read.

    Use it where a document seems to be missing, or to learn what this server can do.
    """
    chosen = [call.collection] if call.named else list(call.collections)
    states = [await _state(one) for one in chosen]
    return States(collections=states, language_model=call.collection.writes_answers, writes=call.writes)


async def _state(collection: Collection) -> CollectionState:
    stats = await collection.tree.stats()
    watching = collection.watching
    report = watching.report if watching is not None else None
    error = watching.error if watching is not None else None
    skipped, incomplete = (report.skipped, report.notices) if report is not None else ((), ())
    doing = ""
    if collection.progress is not None:
        stage, done, total = collection.progress
        doing = f"{stage}: {done} of {total}"
    failed = (
        ""
        if error is None
        else client_message(error)
        if isinstance(error, RagtreeError)
        else "the folder cannot be read"
    )
    return CollectionState(
        name=collection.name,
        documents=stats.documents,
        expected=max(stats.documents, stats.found),
        passages=stats.levels[0] if stats.levels else 0,
        followed=watching is not None and watching.running,
        doing=doing,
        error=failed,
        skipped=[UnreadFile(source=one.source, reason=one.reason) for one in skipped[:_MOST_FILES]],
        skipped_count=len(skipped),
        incomplete=[UnreadFile(source=one.source, reason=one.text) for one in incomplete[:_MOST_FILES]],
    )
