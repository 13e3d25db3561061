"""The words of a change are written before the change is made, and this is the note of it.

The lexical index cannot take part in the catalog's transaction. So that readers find the words of the tree that they
see from its first moment on, they are written right before, and what is noted here is put right after a crash between.
The change itself strikes the note out (`tree_change.write_change`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from .catalog import Catalog
from .tree_change import AHEAD, STATE


def note_ahead(catalog: Catalog, ids: Iterable[str]) -> None:
    """From now on the lexical index may differ from the catalog in these nodes."""
    with catalog.transaction(lasting=True) as db:
        db.execute(AHEAD)
        db.executemany("INSERT OR IGNORE INTO ahead VALUES (?)", [(key,) for key in ids])


def is_ahead(catalog: Catalog) -> bool:
    """True while a change is being made, and after one that came to no end."""
    return _is_there(catalog) and bool(catalog.rows("SELECT 1 FROM ahead LIMIT 1"))


def take_back(catalog: Catalog) -> None:
    """A change came to no end: what was written of it is to be written as the catalog has it."""
    with catalog.transaction() as db:
        db.execute("UPDATE nodes SET stored = 0 WHERE id IN (SELECT id FROM ahead)")
        db.execute("INSERT OR IGNORE INTO gone SELECT id FROM ahead WHERE id NOT IN (SELECT id FROM nodes)")


def taken_back(catalog: Catalog) -> None:
    """That is done. The tree is the same, and gets another state, so that readers look at its words again."""
    with catalog.transaction() as db:
        db.execute("DELETE FROM ahead")
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (STATE, secrets.token_hex(8)))


def _is_there(catalog: Catalog) -> bool:
    return bool(catalog.rows("SELECT 1 FROM sqlite_master WHERE name = 'ahead'"))
