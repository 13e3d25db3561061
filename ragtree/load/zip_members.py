"""Members of a zip file."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from ..errors import LoadError
from .members import Member, UnpackingBudget, is_hidden, member_name, too_large, wrong_name

_END = struct.Struct("<4s4H2LH")
"""The record at the end of a zip file: how many members it has, and how long its directory is."""
_END_MARK = b"PK\x05\x06"
_ENTRY_BYTES = 2000
"""No directory needs more for a member: a name may have 65,535 bytes, but file systems allow 255."""
_ENCRYPTED = 0x1
_UTF8 = 0x800


def zipped_members(data: bytes, source: str, budget: UnpackingBudget) -> Iterator[Member]:
    """Yield the members in the directory's order. Raises LoadError if the whole archive is refused."""
    _check_directory(data, source, budget)
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, struct.error) as error:
        raise LoadError(source, "a broken zip file, or none") from error
    with archive:
        encoding = _encoding_of_names(archive.infolist())
        # A name is decoded first: in Shift-JIS, half of a letter can be a backslash.
        named = [(member_name(_name(entry, encoding)), entry) for entry in archive.infolist()]
        files = [(name, entry) for name, entry in named if not name.endswith("/")]
        budget.count(len(files))
        budget.check(budget.unpacked + sum(entry.file_size for _, entry in files))
        seen: set[str] = set()
        for name, entry in files:
            if is_hidden(name):
                continue
            member = _member(archive, entry, name, f"{source}/{name}", budget)
            if name in seen:
                member = Member(member.source, reason="a second member of this name")
            seen.add(name)
            yield member


def _member(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, source: str, budget: UnpackingBudget
) -> Member:
    reason = wrong_name(name) or too_large(entry.file_size, budget.limits)
    if stat.S_ISLNK(entry.external_attr >> 16):
        reason = reason or "a link"
    if entry.flag_bits & _ENCRYPTED:
        reason = reason or "locked with a password"
    if reason:
        return Member(source if not wrong_name(name) else ascii(source)[1:-1], reason=reason)
    try:
        with archive.open(entry) as file:
            data = file.read(entry.file_size + 1)
    except NotImplementedError:
        return Member(source, reason="packed in a way that is not read")
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        return Member(source, reason=f"could not be unpacked ({type(error).__name__})")
    budget.take(len(data))
    return Member(source, data)


def _check_directory(data: bytes, source: str, budget: UnpackingBudget) -> None:
    """Refuse a directory of a million entries before Python makes a million objects of it."""
    at = data.rfind(_END_MARK, max(0, len(data) - 65_557))
    if at < 0 or at + _END.size > len(data):
        return  # zipfile says what is wrong
    length = _END.unpack_from(data, at)[5]
    most = budget.archives.max_members
    if length > (most + 1) * _ENTRY_BYTES:
        raise LoadError(source, f"its directory is longer than {most} files need, which is the most that are read")


def _name(entry: zipfile.ZipInfo, encoding: str) -> str:
    if encoding and not entry.flag_bits & _UTF8:
        try:
            return entry.filename.encode("cp437").decode(encoding)
        except ValueError:
            return entry.filename
    return entry.filename


def _encoding_of_names(entries: list[zipfile.ZipInfo]) -> str:
    """The encoding of names that are not marked as UTF-8: one machine wrote them all. Empty if it cannot be told."""
    import chardet

    names = [entry.filename for entry in entries if not entry.flag_bits & _UTF8 and not entry.filename.isascii()]
    try:
        raw = "\n".join(names).encode("cp437")
        raw.decode("utf-8")
    except UnicodeEncodeError:
        return ""
    except UnicodeDecodeError:
        return chardet.detect(raw)["encoding"] or ""
    return "utf-8" if names else ""
