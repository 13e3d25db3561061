"""The files of Chroma's vector index: checked before Chroma reads them, and blanked where they hold no vector.

hnswlib trusts its files. A damaged one ends the process, or silently leaves most vectors out of every search. It also
writes the memory that it has reserved for future vectors as it is, with anything that the process had there before:
passages, questions, passwords.
"""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_HEADER = struct.Struct("<iQQQQQQiIQQQdQ")
_PART = 2**20


@dataclass(frozen=True, slots=True)
class _Header:
    """The fields of header.bin that are needed here."""

    room: int
    """The number of elements that fit into the files."""
    count: int
    """The number of elements."""
    size: int
    """Bytes of an element: its links on the lowest level, its vector and its label."""
    vector_at: int
    links: int
    """The most links of an element on the lowest level."""
    entry: int


def hnsw_fault(folder: Path) -> str | None:
    """What is wrong with a file of Chroma's vector indexes in `folder`, beginning with its path; None if nothing is."""
    for segment in _written_segments(folder):
        header = _header(segment / "header.bin")
        if header is None:
            return f"{segment / 'header.bin'} is gone or cut off"
        for name in ("data_level0.bin", "length.bin", "link_lists.bin", "index_metadata.pickle"):
            if not (segment / name).is_file():
                return f"{segment / name} is gone"
        if not (segment / "index_metadata.pickle").stat().st_size:
            return f"{segment / 'index_metadata.pickle'} is empty"
        for name, each in (("data_level0.bin", header.size), ("length.bin", 4)):
            if not header.count * each <= (segment / name).stat().st_size <= header.room * each:
                return f"{segment / name} has another size than header.bin says"
        if not _links_hold(segment / "data_level0.bin", header):
            return f"{segment / 'data_level0.bin'} has links to vectors that are not there"
        if not _upper_links_hold(segment / "link_lists.bin", header):
            return f"{segment / 'link_lists.bin'} has links to vectors that are not there"
    return None


def records_of(folder: Path) -> dict[str, int] | None:
    """The number of records of each collection, by name, from the file of a Chroma in `folder`. None if only Chroma can
    tell, which reads all vectors for it."""
    if not (folder / "chroma.sqlite3").is_file():
        return None
    try:
        with closing(sqlite3.connect(folder / "chroma.sqlite3")) as db:
            rows = db.execute(
                "SELECT name, collections.id, segments.id, coalesce(seq_id, 0) FROM collections "
                "JOIN segments ON collection = collections.id AND scope = 'METADATA' "
                "LEFT JOIN max_seq_id ON segment_id = segments.id"
            ).fetchall()
            counts = {}
            for name, collection, segment, done in rows:
                waiting = "SELECT 1 FROM embeddings_queue WHERE seq_id > ? AND topic LIKE ? LIMIT 1"
                if db.execute(waiting, (done, f"%{collection}")).fetchone() is not None:
                    return None  # some records are still in Chroma's queue
                count = "SELECT count(*) FROM embeddings WHERE segment_id = ?"
                counts[name] = int(db.execute(count, (segment,)).fetchone()[0])
            return counts
    except sqlite3.DatabaseError:
        return None


def blank_unused(folder: Path) -> None:
    """Write zeros after the last vector of every index below `folder`. Nothing else may write to it meanwhile."""
    for path in folder.glob("*/header.bin"):
        header = _header(path)
        for name, each in (("data_level0.bin", header.size), ("length.bin", 4)) if header else ():
            file = path.with_name(name)
            if header and file.exists() and file.stat().st_size <= header.room * each:
                _blank(file, header.count * each)


def _written_segments(folder: Path) -> list[Path]:
    """Folders of the indexes that are on the disk, or should be according to Chroma."""
    path = folder / "chroma.sqlite3"
    if not path.is_file() or path.stat().st_size == 0:
        return []
    try:
        with closing(sqlite3.connect(path)) as db:
            rows = db.execute(
                "SELECT segments.id FROM segments JOIN max_seq_id ON segment_id = segments.id "
                "WHERE scope = 'VECTOR' AND seq_id > 0"
            ).fetchall()
    except sqlite3.DatabaseError:
        return []  # Chroma itself reports it
    begun = {file.parent for file in folder.glob("*/index_metadata.pickle")}
    return sorted(begun | {folder / row[0] for row in rows})


def _header(path: Path) -> _Header | None:
    try:
        fields = _HEADER.unpack(path.read_bytes())
    except (OSError, struct.error):
        return None
    version, _, room, count, size, label_at, vector_at, _, entry, _, links, *_ = fields
    sound = version == 1 and count <= room and vector_at == 4 + 4 * links and vector_at < label_at == size - 8
    return _Header(room, count, size, vector_at, links, entry) if sound else None


def _links_hold(path: Path, header: _Header) -> bool:
    if not header.count:
        return True
    rows = np.memmap(path, dtype=np.uint8, mode="r", shape=(header.count, header.size))
    numbers = rows[:, : header.vector_at].copy().view("<u4")
    counts, links = numbers[:, 0] & 0xFFFF, numbers[:, 1:]
    used = np.arange(header.links) < counts[:, None]
    return bool((counts <= header.links).all() and (links[used] < header.count).all() and header.entry < header.count)


def _upper_links_hold(path: Path, header: _Header) -> bool:
    data = path.read_bytes()
    at = 0
    level = 4 + 2 * header.links  # half as many links as on the lowest level, of four bytes
    for _ in range(header.count):
        if at + 4 > len(data):
            return False
        (length,) = struct.unpack_from("<I", data, at)
        at += 4
        if length % level or at + length > len(data):
            return False
        if length:
            numbers = np.frombuffer(data, "<u4", length // 4, at).reshape(-1, level // 4)
            counts, links = numbers[:, 0] & 0xFFFF, numbers[:, 1:]
            used = np.arange(links.shape[1]) < counts[:, None]
            if (counts > links.shape[1]).any() or (links[used] >= header.count).any():
                return False
        at += length
    return at == len(data)


def _blank(path: Path, start: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        while part := file.read(_PART):
            if part.strip(b"\0"):
                file.seek(-len(part), 1)
                file.write(bytes(len(part)))
