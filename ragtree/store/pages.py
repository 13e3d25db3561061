"""Reads rows from the pages of a damaged SQLite file, one page at a time, so that the others need not be intact.

SQLite itself stops at the first damaged page. This looks at every page and yields the rows that are intact. The format
is described at sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Value = None | int | float | str | bytes

_MAGIC = b"SQLite format 3\0"
_PAGE_SIZE = 4096
"""Used if the file does not name its page size: SQLite's default."""
_LEAF_TABLE, _LEAF_INDEX, _INTERIOR_INDEX = 0x0D, 0x0A, 0x02
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_FIXED = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Bytes of an integer, by its serial type."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """The values of a row. `table` is False for an entry of an index, and for a row of a table WITHOUT ROWID."""

    values: tuple[Value, ...]
    table: bool


class DamagedFile:
    """The pages of a file, or their newer versions in its log (FILE-wal), without unused pages."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
        head = self._data[:100]
        sound = head.startswith(_MAGIC)
        size = struct.unpack(">H", head[16:18])[0] if sound else 0
        size = 65536 if size == 1 else size
        self._size = size if size >= 512 and size & (size - 1) == 0 else _PAGE_SIZE
        self._usable = self._size - (head[20] if sound else 0)
        self._newer = _pages_of_log(path.with_name(path.name + "-wal"), self._size)
        self._unused = self._free_pages() if sound else frozenset()

    def rows(self) -> Iterator[PageRow]:
        """Every row that is intact."""
        last = max(len(self._data) // self._size, *self._newer) if self._newer else len(self._data) // self._size
        for number in range(1, last + 1):
            if number not in self._unused:
                yield from self._rows_of(number)

    def _page(self, number: int) -> bytes:
        return self._newer.get(number) or self._data[(number - 1) * self._size : number * self._size]

    def _free_pages(self) -> frozenset[int]:
        free: set[int] = set()
        trunk = struct.unpack(">I", self._page(1)[32:36])[0]
        while trunk and trunk not in free:
            page = self._page(trunk)
            if len(page) < self._size:
                break
            free.add(trunk)
            trunk, count = struct.unpack(">II", page[:8])
            if count > self._usable // 4:
                break
            free.update(struct.unpack(f">{count}I", page[8 : 8 + 4 * count]))
        return frozenset(free)

    def _rows_of(self, number: int) -> Iterator[PageRow]:
        page = self._page(number)
        start = 100 if number == 1 else 0
        if len(page) < self._size or page[start] not in (_LEAF_TABLE, _LEAF_INDEX, _INTERIOR_INDEX):
            return
        kind = page[start]
        count = struct.unpack(">H", page[start + 3 : start + 5])[0]
        first = start + (12 if kind == _INTERIOR_INDEX else 8)
        if first + 2 * count > self._size:
            return
        for at in struct.unpack(f">{count}H", page[first : first + 2 * count]):
            try:
                payload = self._payload(page, at, kind)
                yield PageRow(_values(payload), kind == _LEAF_TABLE)
            except (ValueError, IndexError, struct.error):
                continue

    def _payload(self, page: bytes, at: int, kind: int) -> bytes:
        if kind == _INTERIOR_INDEX:
            at += 4
        length, at = _varint(page, at)
        usable = self._usable
        if kind == _LEAF_TABLE:
            _, at = _varint(page, at)
            most = usable - 35
        else:
            most = (usable - 12) * 64 // 255 - 23
        if length > len(self._data) + 2**20:
            raise ValueError("longer than the file")
        if length <= most:
            return _exactly(page[at : at + length], length)
        least = (usable - 12) * 32 // 255 - 23
        here = least + (length - least) % (usable - 4)
        here = here if here <= most else least
        parts = [_exactly(page[at : at + here], here)]
        following = struct.unpack(">I", page[at + here : at + here + 4])[0]
        left = length - here
        while left > 0:
            further = self._page(following) if following else b""
            part = _exactly(further[4 : 4 + min(left, usable - 4)], min(left, usable - 4))
            parts.append(part)
            left -= len(part)
            following = struct.unpack(">I", further[:4])[0]
        return b"".join(parts)


def _exactly(part: bytes, length: int) -> bytes:
    if len(part) != length:
        raise ValueError("cut off")
    return part


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of up to nine bytes, and the offset after it."""
    value = 0
    for taken in range(8):
        byte = data[at + taken]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + taken + 1
    return value << 8 | data[at + 8], at + 9


def _values(payload: bytes) -> tuple[Value, ...]:
    """The values of a record. Raises ValueError if the bytes are not one."""
    end, at = _varint(payload, 0)
    if not 1 <= end <= len(payload):
        raise ValueError("no header")
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    at = end
    for kind in kinds:
        length = _FIXED.get(kind, 8 if kind == 7 else 0 if kind < 12 else (kind - 12) // 2)
        values.append(_value(kind, _exactly(payload[at : at + length], length)))
        at += length
    if at != len(payload):
        raise ValueError("not all of it is told")
    return tuple(values)


def _value(kind: int, data: bytes) -> Value:
    if kind == 0:
        return None
    if kind in (8, 9):
        return kind - 8
    if kind in _FIXED:
        return int.from_bytes(data, "big", signed=True)
    if kind == 7:
        return float(struct.unpack(">d", data)[0])
    if kind in (10, 11):
        raise ValueError("a kind that SQLite keeps for itself")
    return data if kind % 2 == 0 else data.decode("utf-8", "surrogatepass")


def _pages_of_log(path: Path, size: int) -> dict[int, bytes]:
    """The newest version of each page in a log, up to the last commit."""
    data = path.read_bytes() if path.exists() else b""
    if len(data) < 32 or struct.unpack(">I", data[:4])[0] not in _WAL_MAGIC:
        return {}
    salts = data[16:24]
    pages: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    for at in range(32, len(data) - 24 - size + 1, 24 + size):
        number, committed = struct.unpack(">II", data[at : at + 8])
        if data[at + 8 : at + 16] != salts:
            break
        waiting[number] = data[at + 24 : at + 24 + size]
        if committed:
            pages.update(waiting)
            waiting.clear()
    return pages
