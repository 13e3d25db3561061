"""Publishes an index: uploads the blocks that the store does not have, then a manifest, and last of all the pointer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ..errors import PublishedError
from ..store.lock import IndexLock
from ..store.published import is_copy
from ..types import OnProgress, Progress, no_progress
from .base import ObjectStore, StoredObject
from .frozen import Frozen, frozen
from .manifest import (
    BLOBS,
    LATEST,
    MOST_MANIFEST,
    MOST_POINTER,
    SNAPSHOTS,
    Manifest,
    NotASnapshotError,
    PublishedFile,
    blob,
    block_size,
    is_published,
    name_of,
    pointed,
    pointer,
    snapshot,
)

GRACE = 24 * 3600.0
"""Seconds for which a snapshot stays after the next one."""
_LOCK = "publish.lock"
_AT_ONCE = 16
"""Uploads at the same time. They mostly wait for the store."""
_MANY = 256
"""After so many uploads, the store is asked for what it has."""


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What was published."""

    snapshot: str
    """The name of the newest snapshot: the hash of its manifest."""
    is_new: bool
    """False if the index has not changed since the last snapshot."""
    bytes: int
    """Bytes of the snapshot."""
    uploaded: int
    """Bytes that the store did not have."""
    blocks: int
    """The number of blocks that were uploaded."""
    removed_snapshots: int
    removed_blocks: int
    seconds: float


def publish(
    folder: Path,
    store: ObjectStore,
    grace: float = GRACE,
    purge: bool = False,
    progress: OnProgress = no_progress,
) -> PublishReport:
    """Publish the index in `folder`, and remove snapshots that were replaced more than `grace` seconds ago.

    With `purge`, all snapshots but the newest are removed at once. If it is interrupted at any point, readers see the
    snapshot before, and the next call uploads only what is missing.

    Raises PublishedError if the store cannot be used or holds another index, IndexLockedError if another process is
    publishing this index, and StoreError.
    """
    if is_copy(folder):
        raise PublishedError(f"{folder} is the copy of a published index; publish the index that it comes from")
    started = time.monotonic()
    lock = IndexLock(folder, _LOCK)
    try:
        with frozen(folder) as copy:
            before, known = _before(store, copy)
            uploaded = _Upload(store, copy, set(known.hashes) if known is not None and not purge else None)
            manifest = uploaded.manifest(progress)
        content = manifest.content()
        name = name_of(content)
        if before != name:
            store.put(snapshot(name), content)
            store.put(LATEST, pointer(name))
        snapshots, blocks = _remove_old(store, name, manifest, grace, purge)
    finally:
        lock.release()
    return PublishReport(
        snapshot=name,
        is_new=before != name,
        bytes=manifest.size,
        uploaded=uploaded.bytes,
        blocks=uploaded.blocks,
        removed_snapshots=snapshots,
        removed_blocks=blocks,
        seconds=time.monotonic() - started,
    )


def _before(store: ObjectStore, copy: Frozen) -> tuple[str, Manifest | None]:
    """The newest snapshot so far; no name if there is none. Raises PublishedError if it is one of another index."""
    try:
        told = store.get(LATEST, MOST_POINTER)
        name = pointed(told, store.address) if told is not None else ""
    except NotASnapshotError:
        name = ""
    known = _manifest(store, snapshot(name)) if name else None  # what it names need not be asked for
    if known is None:
        return "", None
    if known.index and known.index != copy.facts.id:
        raise PublishedError(
            f"{store.address} holds snapshots of another index; name another prefix, or delete what is there"
        )
    return name, known


