"""Rows read page by page are those that SQLite reads; what one page has lost costs the others nothing."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest
from damaged import overwrite

from ragtree.store.pages import DamagedFile

Made = tuple[str, int, float | None, bytes]


def made(path: Path, page_size: int, wal: bool = False) -> tuple[sqlite3.Connection, list[Made]]:
    """A table with rows of all kinds and lengths, some of them deleted again, and the same without rowids."""
    generator = random.Random(3)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA page_size = {page_size}")
    db.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.execute("CREATE TABLE a (key TEXT PRIMARY KEY, number INTEGER, real REAL, bytes BLOB)")
    db.execute("CREATE TABLE b (key TEXT PRIMARY KEY, number INTEGER, real REAL, bytes BLOB) WITHOUT ROWID")
    rows = [
        (
            f"ключ {number} " + "é" * generator.choice((0, 3, 500, 9000)),
            generator.choice((0, 1, -5, 300, 70_000, -(2**40), 2**62)),
            generator.choice((None, 0.5, -1e300)),
            generator.randbytes(generator.choice((0, 10, 1536, 30_000))),
        )
        for number in range(300)
    ]
    for table in "ab":
        db.execute("BEGIN")
        db.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", rows)
        db.execute("COMMIT")
        db.execute(f"DELETE FROM {table} WHERE key LIKE 'ключ 2%'")
    return db, [row for row in rows if not row[0].startswith("ключ 2")]


def read(path: Path, table: bool) -> list[tuple[object, ...]]:
    return sorted(
        (row.values for row in DamagedFile(path).rows() if row.table == table and len(row.values) == 4), key=str
    )


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
@pytest.mark.parametrize("wal", [False, True])
def test_all_rows_of_a_sound_file_are_read(tmp_path: Path, page_size: int, wal: bool) -> None:
    db, rows = made(tmp_path / "a.sqlite", page_size, wal)
    assert (tmp_path / "a.sqlite-wal").exists() == wal
    for table in (True, False):
        assert read(tmp_path / "a.sqlite", table) == sorted(rows, key=str)
    db.close()


def test_noise_costs_the_rows_that_it_hits_and_none_is_made_up(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    db, rows = made(path, 4096)
    db.close()
    pages = path.stat().st_size // 4096
    for page in random.Random(1).sample(range(1, pages), pages // 20):
        overwrite(path, page * 4096)
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(path).execute("SELECT sum(length(bytes)) FROM a").fetchall()
    found = read(path, True)
    assert len(rows) * 0.5 < len(found) < len(rows)
    numbers = {(row[0], row[1]) for row in rows}
    assert {(row[0], row[1]) for row in found} <= numbers


def test_a_file_of_noise_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(random.Random(5).randbytes(500_000))
    assert not [row for row in DamagedFile(path).rows() if len(row.values) > 1]
    path.write_bytes(b"")
    assert list(DamagedFile(path).rows()) == []
