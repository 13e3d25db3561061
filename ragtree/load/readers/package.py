"""Files that are a zip of parts (Office, OpenDocument, EPUB), checked before anything is unpacked."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, NamedTuple, TypeVar
from urllib.parse import unquote

from ...errors import LoadError
from ...settings import LoadSettings
from ...types import Scalar
from ..format_contents import BEYOND, BROKEN_PARTS, NoticeCollector
from .markup import attribute, child, children, name, parse_xml, words
from .outline import facts, one_line

_Found = TypeVar("_Found")

MOST_PARTS = 50_000
"""A large presentation has a few thousand."""

_ENCRYPTED = 0x1


class Relation(NamedTuple):
    """What a part of an Office file refers to: the last word of the relation's type, and the other part's name."""

    kind: str
    part: str


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of one file, by name, in memory; nothing is written to disk."""

    archive: zipfile.ZipFile
    source: str
    names: frozenset[str]
    broken: list[str] = field(default_factory=list)
    """Parts that `part` could not read."""
    beyond: Counter[str] = field(default_factory=Counter)
    """What is left out because there is too much of it: how many of each kind."""

    def read(self, part: str) -> bytes:
        """The bytes of a part, empty if there is none. `zipfile` stops at the size that the directory declares."""
        if part not in self.names:
            return b""
        try:
            return self.archive.read(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise LoadError(self.source, f"broken: its part {part!a} cannot be unpacked") from error

    def xml(self, part: str) -> Any:
        """The root element of a part, or None if it is missing or empty."""
        data = self.read(part)
        return parse_xml(data, self.source) if data.strip() else None

    def part(self, part: str) -> Any:
        """Like `xml`, but for a part that cannot be read, return None and add its name to `broken`."""
        try:
            return self.xml(part)
        except LoadError:
            self.broken.append(part)
            return None

    def tell(self, collector: NoticeCollector) -> None:
        """Report the broken parts, and what is left out because there is too much of it."""
        for part in self.broken:
            collector.add(BROKEN_PARTS, part)
        for what, count in self.beyond.items():
            collector.add(BEYOND, what, count)

    def within(self, found: Iterable[_Found], most: int, what: str) -> list[_Found]:
        """The first `most`; the number of the others is kept in `beyond`."""
        everything = list(found)
        if len(everything) > most:
            self.beyond[f"{what} beyond {most:,}"] += len(everything) - most
        return everything[:most]

    def relations(self, part: str) -> dict[str, Relation]:
        """What an Office part refers to inside the file, by id."""
        folder = posixpath.dirname(part)
        found: dict[str, Relation] = {}
        for relation in self._related(part):
            if relation.get("TargetMode") != "External":
                target = unquote(relation.get("Target", ""))
                joined = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                kind = relation.get("Type", "").rpartition("/")[2]
                found[relation.get("Id", "")] = Relation(kind, posixpath.normpath(joined))
        return found

    def targets(self, part: str) -> dict[str, str]:
        """The addresses outside the file that a part links to, by id. They are only text: nothing is fetched."""
        found: dict[str, str] = {}
        for relation in self._related(part):
            if relation.get("TargetMode") == "External" and relation.get("Type", "").endswith("/hyperlink"):
                found[relation.get("Id", "")] = one_line(relation.get("Target", ""))
        return found

    def _related(self, part: str) -> list[Any]:
        folder, file = posixpath.split(part)
        return children(self.part(posixpath.join(folder, "_rels", file + ".rels")), "Relationship")

    def main_part(self, usual: str) -> str:
        """The main part of an Office file. Raises LoadError if there is none."""
        parts = [relation.part for relation in self.relations("").values() if relation.kind == "officeDocument"]
        found = next((part for part in [*parts, usual] if part in self.names), None)
        if found is None:
            raise LoadError(self.source, f"a broken {usual.rpartition('.')[0]}: a zip without that part")
        return found

    def properties(self) -> dict[str, Scalar]:
        """Title, author, date and so on of an Office file, as far as they were filled in."""
        core = self.part("docProps/core.xml")
        if core is None:
            return {}
        said = {key: words(child(core, key)) for key in ("title", "creator", "subject", "keywords", "created")}
        modified = words(child(core, "modified"))
        return facts(
            title=said["title"],
            author=said["creator"],
            subject=said["subject"],
            keywords=said["keywords"],
            date=(modified or said["created"])[:10],
        )


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Open a zip file, with forward slashes in its names: the formats require them; some Windows programs differ.

    Raises what `zipfile.ZipFile` raises.
    """
    archive = zipfile.ZipFile(BytesIO(data))
    for entry in archive.infolist():
        if "\\" in entry.filename:
            entry.filename = entry.filename.replace("\\", "/")
            archive.NameToInfo.setdefault(entry.filename, entry)
    return archive


def open_package(data: bytes, source: str, limits: LoadSettings, kind: str) -> Package:
    """The parts of a file of that kind ("Word file"). Raises LoadError if it is broken, locked, or a zip bomb.

    A few kilobytes of zip can unpack to gigabytes; the directory tells the size before anything is unpacked.
    """
    try:
        archive = open_zip(data)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise LoadError(source, f"a broken {kind}, or none") from error
    entries = archive.infolist()
    if len(entries) > MOST_PARTS:
        raise LoadError(source, f"{len(entries)} parts, more than {MOST_PARTS}: no honest {kind} has that many")
    size = sum(entry.file_size for entry in entries)
    most = limits.max_megabytes * 4
    if size > most * 1e6:
        raise LoadError(source, f"unpacks to {size / 1e6:.0f} MB, more than {most:.0f} (4 x load.max_megabytes)")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise LoadError(source, "locked with a password")
    # With other methods, Python unpacks whole blocks of any size. No program writes Office files with them.
    plain = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    names = frozenset(entry.filename for entry in entries if entry.compress_type in plain)
    return Package(archive, source, names)


def encrypted_parts(package: Package) -> set[str]:
    """The parts that OpenDocument's manifest or EPUB's encryption.xml lists as encrypted."""
    found: set[str] = set()
    manifest = package.xml("META-INF/manifest.xml")
    for entry in manifest if manifest is not None else ():
        if child(entry, "encryption-data") is not None:
            found.add(attribute(entry, "full-path"))
    listed = package.xml("META-INF/encryption.xml")
    for entry in listed.iter() if listed is not None else ():
        if name(entry) == "CipherReference":
            found.add(unquote(attribute(entry, "URI")))
    return found
