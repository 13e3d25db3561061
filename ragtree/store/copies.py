"""Copies of passages: which nodes have the same text.

A table of the catalog keeps digests of every node's text, so that a state of the tree knows its copies without reading
any text. Two texts are the same passage if they are equal when folded and without line breaks. A heading of its own
makes another passage: the opening hours of two towns may read alike.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from ..text.folding import fold

SCHEMA = """
CREATE TABLE IF NOT EXISTS passages (
    id TEXT NOT NULL PRIMARY KEY, passage BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS passages_by_text ON passages (passage);
"""

Found = TypeVar("Found")


def digest_of(text: str) -> bytes:
    """The digest of a passage: equal for texts that are the same one."""
    plain = " ".join(fold(text).split())
    return hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True)
class Copies:
    """The nodes of one state whose texts are the same passage, in the order of the tree."""

    groups: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def group_of(self) -> Mapping[str, int]:
        """The group of every node that has copies, by id."""
        return {key: number for number, group in enumerate(self.groups) for key in group}

    def of(self, key: str) -> tuple[str, ...]:
        """The other nodes with the text of a node."""
        number = self.group_of.get(key)
        return () if number is None else tuple(other for other in self.groups[number] if other != key)

    def once(self, found: Iterable[Found], id_of: Callable[[Found], str]) -> Iterator[Found]:
        """The results, best first, without copies of earlier ones."""
        taken: set[int] = set()
        for one in found:
            number = self.group_of.get(id_of(one))
            if number is None or number not in taken:
                if number is not None:
                    taken.add(number)
                yield one


def read(db: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Groups of nodes with the same text, by id. None for an older index that is opened read-only."""
    if not _is_noted(db):
        return []
    groups: dict[bytes, list[str]] = {}
    for key, passage in db.execute(
        "SELECT id, passage FROM passages WHERE passage IN "
        "(SELECT passage FROM passages GROUP BY passage HAVING count(*) > 1) ORDER BY id"
    ):
        groups.setdefault(passage, []).append(key)
    return [tuple(group) for group in groups.values()]


def write(db: sqlite3.Connection, texts: Sequence[tuple[str, str]]) -> None:
    """Within a transaction: store the digests of nodes, given as pairs of id and text."""
    remove(db, [key for key, _ in texts])
    rows = [(key, digest_of(text)) for key, text in texts]
    db.executemany("INSERT INTO passages VALUES (?, ?)", rows)


def remove(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Within a transaction: delete the digests of nodes."""
    db.executemany("DELETE FROM passages WHERE id = ?", [(key,) for key in ids])


def note_all(db: sqlite3.Connection) -> None:
    """Create the table for an older index. After an interruption it is created the next time."""
    if _is_noted(db):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for statement in SCHEMA.split(";"):
            db.execute(statement)
        write(db, db.execute("SELECT id, json_extract(node, '$.text') FROM nodes").fetchall())
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _is_noted(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'passages'").fetchone() is not None
