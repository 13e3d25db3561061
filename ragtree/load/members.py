"""The files to parse in a file: itself, or the members of an archive, also nested. Nothing is written to disk."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from ..errors import LoadError
from ..settings import LoadSettings
from .limits import ARCHIVE_LIMITS, ArchiveLimits

_ZIPPED = (".zip",)
_TARRED = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_PACKED = (".gz", ".bz2", ".xz")
_FAIR_BYTES = 10_000_000
"""What unpacks to less than this is not a zip bomb, however well it is packed."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file to parse, or the reason why it is not parsed."""

    source: str
    """The path of the file; for a member, the archive's path, a slash and its own."""
    data: bytes = b""
    reason: str = ""


@dataclass(slots=True)
class UnpackingBudget:
    """What the members of an archive, and of archives in it, may take together."""

    limits: LoadSettings
    archives: ArchiveLimits
    source: str
    packed: int
    """Bytes of the outermost archive."""
    unpacked: int = 0
    members: int = 0

    def count(self, number: int = 1) -> None:
        """Count more members. Raises LoadError if there are too many."""
        self.members += number
        most = self.archives.max_members
        if self.members > most:
            raise LoadError(self.source, f"holds more than {most} files; unpack it, or none beyond are read")

    def take(self, size: int) -> None:
        """Count more unpacked bytes. Raises LoadError if there are too many."""
        self.unpacked += size
        self.check(self.unpacked)

    def check(self, size: int) -> None:
        """Raise LoadError if so many unpacked bytes are past the limits."""
        most, ratio = self.archives.max_unpacked_megabytes, self.archives.max_ratio
        if size > most * 1e6:
            raise LoadError(self.source, f"unpacks to more than {most:g} MB; unpack it if you trust it")
        if size > max(_FAIR_BYTES, self.packed * ratio):
            raise LoadError(self.source, f"unpacks to more than {ratio} times its size; unpack it if you trust it")


def is_archive(source: str) -> bool:
    """True if the ending says that a file holds others."""
    return source.lower().endswith(_ZIPPED + _TARRED + _PACKED)


def members_of(
    data: bytes, source: str, limits: LoadSettings, archives: ArchiveLimits = ARCHIVE_LIMITS
) -> Iterator[Member]:
    """Yield the file itself, or the members of an archive in its order. What cannot be read has a reason."""
    if not is_archive(source) or not data:
        yield Member(source, data)
        return
    budget = UnpackingBudget(limits, archives, source, len(data))
    try:
        yield from _opened(data, source, budget, 1)
    except LoadError as error:
        yield Member(error.source, reason=error.reason)


def _opened(data: bytes, source: str, budget: UnpackingBudget, depth: int) -> Iterator[Member]:
    from .tar_members import packed_members, tarred_members
    from .zip_members import zipped_members

    most = budget.archives.max_depth
    if depth > most:
        yield Member(source, reason=f"an archive deeper in archives than {most} levels; unpack the outer one")
        return
    lower = source.lower()
    read = zipped_members if lower.endswith(_ZIPPED) else tarred_members if lower.endswith(_TARRED) else packed_members
    for member in read(data, source, budget):
        if is_archive(member.source) and not member.reason:
            yield from _opened(member.data, member.source, budget, depth + 1)
        else:
            yield member


def member_name(name: str) -> str:
    """The path of a member with forward slashes: some Windows programs write backslashes between folders."""
    return name.replace("\\", "/").removeprefix("./")


def wrong_name(name: str) -> str:
    """Why a member of this name is not read; empty if it is. A name is never used as a path, only cited."""
    if not name or any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        return "its name is not readable text"
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or PureWindowsPath(name).anchor or ".." in PureWindowsPath(name).parts:
        return "its name leads out of the archive"
    return ""


def is_hidden(name: str) -> bool:
    """True for hidden files, and for what macOS adds to archives."""
    return any(part.startswith(".") and part[1:2] not in ("", ".") for part in name.split("/")) or name.startswith(
        "__MACOSX/"
    )


def too_large(size: int, limits: LoadSettings) -> str:
    """Why a member of this size is not read; empty if it is."""
    if size <= limits.max_megabytes * 1e6:
        return ""
    return f"{size / 1e6:.0f} MB, more than load.max_megabytes = {limits.max_megabytes:g}"
