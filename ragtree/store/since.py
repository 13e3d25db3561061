"""The record of changes -> what differs between an earlier time and now."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal, TypeAlias

from ..errors import QueryError
from ..types import Node
from .history import Rows, Top, digest, first_sentence, recorded, top_of


@dataclass(frozen=True, slots=True)
class SummaryChange:
    """A summary at the top of the tree (the collection or a child of it) that has changed."""

    kind: Literal["new", "rewritten", "regrouped", "gone"]
    """`regrouped`: its text is the same, but what is below it has changed."""
    id: str
    """The id of the node now, or of the one that is gone."""
    label: str = ""
    """The label of the node now; empty if it is gone."""
    before: str = ""
    """The first sentence of its earlier text; empty if it is new, and after a purge."""
    after: str = ""
    """The first sentence of its text now; empty if it is gone."""
    stale: float = 0.0
    """Share of the text below it that has changed since its own text was written, 0 to 1."""


@dataclass(frozen=True, slots=True)
class History:
    """How the index differs from what it was at `since`: ids of documents, sorted, and the top of the tree."""

    since: datetime
    begins: datetime
    """When the history begins: earlier changes are not known."""
    updates: int = 0
    """How many updates there were."""
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """Pairs of old and new id. A document whose text has changed as well is also in `changed`."""
    removed: tuple[str, ...] = ()
    summaries: tuple[SummaryChange, ...] = ()
    """The collection first, then its children, then those that are gone."""


def read_history(db: sqlite3.Connection, since: date | datetime) -> History:
    """How the index differs from what it was at `since`, whatever came and went in between. A time without a zone is
    local.

    Raises QueryError for a time at either end of the calendar, which is beyond it in another time zone.
    """
    if not isinstance(since, datetime):
        since = datetime(since.year, since.month, since.day)
    try:
        since = since.astimezone()
        seconds = since.timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise QueryError(
            f"the time {since.isoformat()} is at the end of the calendar; give a later or earlier one"
        ) from error
    found = recorded(db, seconds)
    documents = _net_documents(found.documents)
    return History(
        since,
        datetime.fromtimestamp(found.begins, UTC).astimezone(),
        found.updates,
        *documents,
        summaries=tuple(_net_summaries(found.summaries, top_of(db))),
    )


_Renames: TypeAlias = tuple[tuple[str, str], ...]


def _net_documents(rows: Rows) -> tuple[tuple[str, ...], tuple[str, ...], _Renames, tuple[str, ...]]:
    """The documents that were added, changed, renamed and removed from the first to the last state."""
    origin: dict[str, str | None] = {}
    """The earlier ids of documents that exist now, by id; None for those that did not exist then."""
    other: set[str] = set()
    gone: set[str] = set()
    for kind, key, before in rows:
        was = origin.pop(before, before) if before else None
        if kind == "removed":
            if was is not None:
                gone.add(was)
            other.discard(before)
            continue
        if kind == "added" and key in gone:  # it was removed, and came back with another text
            gone.discard(key)
            was = key
            other.add(key)
        if kind == "changed" or before in other:
            other.discard(before)
            other.add(key)
        origin[key] = was
    return (
        tuple(sorted(key for key, was in origin.items() if was is None)),
        tuple(sorted(key for key in other if origin.get(key) is not None)),
        tuple(sorted((was, key) for key, was in origin.items() if was is not None and was != key)),
        tuple(sorted(gone)),
    )


@dataclass(frozen=True, slots=True)
class _Then:
    """A summary as it was at the earlier time."""

    id: str
    sentence: str = ""
    digest: str = ""


def _net_summaries(rows: Rows, top: Sequence[Top]) -> list[SummaryChange]:
    """How the summaries at the top differ between then and now."""
    origin: dict[str, _Then | None] = {}
    gone: list[_Then] = []
    for before, after, sentence, its_digest in rows:
        was = origin.pop(before, _Then(before)) if before else None
        if was is not None and was.id == before:
            was = _Then(before, sentence, its_digest)
        if after:
            origin[after] = was
        elif was is not None:
            gone.append(was)
    changes = [_change(origin[one.node.id], one.node) for one in top if one.node.id in origin]
    return changes + [SummaryChange("gone", was.id, before=was.sentence) for was in gone]


def _change(was: _Then | None, node: Node) -> SummaryChange:
    now = first_sentence(node)
    if was is None:
        return SummaryChange("new", node.id, node.label, "", now, node.stale)
    if digest(node) == was.digest:
        return SummaryChange("regrouped", node.id, node.label, now, now, node.stale)
    return SummaryChange("rewritten", node.id, node.label, was.sentence, now, node.stale)
