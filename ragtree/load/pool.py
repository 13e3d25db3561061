"""Reads many files at once: threads read, processes parse, and the results come in the order of the files."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ..errors import LoadError
from ..reports import Skipped
from ..settings import LoadSettings
from ..types import Document
from .base import FileEntry, GoneError, UnchangedError
from .endings import ending_of, own_loader
from .members import Member, members_of
from .parsing import digest, parse, read_bytes
from .recognition.page_cache import NoPageCache, PageCache, PictureDescriber
from .worker_process import PageRecognized, WorkerProcess

_MOST_WORKERS = 8
_WAITING = 4
"""Most items of one file that are held until the caller takes them."""
_HARMLESS = {"TextLoader": 5_000_000, "MarkdownLoader": 50_000}
"""Loaders that run in this process, and the largest file for each, in bytes. As measured, none of these files takes
longer than a second, and most take less time than the start of a process (0.3 s)."""
_SIGNED = (b"%PDF", b"PK", b"{\\rtf", b"<", b"\xd0\xcf\x11\xe0")
"""First bytes of files that may need another loader than their ending says."""

_NO_MEMORY = "the system has no memory left for it; the next sync tries again"
_WORTH_BYTES = 500_000
"""Bytes of work for which another process is started."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a file. `sha256` is the hash of its bytes; empty if it could not be read, or no process started."""

    sha256: str
    known: bool = False
    """True if the caller knew the content already; then the file was not parsed."""
    gone: bool = False
    """True if the source says that there is no such file any more."""


class FileReader(Protocol):
    """Reads files, one at a time: a process (`WorkerProcess`), or one on another machine."""

    def read(self, data: bytes, source: str, limits: LoadSettings) -> Iterator[Document | Skipped | PageRecognized]:
        """As `WorkerProcess.read`."""
        ...

    def close(self) -> None:
        """End what it is doing, from any thread."""
        ...


IsKnown = Callable[[FileEntry, str], bool]
"""Called from several threads with a file and the SHA-256 of its bytes. True if the content is known."""


@dataclass(frozen=True, slots=True)
class Recognizing:
    """How many pictures of a file have been recognized so far."""

    pages: int


_Item = Document | Skipped | Finished | Recognizing


def read_files(
    entries: Sequence[FileEntry],
    limits: LoadSettings,
    is_known: IsKnown | None = None,
    pages: PageCache | None = None,
    readers: Callable[[PageCache], Sequence[FileReader]] | None = None,
    figures: PictureDescriber | None = None,
) -> Generator[tuple[FileEntry, _Item], None, None]:
    """Yield the documents and refusals of each file in the order of `entries`, then a `Finished` for the file.

    While the pictures of a file are recognized, a `Recognizing` is yielded now and then.

    `pages` keeps the text of recognized pictures, `figures` describes others. `readers` makes what reads the files;
    without it, processes do. Only a few files are read ahead, so memory does not grow with their number. No process is
    left when the iterator has ended or was closed. Close it if you do not read it to its end.
    """
    if not entries:
        return
    known = pages or NoPageCache()
    own = (OneReader(known, figures) for _ in range(_useful_readers(entries, limits)))
    chosen = readers(known) if readers is not None else tuple(own)
    pool = _Pool(entries, limits, is_known or (lambda entry, sha256: False), chosen)
    try:
        yield from pool.items()
    finally:
        pool.close()


class _Closed(Exception):
    """Raised in a thread if nobody wants the rest."""


