"""Some long words of every text that is removed: what a purge looks for when it is done. It takes them away, too."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

REMOVED_WORDS = "CREATE TABLE IF NOT EXISTS removed_words (word TEXT PRIMARY KEY) WITHOUT ROWID;\n"

_WORD = re.compile(r"[^\W\d_]{5,40}")
_OF_A_TEXT = 24
_MOST = 5000


def long_words(text: str) -> set[str]:
    """The words of five letters and more, in small letters."""
    return {word.lower() for word in _WORD.findall(text)}


def note_removed(db: sqlite3.Connection, ids: Sequence[str], instead: str = "") -> None:
    """Within a transaction, before they are deleted: the longest words of these documents that `instead` has not."""
    count = db.execute("SELECT count(*) FROM removed_words").fetchone()[0] if ids else _MOST
    kept = long_words(instead)
    for key in ids:
        row = db.execute("SELECT text FROM documents WHERE id = ?", (key,)).fetchone()
        if row is not None and count < _MOST:
            words = sorted(long_words(row[0]) - kept, key=lambda word: (-len(word), word))[:_OF_A_TEXT]
            db.executemany("INSERT OR IGNORE INTO removed_words VALUES (?)", [(word,) for word in words])
            count += len(words)
