"""A copy of an index's files at one moment, while another process may be writing the index."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import StoreError
from ..store import faults
from ..store.catalog_reader import CatalogReader
from ..store.facts import Facts
from ..store.index_files import CATALOG, LEXICAL, PUBLISHING
from ..store.write_ahead import is_ahead

_PATIENCE = 20.0
"""Seconds to wait for a moment between two commits."""
_STEP = 0.1
_PARTS = ("leaves", "summaries")


@dataclass(frozen=True, slots=True)
class Frozen:
    """A folder with the catalog and the lexical index of one state of the tree."""

    folder: Path
    facts: Facts


@contextmanager
def frozen(folder: Path) -> Iterator[Frozen]:
    """A copy of the index in `folder`, until the end of the block. It needs as much disk space as the catalog.

    Raises StoreError if the index is being written all the time, or if there is no room.
    """
    copy = folder / PUBLISHING
    shutil.rmtree(copy, ignore_errors=True)  # of a process that was killed
    try:
        with closing(CatalogReader(folder / CATALOG)) as reader:
            _copy_words(folder, copy, reader)
            _copy_catalog(folder / CATALOG, copy / CATALOG, reader)
            yield Frozen(copy, reader.facts())
    except OSError as error:
        raise faults.store_error(error, f"a copy of the index at {copy}", "publish again") from error
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _copy_words(folder: Path, copy: Path, reader: CatalogReader) -> None:
    """Begin to read one state of the catalog, and copy the words that were written for it."""
    with closing(CatalogReader(folder / CATALOG)) as newest:
        ends = time.monotonic() + _PATIENCE
        while True:
            state = reader.begin()
            try:
                for part in _PARTS:
                    _linked(folder / LEXICAL / part, copy / LEXICAL / part)
                # Words are written before their change is committed (store/write_ahead.py).
                if not is_ahead(newest) and newest.state() == state:
                    return
            except FileNotFoundError:  # replaced or merged just then
                pass
            if time.monotonic() > ends:
                raise StoreError(
                    f"the index {folder} is being written, or its lexical index is gone; publish again when that has "
                    "ended, or repair it with: ragtree repair FOLDER"
                )
            shutil.rmtree(copy, ignore_errors=True)
            time.sleep(_STEP)


def _linked(source: Path, target: Path) -> None:
    """The files of a lexical index. They are replaced and never changed, so a second link to each keeps it."""
    target.mkdir(parents=True, exist_ok=True)
    names = (source / "meta.json").read_bytes()
    (target / "meta.json").write_bytes(names)
    for file in source.iterdir():
        if file.name != "meta.json" and not file.name.endswith(".lock"):
            try:
                os.link(file, target / file.name)
            except FileNotFoundError:
                raise
            except OSError:  # the system has no links
                shutil.copyfile(file, target / file.name)
    if (source / "meta.json").read_bytes() != names:
        raise FileNotFoundError(f"{source} has been written meanwhile")


def _copy_catalog(source: Path, target: Path, reader: CatalogReader) -> None:
    """Copy the state that is being read. Pages keep their places, so most blocks of the file stay the same."""
    with (
        reader.transaction() as db,
        closing(sqlite3.connect(target, isolation_level=None)) as copied,
    ):
        try:
            db.backup(copied)
            copied.execute("PRAGMA journal_mode = DELETE").fetchone()  # a file of its own, without a log
        except sqlite3.DatabaseError as error:
            raise faults.store_error(
                error, f"a copy of {source}", "see what is wrong with: ragtree verify FOLDER"
            ) from error
