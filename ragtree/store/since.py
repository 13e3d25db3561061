"""What changed since: the record of changes -> the difference between then and now."""

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
    """A summary at the top of the tree (the collection or a child of it) that is different from what it was."""

    kind: Literal["new", "rewritten", "regrouped", "gone"]
    """`regrouped`: its text stayed, and other nodes are below it."""
    id: str
    """Of the node as it is now, or of the one that is gone."""
    label: str = ""
    """What its group is called now; nothing where it is gone."""
    before: str = ""
    """First sentence of the text that it had; nothing where it is new, and after a purge."""
    after: str = ""
    """First sentence of the text that it has."""
    stale: float = 0.0
    """Share (0 to 1) of what is below it that has come or gone since its text was written."""


@dataclass(frozen=True, slots=True)
class History:
    """What is different in the index from what it was at `since`: documents by id, sorted, and the top of the tree."""

    since: datetime
    begins: datetime
    """Nothing is known of what was before."""
    updates: int = 0
    """How often the tree has changed."""
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """Old id, new id; one whose text changed as well stands among `changed`, too."""
    removed: tuple[str, ...] = ()
    summaries: tuple[SummaryChange, ...] = ()
    """From the collection downwards."""


def read_history(db: sqlite3.Connection, since: date | datetime) -> History:
    """What is different from what was at `since`, whatever came and went in between. A time without a zone is local.

    Raises QueryError for a time at either end of the calendar, which another time zone would put beyond it.
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
    """Added, changed, renamed and removed from the first to the last state."""
    origin: dict[str, str | None] = {}
    """Of documents that are there, what they were called then; None for those that were not there."""
    other: set[str] = set()
    gone: set[str] = set()
    for kind, key, before in rows:
        was = origin.pop(before, before) if before else None
        if kind == "removed":
            if was is not None:
                gone.add(was)
            other.discard(before)
            continue
        if kind == "added" and key in gone:  # it went, and came again with another text
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
    """A summary as it was then."""

    id: str
    sentence: str = ""
    digest: str = ""


def _net_summaries(rows: Rows, top: Sequence[Top]) -> list[SummaryChange]:
    """What the summaries at the top were then, and are now."""
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
