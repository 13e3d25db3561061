"""The index of a folder, read without changing it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..configuration import over_remembered, remembered_model
from ..errors import RagtreeError, StoreError
from ..model_names import name_in_index, one_spelling, vectors_name
from ..settings import Settings
from ..store import facts
from ..store.lock import CHROMA, WRITER, IndexLock
from ..store.migrations import FORMAT
from .base import Check, error_check

_SECONDS = 20.0
"""Time limit for checking all pages of the catalog. A gigabyte takes a few seconds."""
_STEPS = 100_000
"""Instructions of SQLite's virtual machine between two looks at the clock."""
_REPAIR = "ragtree repair FOLDER recovers what can be read"


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """What the checks of models need to know about the index."""

    settings: Settings
    """The given settings, on top of those that the index stores."""
    dimension: int = 0
    """Dimension of the embedder's vectors; 0 if there is no index, or if its vectors are shortened."""


def index_facts(folder: Path, settings: Settings) -> IndexFacts:
    """The facts of the index, as far as they can be read."""
    try:
        with closing(_opened(folder / "catalog.sqlite")) as db:
            known = facts.read(db)
            merged = over_remembered(known.settings, settings)
        dimension = int(known.dimension) if known.dimension.isdecimal() and not merged.embed.dim else 0
        return IndexFacts(merged, dimension)
    except (sqlite3.Error, OSError, ValueError, RagtreeError):
        return IndexFacts(settings)


def index_checks(folder: Path, settings: Settings) -> Iterator[Check]:
    """Is there an index? Who has it open, which format and embedder does it have, and are its pages intact?"""
    catalog = folder / "catalog.sqlite"
    if not catalog.is_file():
        yield Check("index", f"none at {folder}; `ragtree index FOLDER` makes one")
        return
    yield from _holder(folder)
    try:
        with closing(_opened(catalog)) as db:
            known = facts.read(db)
            count = db.execute("SELECT count(*) FROM documents").fetchone()[0]
            yield _format(folder, known, int(count))
            yield from _embedder(known, settings)
            yield _pages(db)
    except (sqlite3.Error, ValueError) as error:
        yield Check("index", f"{catalog} cannot be read ({error})", "wrong", _REPAIR)
    except RagtreeError as error:  # the index stores settings that this ragtree does not know
        yield error_check("index", error)


def _opened(catalog: Path) -> sqlite3.Connection:
    """Opens the catalog read-only. If its log cannot be opened (a read-only disk), the file is read without it."""
    address = f"{catalog.absolute().as_uri()}?mode=ro"
    db = sqlite3.connect(address, uri=True, timeout=5)
    try:
        db.execute("SELECT 1 FROM sqlite_master")
    except sqlite3.OperationalError:
        db.close()
        db = sqlite3.connect(f"{address}&immutable=1", uri=True)
    except BaseException:
        db.close()
        raise
    return db


def _holder(folder: Path) -> Iterator[Check]:
    """Which process has the index or its Chroma open. The only way to know is to take the lock and release it."""
    try:
        for name in (WRITER, CHROMA):
            if (folder / name).is_file():
                IndexLock(folder, name).release()
    except StoreError as error:  # held by another process, or on a read-only disk
        yield error_check("index in use", error, "note")
    else:
        yield Check("index in use", "no other process has it open")


def _format(folder: Path, known: facts.Facts, documents: int) -> Check:
    found = f"{folder}, format {known.format or 'unknown'}, {documents} documents"
    if not known.format.isdecimal():
        return Check("index", found, "wrong", _REPAIR)
    if int(known.format) > FORMAT:
        return Check("index", f"{found}; this ragtree reads {FORMAT}", "wrong", "pip install --upgrade ragtree")
    if int(known.format) < FORMAT:
        return Check("index", found, "note", "opening it brings it up to date")
    return Check("index", found)


def _embedder(known: facts.Facts, settings: Settings) -> Iterator[Check]:
    """Whether the settings name the embedder that the index was made with."""
    embed = over_remembered(known.settings, settings).embed
    if not known.embedder:
        return
    kept = known.embedder.partition(" ")[0]
    asked = vectors_name(embed, name_in_index(embed.model, kept, remembered_model(known.settings, "embed")))
    made_with = one_spelling(known.embedder)
    same = made_with == one_spelling(asked) or made_with.startswith(f"{one_spelling(asked)} ")
    if same:
        yield Check("index's embedder", f"{known.embedder}, dimension {known.dimension}")
    else:
        yield Check(
            "index's embedder",
            f"{known.embedder}, but the settings name {asked}",
            "wrong",
            "leave embed.* out of the settings, or name another --index",
        )


def _pages(db: sqlite3.Connection) -> Check:
    ends = time.monotonic() + _SECONDS
    db.set_progress_handler(lambda: int(time.monotonic() > ends), _STEPS)
    try:
        found = [str(row[0]) for row in db.execute("PRAGMA quick_check(3)")]
    except sqlite3.OperationalError as error:
        if "interrupt" not in str(error):
            raise
        return Check(
            "catalog",
            f"intact as far as it was checked in {_SECONDS:g} s",
            "note",
            "ragtree verify FOLDER checks all of it",
        )
    finally:
        db.set_progress_handler(None, 0)
    if found == ["ok"]:
        return Check("catalog", "all its pages are intact; `ragtree verify FOLDER` checks the tree, too")
    return Check("catalog", f"damaged: {' '.join(found[0].split())}", "wrong", _REPAIR)