class _Upload:
    """Uploads the blocks of a copy that the store does not have."""

    def __init__(self, store: ObjectStore, copy: Frozen, there: set[str] | None) -> None:
        """`there` are hashes of blocks that the store has. With None it is asked."""
        self._store = store
        self._copy = copy
        self._is_listed = there is None
        self._there = self._listed() if there is None else there
        self.bytes = 0
        self.blocks = 0

    def manifest(self, progress: OnProgress) -> Manifest:
        """Upload, and return the manifest of what is there now."""
        paths = sorted(path for path in self._copy.folder.rglob("*") if path.is_file())
        sizes = [path.stat().st_size for path in paths]
        total, done, block = sum(sizes), 0, block_size(max(sizes))
        files = []
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="ragtree-publish") as threads:
            for path, size in zip(paths, sizes, strict=True):
                hashes = []
                for batch in _batches(path, block):
                    if not self._is_listed and self.blocks > _MANY:  # an earlier call may have uploaded them
                        self._there |= self._listed()
                    for content, (key, is_new) in zip(batch, threads.map(self._stored, batch), strict=True):
                        hashes.append(key)
                        done += len(content)
                        self.blocks += is_new
                        self.bytes += is_new * len(content)
                    progress(Progress("publish", done, total))
                files.append(PublishedFile(path.relative_to(self._copy.folder).as_posix(), size, tuple(hashes)))
        facts = self._copy.facts
        return Manifest(facts.format, facts.id, facts.state, facts.embedder, tuple(files), block)

    def _listed(self) -> set[str]:
        self._is_listed = True
        return {one.name.rpartition("/")[2] for one in _published(self._store, BLOBS)}

    def _stored(self, content: bytes) -> tuple[str, bool]:
        """The hash of a block, which is in the store afterwards, and whether it was uploaded."""
        key = name_of(content)
        if key in self._there:
            return key, False
        self._store.put(blob(key), content)
        self._there.add(key)
        return key, True


def _batches(path: Path, size: int) -> Iterator[list[bytes]]:
    """The blocks of a file, some at a time."""
    with path.open("rb") as file:
        while batch := [block for block in (file.read(size) for _ in range(8 * _AT_ONCE)) if block]:
            yield batch


def _remove_old(store: ObjectStore, newest: str, manifest: Manifest, grace: float, purge: bool) -> tuple[int, int]:
    """Remove snapshots that were replaced more than `grace` seconds ago, and blocks that no snapshot has. Returns the
    numbers of both. What `publish` did not write stays."""
    before = time.time() - grace
    listed = list(_published(store, SNAPSHOTS))
    unfinished = [one for one in listed if not one.name.endswith(".json")]
    all_of_them = sorted(
        (one for one in listed if one.name.endswith(".json")),
        key=lambda one: (one.name == snapshot(newest), one.modified),
    )
    gone, needed, unreadable = [], set(manifest.hashes), False
    for one, following in pairwise(all_of_them):  # the newest is the last, and every other was replaced by its next
        if purge or following.modified < before:
            gone.append(one.name)
        elif (known := _manifest(store, one.name)) is not None:
            needed |= known.hashes
        else:
            unreadable = True
    store.delete([*gone, *(one.name for one in unfinished if purge or one.modified < before)])
    if (not gone and not purge) or unreadable:  # nobody knows which blocks an unreadable one needs, perhaps of another
        return len(gone), 0  # ragtree: they stay as long as it does
    names = {blob(key) for key in needed}
    unused = [one for one in _published(store, BLOBS) if one.name not in names]
    old = [one.name for one in unused if purge or one.modified < before]
    store.delete(old)
    return len(gone), len(old)


def _published(store: ObjectStore, prefix: str) -> Iterator[StoredObject]:
    """The objects below a prefix that `publish` wrote: the place may hold other people's files."""
    return (one for one in store.listed(prefix) if is_published(one.name))


def _manifest(store: ObjectStore, name: str) -> Manifest | None:
    """A manifest; None if it is gone or damaged."""
    content = store.get(name, MOST_MANIFEST)
    if content is None or snapshot(name_of(content)) != name:
        return None
    try:
        return Manifest.read(content, name)
    except NotASnapshotError:
        return None
