"""A local copy of the newest snapshot: fetches what it lacks, checks all hashes, and switches when it is whole."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

from ..errors import IndexLockedError, IndexMismatchError, PublishedError, StoreError
from ..store import faults
from ..store.index_files import CATALOG
from ..store.lock import IndexLock
from ..store.migrations import FORMAT
from ..store.published import CURRENT, SNAPSHOTS
from ..types import OnProgress, Progress, no_progress
from .base import ObjectStore
from .manifest import (
    LATEST,
    MOST_MANIFEST,
    MOST_POINTER,
    Manifest,
    PublishedFile,
    StoredBlock,
    blob,
    is_snapshot_name,
    name_of,
    pointed,
    snapshot,
)

_LOCK = "fetch.lock"
_MANIFEST = "manifest.json"
_UNFINISHED = ".new"
_AT_ONCE = 16
_TRIES = 3
"""Snapshots to begin with, if each is removed while it is fetched."""
_PATIENCE = 0.2
"""Seconds between two looks at whether another process has fetched the first snapshot."""


_GRACE = 10.0
"""Seconds after a switch for which the snapshot before stays. Somebody may have followed the link just before, and be
about to open its files; with several processes, another's look may come at once."""


class LocalCopy:
    """A folder with the snapshot in use (store/published.py). Processes may share it: one of them fetches."""

    def __init__(self, folder: Path, store: ObjectStore) -> None:
        self._folder = folder
        self._store = store

    @property
    def current(self) -> str:
        """The name of the snapshot in use; empty before the first."""
        try:
            name = (self._folder / CURRENT).readlink().name
        except OSError:
            return ""
        return name if (self._folder / SNAPSHOTS / name).is_dir() else ""

    def update(self, progress: OnProgress = no_progress) -> bool:
        """Switch to the newest snapshot. False if it is in use already, or if another process is fetching it.

        Raises PublishedError if the store cannot be reached, or has something that is not what its hash says; then the
        snapshot in use stays. Raises IndexMismatchError if the newest one needs another embedder or another ragtree.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = IndexLock(self._folder, _LOCK)
        except IndexLockedError:
            return False
        except OSError as error:
            raise StoreError(f"{self._folder} cannot be made ({error.strerror}); name another folder") from error
        try:
            return self._update(progress)
        except OSError as error:
            raise faults.store_error(
                error, f"the copy at {self._folder}", "delete it, and it is fetched again"
            ) from error
        finally:
            lock.release()

    def first(self, progress: OnProgress = no_progress) -> None:
        """Fetch the newest snapshot, or wait until another process has done it. Raises what `update` raises."""
        while not self.update(progress) and not self.current:
            time.sleep(_PATIENCE)

    def _update(self, progress: OnProgress) -> bool:
        for attempt in range(1, _TRIES + 1):
            name = self._newest()
            self._remove_others(name)
            if name == self.current:
                return False
            try:
                self._fetch(name, progress)
                return True
            except _RemovedError:  # a slow reader, and a publisher that has removed old snapshots
                if attempt == _TRIES or self._newest() == name:
                    raise
        raise AssertionError("unreachable")

    def _newest(self) -> str:
        told = self._store.get(LATEST, MOST_POINTER)
        if told is None:
            raise PublishedError(
                f"nothing is published at {self._store.address}; publish there with: ragtree publish FOLDER PLACE"
            )
        return pointed(told, self._store.address)

    def _fetch(self, name: str, progress: OnProgress) -> None:
        """Fetch a snapshot, and switch to it."""
        known = self._known()
        manifest = self._manifest(name, known)
        final = self._folder / SNAPSHOTS / name
        unfinished = final.with_name(name + _UNFINISHED)
        if not final.is_dir():
            self._check_room(manifest, unfinished)
            _Fetch(self._store, manifest, unfinished, known).run(progress)
            _check_catalog(unfinished / CATALOG, manifest)
            (unfinished / _MANIFEST).write_bytes(manifest.content())
            unfinished.rename(final)
        link = self._folder / f"{CURRENT}.{secrets.token_hex(4)}{_UNFINISHED}"
        link.symlink_to(Path(SNAPSHOTS) / name, target_is_directory=True)
        link.replace(self._folder / CURRENT)  # everything that reads the index sees the switch at the same moment

    def _manifest(self, name: str, known: tuple[Manifest, Path] | None) -> Manifest:
        """The manifest of a snapshot that this ragtree can read, with the embedder of the one in use, `known`."""
        place = f"{self._store.address}/{snapshot(name)}"
        content = self._store.get(snapshot(name), MOST_MANIFEST)
        if content is None:
            raise _RemovedError(f"{place} is gone; publish again")
        if name_of(content) != name:
            raise PublishedError(f"{place} is damaged: its hash is another one; delete it, and publish again")
        manifest = Manifest.read(content, place)
        if manifest.format != str(FORMAT):
            raise IndexMismatchError(
                f"{place} has the index format {manifest.format}, this ragtree reads {FORMAT}; use the same ragtree "
                "here and where it is published"
            )
        if known is not None and known[0].embedder != manifest.embedder:
            raise IndexMismatchError(
                f"{place} was made with the embedder {manifest.embedder}, the copy in use with {known[0].embedder}; "
                f"delete {self._folder}, and start again"
            )
        return manifest

    def _known(self) -> tuple[Manifest, Path] | None:
        """The snapshot in use, from which equal blocks are taken."""
        folder = self._folder / SNAPSHOTS / self.current
        try:
            return (Manifest.read((folder / _MANIFEST).read_bytes(), str(folder)), folder) if self.current else None
        except (OSError, PublishedError):
            return None

    def _check_room(self, manifest: Manifest, unfinished: Path) -> None:
        there = sum(path.stat().st_size for path in unfinished.rglob("*") if path.is_file())
        free = shutil.disk_usage(self._folder).free
        if manifest.size - there > free:
            raise StoreError(
                f"the snapshot at {self._store.address} has {manifest.size / 1e9:.2f} GB, but {self._folder} has room "
                f"for {free / 1e9:.2f} GB; make room, or name another folder"
            )

    def _remove_others(self, newest: str) -> None:
        """Remove what a process that was killed left and, some seconds after the last switch, earlier snapshots. The
        newest is continued, and what is no snapshot stays."""
        current, has_settled = self.current, self._has_settled()
        for path in (self._folder / SNAPSHOTS).glob("*"):
            is_unfinished = path.name.endswith(_UNFINISHED)
            is_ours = is_snapshot_name(path.name.removesuffix(_UNFINISHED))
            is_needed = path.name in (current, newest, newest + _UNFINISHED)
            if is_ours and not is_needed and (is_unfinished or has_settled):
                shutil.rmtree(path, ignore_errors=True)
        for file in (*self._folder.glob(f"{CURRENT}.*{_UNFINISHED}"), *(self._old_vectors() if has_settled else ())):
            with suppress(OSError):  # on some systems, a file that a thread still reads cannot be deleted
                file.unlink()

    def _old_vectors(self) -> Iterator[Path]:
        """Vectors of earlier snapshots. Those of the one in use stay."""
        paths = list((self._folder / "vectors").glob("*.npy"))
        known = self._known() if len(paths) > 1 else None  # a manifest is large, and most looks find nothing new
        return (path for path in paths if known is not None and path.stem != known[0].state)

    def _has_settled(self) -> bool:
        """False for some seconds after a switch, whichever process made it."""
        try:
            return time.time() - (self._folder / CURRENT).lstat().st_mtime >= _GRACE
        except FileNotFoundError:
            return True


class _RemovedError(PublishedError):
    """A snapshot was removed while it was fetched."""


class _Fetch:
    """Fetches the files of a snapshot into a folder. What is there already, and has the right hash, is kept."""

    def __init__(
        self, store: ObjectStore, manifest: Manifest, folder: Path, known: tuple[Manifest, Path] | None
    ) -> None:
        self._store = store
        self._manifest = manifest
        self._folder = folder
        self._files = {file.name: file for file in known[0].files} if known else {}
        self._before = known[1] if known else folder

    def run(self, progress: OnProgress) -> None:
        """Fetch all of it. Raises PublishedError for a block that is missing, or has another hash."""
        done, total = 0, self._manifest.size
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="ragtree-fetch") as threads:
            for file in self._manifest.files:
                target = self._folder / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                if self._files.get(file.name) == file and _linked(self._before / file.name, target):
                    done += file.size
                    continue
                with target.open("ab") as opened:
                    opened.truncate(file.size)
                try:
                    for size in threads.map(self._take(file), self._manifest.blocks(file)):
                        done += size
                        progress(Progress("publish", done, total))
                except BaseException:
                    threads.shutdown(cancel_futures=True)
                    raise
                with target.open("rb+") as opened:
                    os.fsync(opened.fileno())

    def _take(self, file: PublishedFile) -> Callable[[StoredBlock], int]:
        """A function that brings a block of the file to its place. It returns the block's size."""
        target, before = self._folder / file.name, self._files.get(file.name)
        earlier = before.hashes if before is not None else ()

        def take(block: StoredBlock) -> int:
            if _matches(_part(target, block), block):  # from a run that was interrupted
                return block.size
            number = block.start // self._manifest.block
            content = b""
            if number < len(earlier) and earlier[number] == block.hash:
                content = _part(self._before / file.name, block)
            if not _matches(content, block):
                content = self._fetched(block)
            with target.open("rb+") as opened:
                opened.seek(block.start)
                opened.write(content)
            return block.size

        return take

    def _fetched(self, block: StoredBlock) -> bytes:
        place = f"{self._store.address}/{blob(block.hash)}"
        content = self._store.get(blob(block.hash), block.size)
        if content is None:
            raise _RemovedError(f"{place} is gone; publish again with --purge")
        if not _matches(content, block):
            raise PublishedError(
                f"{place} is damaged: its hash is another one; delete it, and publish again with --purge"
            )
        return content


