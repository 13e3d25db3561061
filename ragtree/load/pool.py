"""Many files at once: read by threads, parsed in processes, handed over one file after the other in their order."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from ..errors import LoadError
from ..reports import Skipped
from ..settings import LoadSettings
from ..types import Document
from .folder import digest, parse, read_bytes
from .formats import loader_for
from .listing import FileEntry
from .members import is_archive
from .process import PageRecognized, Reader
from .readers.markdown import MarkdownLoader
from .readers.text import TextLoader
from .recognition.known import KnownPages, NoPages

_MOST_WORKERS = 8
_WAITING = 4
"""Documents of one file that wait for those before them."""
_HARMLESS = ((TextLoader, 5_000_000), (MarkdownLoader, 50_000))
"""What is parsed where it was read, up to so many bytes: nothing in it takes longer than a second, measured, and most
of it less than the start of a process (0.3 s)."""
_SIGNED = (b"%PDF", b"PK", b"{\\rtf", b"<", b"\xd0\xcf\x11\xe0")
"""First bytes that may lead to another loader than the ending does."""

_WORTH_BYTES = 500_000
"""What a second process has to have to do before it is started."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a file; `sha256` is that of its bytes, and empty where nothing can be said of them."""

    sha256: str
    known: bool = False
    """True where the caller knew what is in it, and it was not parsed."""


IsKnown = Callable[[FileEntry, str], bool]
"""Asked with the file and the SHA-256 of its bytes, from several threads."""


@dataclass(frozen=True, slots=True)
class Recognizing:
    """So many pictures of a file have been recognized by now."""

    pages: int


_Item = Document | Skipped | Finished | Recognizing


def read_files(
    entries: Sequence[FileEntry],
    limits: LoadSettings,
    is_known: IsKnown | None = None,
    pages: KnownPages | None = None,
) -> Generator[tuple[FileEntry, _Item], None, None]:
    """Documents and refusals of every file in the order of `entries`, each file's followed by a `Finished`.

    While one waits for a file whose pictures are recognized, a `Recognizing` comes now and then.

    `pages` are those that were recognized before. A few files are read ahead, so what is held does not grow with their
    number. No process is left when the iterator has ended or was closed; close it where it is not read to its end.
    """
    if not entries:
        return
    pool = _Pool(entries, limits, is_known or (lambda entry, sha256: False), pages or NoPages())
    try:
        yield from pool.items()
    finally:
        pool.close()


class _Closed(Exception):
    """Nobody wants the rest."""


class _Channel:
    """What a thread has read of one file, handed over a few items at a time."""

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
        """A page has been recognized. Nobody waits for that to be heard."""
        with self._changed:
            self._pages += 1
            self._changed.notify_all()

    def get(self) -> _Item:
        with self._changed:
            while not self._items and self._pages == self._told:
                self._changed.wait(1.0)  # without an end Ctrl-C would not come through on Windows
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
    """One reading of some files."""

    def __init__(
        self, entries: Sequence[FileEntry], limits: LoadSettings, is_known: IsKnown, pages: KnownPages
    ) -> None:
        self._entries = entries
        self._limits = limits
        self._is_known = is_known
        work = sum(entry.size for entry in entries if not _is_harmless(entry.id, entry.size, b""))
        count = min(limits.workers or min(os.cpu_count() or 1, _MOST_WORKERS), len(entries), 1 + work // _WORTH_BYTES)
        self._channels: dict[int, _Channel] = {}
        self._next = 0
        self._lock = threading.Lock()
        self._ahead = threading.Semaphore(2 * count)
        self._closed = False
        self._readers = [Reader(pages) for _ in range(count)]
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
        """End threads and processes, whatever they are at."""
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

    def _work(self, reader: Reader) -> None:
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
            except BaseException as error:  # noqa: BLE001 - raised again where the file's documents are asked for
                channel.put(error)
                return

    def _read(self, entry: FileEntry, reader: Reader) -> Iterator[_Item | PageRecognized]:
        try:
            data = read_bytes(entry, self._limits)
        except LoadError as error:
            yield Skipped(error.source, error.reason)
            yield Finished("")
            return
        sha256 = digest(data)
        if self._is_known(entry, sha256):
            yield Finished(sha256, known=True)
            return
        try:
            if _is_harmless(entry.id, len(data), data):
                yield _parsed(data, entry.id, self._limits)
            else:
                yield from reader.read(data, entry.id, self._limits)
        except LoadError as error:  # no process could be started: the next time may be better
            yield Skipped(error.source, error.reason)
            sha256 = ""
        yield Finished(sha256)


def _parsed(data: bytes, source: str, limits: LoadSettings) -> Document | Skipped:
    try:
        return parse(data, source, limits)
    except LoadError as error:
        return Skipped(error.source, error.reason)


def _is_harmless(source: str, size: int, data: bytes) -> bool:
    """True for what needs no process of its own: text, and small Markdown, that does not begin as something else."""
    if getattr(sys, "frozen", False):  # a program in one file has no Python that could be started
        return not is_archive(source)
    loader = loader_for(source)
    text = any(isinstance(loader, kind) and size <= most for kind, most in _HARMLESS)
    return not size or (text and not data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_SIGNED))