class _Channel:
    """Passes the items of one file from the thread that reads it to the caller, a few at a time."""

    def __init__(self) -> None:
        self._items: deque[_Item | BaseException] = deque()
        self._pages = self._told = 0
        self._changed = threading.Condition()
        self._closed = False

    def put(self, item: _Item | BaseException) -> None:
        with self._changed:
            while len(self._items) >= _WAITING and not self._closed:
                self._changed.wait()
            if self._closed:
                raise _Closed
            self._items.append(item)
            self._changed.notify_all()

    def count_page(self) -> None:
        """Count a recognized page, without waiting for the caller to hear of it."""
        with self._changed:
            self._pages += 1
            self._changed.notify_all()

    def get(self) -> _Item:
        with self._changed:
            while not self._items and self._pages == self._told:
                self._changed.wait(1.0)  # without a timeout, Ctrl-C would not get through on Windows
            if not self._items:
                self._told = self._pages
                return Recognizing(self._pages)
            item = self._items.popleft()
            self._changed.notify_all()
        if isinstance(item, BaseException):
            raise item
        return item

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class _Pool:
    """The threads, processes and channels of one call of `read_files`."""

    def __init__(
        self,
        entries: Sequence[FileEntry],
        limits: LoadSettings,
        is_known: IsKnown,
        readers: Sequence[FileReader],
    ) -> None:
        self._entries = entries
        self._limits = limits
        self._is_known = is_known
        self._readers = readers
        self._channels: dict[int, _Channel] = {}
        self._next = 0
        self._lock = threading.Lock()
        self._ahead = threading.Semaphore(2 * len(self._readers))
        self._closed = False
        self._threads = [threading.Thread(target=self._work, args=(reader,), daemon=True) for reader in self._readers]

    def items(self) -> Iterator[tuple[FileEntry, _Item]]:
        for thread in self._threads:
            thread.start()
        for number, entry in enumerate(self._entries):
            channel = self._channel(number)
            while True:
                item = channel.get()
                yield entry, item
                if isinstance(item, Finished):
                    break
            del self._channels[number]
            self._ahead.release()

    def close(self) -> None:
        """End all threads and processes, whatever they are doing."""
        with self._lock:
            self._closed = True
            channels = list(self._channels.values())
        for channel in channels:
            channel.close()
        for _ in self._threads:
            self._ahead.release()
        for reader in self._readers:
            reader.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _channel(self, number: int) -> _Channel:
        with self._lock:
            return self._channels.setdefault(number, _Channel())

    def _work(self, reader: FileReader) -> None:
        while True:
            self._ahead.acquire()
            with self._lock:
                number = self._next
                if self._closed or number >= len(self._entries):
                    return
                self._next += 1
                channel = self._channels.setdefault(number, _Channel())
            try:
                for item in self._read(self._entries[number], reader):
                    if isinstance(item, PageRecognized):
                        channel.count_page()
                    else:
                        channel.put(item)
            except _Closed:
                return
            except BaseException as error:  # noqa: BLE001 - raised again when the caller asks for the file's documents
                channel.put(error)
                return

    def _read(self, entry: FileEntry, reader: FileReader) -> Iterator[_Item | PageRecognized]:
        try:
            data = read_bytes(entry, self._limits)
        except UnchangedError:
            yield Finished("", known=True)
            return
        except LoadError as error:
            yield Skipped(error.source, error.reason)
            yield Finished("", gone=isinstance(error, GoneError))
            return
        except MemoryError:
            yield Skipped(entry.id, _NO_MEMORY)
            yield Finished("")
            return
        sha256 = digest(data)
        if self._is_known(entry, sha256):
            yield Finished(sha256, known=True)
            return
        try:
            yield from _read_as(entry.answered, data, reader, self._limits)
        except LoadError as error:  # no process could be started; the next sync tries again
            yield Skipped(error.source, error.reason)
            sha256 = ""
        except MemoryError:  # of this process; the next sync tries again
            yield Skipped(entry.id, _NO_MEMORY)
            sha256 = ""
        yield Finished(sha256)


class OneReader(WorkerProcess):
    """A `WorkerProcess` that parses harmless files without a process."""

    def read(self, data: bytes, source: str, limits: LoadSettings) -> Iterator[Document | Skipped | PageRecognized]:
        if _is_harmless(source, len(data), data):
            return (_parsed(member, limits, self._figures) for member in members_of(data, source, limits))
        return super().read(data, source, limits)


def _read_as(
    entry: FileEntry, data: bytes, reader: FileReader, limits: LoadSettings
) -> Iterator[Document | Skipped | PageRecognized]:
    """Read a file under its name with the ending that chooses the reader, and name what comes without it."""
    name = entry.id + entry.ending
    for item in reader.read(data, name, limits):
        if not entry.ending or isinstance(item, PageRecognized):
            yield item
            continue
        own = entry.id + item.source.removeprefix(name)
        if isinstance(item, Skipped):
            yield replace(item, source=own)
        else:
            yield replace(item, id=own, source=own, title=own if item.title == item.source else item.title)


def _useful_readers(entries: Sequence[FileEntry], limits: LoadSettings) -> int:
    """How many processes are worth their start."""
    work = sum(entry.size for entry in entries if not _is_harmless(entry.id, entry.size, b""))
    return min(limits.workers or min(os.cpu_count() or 1, _MOST_WORKERS), len(entries), 1 + work // _WORTH_BYTES)


def _parsed(member: Member, limits: LoadSettings, figures: PictureDescriber | None) -> Document | Skipped:
    if member.reason:
        return Skipped(member.source, member.reason)
    try:
        return parse(member.data, member.source, limits, figures=figures)
    except LoadError as error:
        return Skipped(error.source, error.reason)


def _is_harmless(source: str, size: int, data: bytes) -> bool:
    """True for files that need no process: empty ones, and text and small Markdown that begin like no other format.
    Without a Python to start, for all files."""
    if getattr(sys, "frozen", False):  # a program packed into one file has no Python to start
        return True
    text = size <= _HARMLESS.get(own_loader(ending_of(source)), 0)
    return not size or (text and not data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_SIGNED))