def _part(path: Path, block: StoredBlock) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(block.start)
            return file.read(block.size)
    except OSError:
        return b""


def _matches(content: bytes, block: StoredBlock) -> bool:
    return len(content) == block.size and name_of(content) == block.hash


def _linked(source: Path, target: Path) -> bool:
    """Give a file that has not changed a second name. False if that does not work."""
    with suppress(OSError):
        target.unlink(missing_ok=True)
        os.link(source, target)
        return True
    return False


def _check_catalog(path: Path, manifest: Manifest) -> None:
    """Raise PublishedError for a file that is not the catalog that the manifest describes, or that has triggers or
    views: they run SQL of their own, and catalogs have none."""
    wrong = ""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as db:
            db.execute("PRAGMA trusted_schema = OFF")
            if next(_names(db), None) is not None:
                wrong = "it has triggers or views"
            elif dict(db.execute("SELECT key, value FROM meta WHERE key = 'state'")).get("state") != manifest.state:
                wrong = "it has another state than the manifest says"
            elif db.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                wrong = "it needs a log"
    except sqlite3.DatabaseError as error:
        wrong = str(error)
    if wrong:
        raise PublishedError(f"the published catalog cannot be used ({wrong}); publish again")


def _names(db: sqlite3.Connection) -> Iterator[str]:
    return (row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"))
