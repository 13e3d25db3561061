"""What a published snapshot consists of: files, cut into blocks that are named by the hashes of their bytes.

latest                    the name of the newest snapshot; written last, so that nobody sees half of one
snapshots/SHA256.json     a manifest: the files of a snapshot, with the hashes of their blocks
blobs/3f/SHA256           a block; snapshots share those that are equal
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Self

from ..errors import PublishedError

_SMALLEST = 64 * 2**10
"""Bytes of a block. After an edit of one file of folder-peps, 58 of the 1,456 blocks of its catalog differ: 3.8 of 95
MB. With blocks of 16 KiB it would be 1.2 MB, with 1 MiB 42 MB, because rows are stored by their hashes
(tests/benchmarks/test_publishing.py)."""
_MOST_BLOCKS = 100_000
"""Of a file. Blocks of larger files are larger, so that a manifest has some megabytes at most."""
LATEST = "latest"
SNAPSHOTS = "snapshots/"
BLOBS = "blobs/"
MOST_MANIFEST = 64 * 2**20
"""Most bytes of a manifest."""
MOST_POINTER = 1024
_VERSION = 1
_MOST_BLOCK = 16 * 2**20
_HASH = re.compile(r"[0-9a-f]{64}")
_OBJECT = re.compile(r"(snapshots/[0-9a-f]{64}\.json|blobs/([0-9a-f]{2})/\2[0-9a-f]{62})(\.[0-9a-f]{8}\.new)?")
"""Names of manifests and blocks, and what a write that was interrupted leaves of them in a folder."""
_FILE = re.compile(r"catalog\.sqlite|lexical/(leaves|summaries)/\.?[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
"""Names that a snapshot may give to files. A manifest is not trusted: none of them leads out of a folder."""


class NotASnapshotError(PublishedError):
    """An object is not what its name says. The next `publish` replaces it."""


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A part of a file."""

    hash: str
    """Hex SHA-256 of its bytes."""
    start: int
    """Where it begins in the file, in bytes."""
    size: int


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a snapshot."""

    name: str
    size: int
    """Bytes."""
    hashes: tuple[str, ...]
    """Of its blocks, in order."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A snapshot: one state of an index."""

    format: str
    """The format of the index."""
    index: str
    """The index's name, a random one; empty if it has none yet."""
    state: str
    """The state of its tree."""
    embedder: str
    files: tuple[PublishedFile, ...]
    block: int
    """Bytes of every block but the last one of a file."""
    version: int = _VERSION

    def content(self) -> bytes:
        """Its JSON: equal for equal snapshots."""
        return json.dumps(asdict(self), ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def hashes(self) -> frozenset[str]:
        """The hashes of all blocks."""
        return frozenset(key for file in self.files for key in file.hashes)

    def blocks(self, file: PublishedFile) -> Iterator[StoredBlock]:
        """The blocks of a file."""
        for number, key in enumerate(file.hashes):
            start = number * self.block
            yield StoredBlock(key, start, min(self.block, file.size - start))

    @classmethod
    def read(cls, content: bytes, place: str) -> Self:
        """The manifest in these bytes. `place` is for messages. Raises PublishedError if it cannot be used."""
        try:
            known = json.loads(content)
            if known["version"] != _VERSION:
                raise NotASnapshotError(f"{place} was published by another ragtree; use the same on both sides")
            files = tuple(
                PublishedFile(_text(one["name"], _FILE), int(one["size"]), tuple(_hash(key) for key in one["hashes"]))
                for one in known["files"]
            )
            format, index, state, embedder = (_text(known[name]) for name in ("format", "index", "state", "embedder"))
            read = cls(format, index, state, embedder, files, known["block"])
            read._check()
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise NotASnapshotError(f"{place} is no manifest of a snapshot ({error}); publish again") from error
        return read

    def _check(self) -> None:
        if not isinstance(self.block, int) or not 4096 <= self.block <= _MOST_BLOCK:
            raise ValueError(f"blocks of {self.block!r} bytes")
        names = [file.name for file in self.files]
        if len({name.lower() for name in names}) < len(names) or "catalog.sqlite" not in names:
            raise ValueError("its files are not those of an index")
        if any(file.size < 0 or len(file.hashes) != -(-file.size // self.block) for file in self.files):
            raise ValueError("its sizes are wrong")


def block_size(largest: int) -> int:
    """The size of blocks for files of at most `largest` bytes."""
    size = _SMALLEST
    while largest > size * _MOST_BLOCKS:
        size *= 2
    return size


def name_of(content: bytes) -> str:
    """The name of a block or a manifest with this content."""
    return hashlib.sha256(content).hexdigest()


def blob(key: str) -> str:
    """The object that holds a block."""
    return f"{BLOBS}{key[:2]}/{key}"


def snapshot(name: str) -> str:
    """The object that holds a manifest."""
    return f"{SNAPSHOTS}{name}.json"


def is_published(name: str) -> bool:
    """True for the name of a manifest or a block, finished or not. Everything else at a place is somebody else's."""
    return _OBJECT.fullmatch(name) is not None


def is_snapshot_name(name: str) -> bool:
    """True for what can be the name of a snapshot."""
    return _HASH.fullmatch(name) is not None


def pointer(name: str) -> bytes:
    """The content of `latest`."""
    return json.dumps({"snapshot": name}).encode()


def pointed(content: bytes, place: str) -> str:
    """The snapshot that `latest` names. Raises PublishedError."""
    try:
        return _hash(json.loads(content)["snapshot"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotASnapshotError(f"{place}/{LATEST} does not name a snapshot; publish again") from error


def _hash(value: object) -> str:
    return _text(value, _HASH)


def _text(value: object, pattern: re.Pattern[str] | None = None) -> str:
    if not isinstance(value, str) or len(value) > 1000 or (pattern is not None and not pattern.fullmatch(value)):
        raise ValueError(f"{str(value)[:80]!r} is not allowed there")
    return value
