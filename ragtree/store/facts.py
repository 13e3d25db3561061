"""The table of facts about an index (`meta`), and a second copy of it beside the catalog.

The copy is there because what is recovered from a damaged catalog cannot be used without its facts.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

SCHEMA = "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);\n"


@dataclass(frozen=True, slots=True)
class Facts:
    """What an index records about itself. Every fact is text, and empty as long as it is not known."""

    format: str = ""
    """Version of the tables."""
    state: str = ""
    """Different after every change of the tree."""
    id: str = ""
    """A random name of the index, which distinguishes its records in a Chroma server from another index's."""
    copy: str = ""
    """A random name of the copy in Chroma that follows the catalog."""
    history: str = ""
    """When the record of changes begins, in seconds since 1970."""
    embedder: str = ""
    """Name of the embedder, and how vectors are shortened."""
    llm: str = ""
    """Name of the language model in the cache of summaries, if servers run it: their addresses may change."""
    dimension: str = ""
    """Length of the vectors that are searched."""
    projection: str = ""
    """The projection that shortens vectors, as Base64."""
    settings: str = ""
    """The settings that the index was made with, as JSON."""
    summarizer: str = ""
    """Fingerprint of the summarizer."""
    built: str = ""
    """Fingerprint of the settings that all document trees were built with; empty while they are being changed."""
    collection: str = ""
    """Fingerprint of the settings that the tree over the documents was built with."""
    behind: str = ""
    """`yes` while that tree is behind its documents: from a commit of documents to the end of the sync, and until all
    documents are built with the current settings."""
    first_build: str = ""
    """`yes` until the first sync of the index has ended."""
    found: str = ""
    """Number of documents and unread files that the last sync found."""
    waiting: str = ""
    """Number of files and documents that the last sync left for the next one."""
    unwritten: str = ""
    """Number of summaries that the language model has yet to write."""


NAMES = tuple(field.name for field in fields(Facts))


def read(db: sqlite3.Connection) -> Facts:
    """All facts."""
    known = dict(db.execute("SELECT key, value FROM meta"))
    return Facts(**{name: known[name] for name in NAMES if name in known})


def write(db: sqlite3.Connection, changes: Mapping[str, str]) -> None:
    """Within a transaction: change some facts. Raises ValueError for an unknown name."""
    unknown = changes.keys() - set(NAMES)
    if unknown:
        raise ValueError(f"there is no fact {sorted(unknown)[0]!r} about an index")
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(changes.items()))


def state(db: sqlite3.Connection) -> str:
    """The state of the tree. It differs after every change."""
    row = db.execute("SELECT value FROM meta WHERE key = 'state'").fetchone()
    return str(row[0]) if row is not None else "0"


def next_state(db: sqlite3.Connection) -> None:
    """Within a transaction: give the tree a new state, because it, or the words that readers find, have changed."""
    write(db, {"state": secrets.token_hex(8)})


def write_copy(folder: Path, facts: Facts) -> None:
    """Write the second copy if it differs. Errors, as on a full disk, are ignored."""
    path = folder / "facts.json"
    known = {name: value for name, value in asdict(facts).items() if value}
    text = json.dumps(dict(sorted(known.items())), ensure_ascii=False, indent=1)
    with suppress(OSError):
        if not path.is_file() or path.read_bytes() != text.encode("utf-8"):
            unfinished = path.with_suffix(".json.new")
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)


def read_copy(folder: Path) -> dict[str, str]:
    """The facts of the second copy, by name. Empty if the file is gone or damaged."""
    try:
        found = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(key): value for key, value in found.items() if isinstance(value, str) and key in NAMES}
