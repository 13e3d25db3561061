"""The table of long words from removed texts. A purge searches for them at its end, and empties the table."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

REMOVED_WORDS = "CREATE TABLE IF NOT EXISTS removed_words (word TEXT PRIMARY KEY) WITHOUT ROWID;\n"

_WORD = re.compile(r"[^\W\d_]{5,40}")
_OF_A_TEXT = 24
_MOST = 5000


def long_words(text: str) -> set[str]:
    """The words of five to forty letters, in lower case."""
    return {word.lower() for word in _WORD.findall(text)}


def note_removed(db: sqlite3.Connection, ids: Sequence[str], instead: str = "") -> None:
    """Within a transaction, before documents are deleted: store their longest words that `instead` does not contain."""
    count = db.execute("SELECT count(*) FROM removed_words").fetchone()[0] if ids else _MOST
    kept = long_words(instead)
    for key in ids:
        row = db.execute("SELECT text FROM documents WHERE id = ?", (key,)).fetchone()
        if row is not None and count < _MOST:
            words = sorted(long_words(row[0]) - kept, key=lambda word: (-len(word), word))[:_OF_A_TEXT]
            db.executemany("INSERT OR IGNORE INTO removed_words VALUES (?)", [(word,) for word in words])
            count += len(words)
