"""The table of nodes whose words are written ahead of a change of the catalog.

The lexical index cannot take part in the catalog's transaction. So that readers find the words of a tree from its first
moment on, words are written just before the change, and their nodes are noted here. After a crash in between, these
nodes are repaired. The change itself clears the table (`Catalog.change`).
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
    """Note that the lexical index may differ from the catalog in these nodes from now on."""
    with catalog.transaction(lasting=True) as db:
        db.executemany("INSERT OR IGNORE INTO ahead VALUES (?)", [(key,) for key in ids])


def is_ahead(catalog: Catalog) -> bool:
    """True while a change is being made, and after one that was interrupted."""
    return bool(catalog.rows("SELECT 1 FROM ahead LIMIT 1"))


def take_back(catalog: Catalog) -> None:
    """After an interrupted change, mark the nodes noted here to be written again as the catalog has them."""
    with catalog.transaction() as db:
        db.execute("UPDATE nodes SET stored = 0 WHERE id IN (SELECT id FROM ahead)")
        db.execute("INSERT OR IGNORE INTO gone SELECT id FROM ahead WHERE id NOT IN (SELECT id FROM nodes)")


def taken_back(catalog: Catalog) -> None:
    """Clear the table once that is done. The tree stays the same, but gets a new state, so that readers reload its
    words."""
    with catalog.transaction() as db:
        clear(db)
        facts.next_state(db)


def clear(db: sqlite3.Connection) -> None:
    """Within the transaction of the change, whose words are in the lexical index already: clear the table."""
    db.execute("DELETE FROM ahead")
