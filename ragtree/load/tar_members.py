"""Members of a tar file, and single files packed by gzip, bzip2 or xz."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from ..errors import LoadError
from .members import Member, UnpackingBudget, is_archive, is_hidden, member_name, too_large, wrong_name

_BROKEN = (tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, OverflowError)
_MAGIC = ((b"\x1f\x8b", ".gz"), (b"BZh", ".bz2"), (b"\xfd7zXZ\0", ".xz"))
_PIECE = 1 << 16


class _Counted(io.RawIOBase):
    """A stream that is unpacked as it is read. Raises LoadError past the budget."""

    def __init__(self, stream: IO[bytes], budget: UnpackingBudget) -> None:
        self._stream = stream
        self._budget = budget

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        pieces = []
        while size:
            piece = self._stream.read(min(size, _PIECE) if size > 0 else _PIECE)
            if not piece:
                break
            self._budget.take(len(piece))
            pieces.append(piece)
            size -= len(piece) if size > 0 else 0
        return b"".join(pieces)


def tarred_members(data: bytes, source: str, budget: UnpackingBudget) -> Iterator[Member]:
    """Yield the members in their order. Raises LoadError past the budget, and if the file is broken."""
    seen: set[str] = set()
    try:
        with tarfile.open(fileobj=_Counted(_stream(data), budget), mode="r|") as archive:
            for entry in archive:
                if entry.isdir() or is_hidden(member_name(entry.name)):
                    continue
                budget.count()
                yield _member(archive, entry, source, seen, budget)
    except _BROKEN as error:
        raise LoadError(source, f"a broken tar file, or none ({type(error).__name__})") from error


def _member(
    archive: tarfile.TarFile, entry: tarfile.TarInfo, source: str, seen: set[str], budget: UnpackingBudget
) -> Member:
    name = member_name(entry.name)
    wrong = wrong_name(name)
    reason = wrong or too_large(entry.size, budget.limits)
    if not entry.isreg():
        reason = reason or ("a link" if entry.islnk() or entry.issym() else "a device")
    if name in seen:
        reason = reason or "a second member of this name"
    seen.add(name)
    path = f"{source}/{name}"
    file = None if reason else archive.extractfile(entry)
    if file is None:
        return Member(ascii(path)[1:-1] if wrong else path, reason=reason or "a device")
    return Member(path, file.read())


def packed_members(data: bytes, source: str, budget: UnpackingBudget) -> Iterator[Member]:
    """Yield the one packed file, without the last ending. Raises LoadError past the budget, and if it is broken."""
    name = PurePosixPath(source).stem
    budget.count()
    try:
        inner = _Counted(_stream(data), budget).read(int(budget.limits.max_megabytes * 1e6) + 1)
    except _BROKEN as error:
        raise LoadError(source, f"a broken packed file, or none ({type(error).__name__})") from error
    packed = next((ending for magic, ending in _MAGIC if inner.startswith(magic)), "")
    if packed and not is_archive(name):  # packed twice, or a file that unpacks to itself
        name += packed
    reason = too_large(len(inner), budget.limits)
    yield Member(f"{source}/{name}", b"" if reason else inner, reason)


def _stream(data: bytes) -> IO[bytes]:
    stream = io.BytesIO(data)
    packed = next((ending for magic, ending in _MAGIC if data.startswith(magic)), "")
    if packed == ".gz":
        return gzip.GzipFile(fileobj=stream)  # type: ignore[return-value]
    if packed == ".bz2":
        return bz2.BZ2File(stream)
    if packed == ".xz":
        return lzma.LZMAFile(stream)
    return stream
