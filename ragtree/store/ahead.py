"""The words of a change are written before the change is made, and this table is the note of it.

The lexical index cannot take part in the catalog's transaction. So that readers find the words of the tree that they
see from its first moment on, words are written just before, and what is noted here is repaired after a crash in
between. The change itself clears the note (`Catalog.change`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

from . import facts

if TYPE_CHECKING:
    from .catalog import Catalog

SCHEMA = "CREATE TABLE IF NOT EXISTS ahead (id TEXT PRIMARY KEY) WITHOUT ROWID;\n"


def note_ahead(catalog: Catalog, ids: Iterable[str]) -> None:
    """From now on the lexical index may differ from the catalog in these nodes."""
    with catalog.transaction(lasting=True) as db:
        db.executemany("INSERT OR IGNORE INTO ahead VALUES (?)", [(key,) for key in ids])


def is_ahead(catalog: Catalog) -> bool:
    """True while a change is being made, and after one that was interrupted."""
    return bool(catalog.rows("SELECT 1 FROM ahead LIMIT 1"))


def take_back(catalog: Catalog) -> None:
    """A change was interrupted: what was written of it is to be written as the catalog has it."""
    with catalog.transaction() as db:
        db.execute("UPDATE nodes SET stored = 0 WHERE id IN (SELECT id FROM ahead)")
        db.execute("INSERT OR IGNORE INTO gone SELECT id FROM ahead WHERE id NOT IN (SELECT id FROM nodes)")


def taken_back(catalog: Catalog) -> None:
    """That is done. The tree is the same, and gets another state, so that readers look at its words again."""
    with catalog.transaction() as db:
        clear(db)
        facts.next_state(db)


def clear(db: sqlite3.Connection) -> None:
    """Within the transaction of the change: its words are in the lexical index."""
    db.execute("DELETE FROM ahead")
