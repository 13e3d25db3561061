"""A reading process as its parent sees it: bytes go in, documents and refusals come out, whatever happens in there."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import LoadError
from ..reports import Skipped
from ..settings import LoadSettings
from ..types import Document
from .members import is_archive
from .messages import EXHAUSTED, PictureAnswer, Reply, Request, receive_reply, send
from .recognition.base import is_page
from .recognition.known import KnownPages

_START_SECONDS = 120.0
_MOST_FILES = 200
"""A parser may leak; after so many files a new process takes over."""
_MOST_DEATHS = 10
"""An archive that ends so many processes is given up."""


@dataclass(frozen=True, slots=True)
class PageRecognized:
    """The text of a picture has been recognized: the work goes on."""


class Reader:
    """Reads files in a process of its own, which is replaced when it comes to an end. For one thread."""

    def __init__(self, pages: KnownPages) -> None:
        self._pages = pages
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0
        self._late = False
        self._closed = False
        self._lock = threading.Lock()

    def read(self, data: bytes, source: str, limits: LoadSettings) -> Iterator[Document | Skipped | PageRecognized]:
        """All documents in a file's bytes: one, or those of an archive's members, and why others are not read; and a
        word for every page that was recognized.

        Raises LoadError where no process can be started.
        """
        passed = 0
        for _ in range(_MOST_DEATHS):
            fresh = self._files == 0
            begun = reason = ""
            for reply in self._ask(Request(source=source, size=len(data), limits=limits, passed=passed), data):
                if reply.kind == "done":
                    return
                if reply.kind == "begin":
                    begun = reply.source
                elif reply.kind == "recognized":
                    yield PageRecognized()
                elif reply.kind == "exhausted":
                    reason = reply.reason
                    break
                else:
                    passed, begun = passed + 1, ""
                    yield reply.document or Skipped(reply.source, reply.reason)
            reason = self._end(limits, reason)
            if self._closed:
                return
            if reason.startswith(EXHAUSTED) and not fresh:  # the files before may have left too little; once more
                continue
            yield Skipped(begun or source, reason)
            if not begun or not is_archive(source):
                return
            passed += 1
        yield Skipped(source, f"{_MOST_DEATHS} of its members ended their reader; the rest is not read")

    def close(self) -> None:
        """End the process, from any thread; the file in it counts as not read."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def _ask(self, request: Request, data: bytes) -> Iterator[Reply]:
        """Replies until `done`, or until the process is gone."""
        process = self._started(request.source)
        assert process.stdin is not None
        self._files += 1
        try:
            with self._timed(process, request.limits.max_seconds):
                send(process.stdin, request, data)
            asked = ""
            while True:
                with self._timed(process, request.limits.max_seconds):
                    reply = self._reply(process)
                if reply is None:
                    return
                if reply.kind == "picture":
                    asked = reply.key
                    known = self._pages.get(asked)
                    later = not known and not self._pages.has_time()
                    with self._timed(process, request.limits.max_seconds):
                        send(process.stdin, PictureAnswer(page=known, later=later))
                else:
                    if reply.kind == "recognized" and asked and is_page(reply.page):
                        self._pages.put(asked, reply.page)
                        asked = ""
                    yield reply
                if reply.kind == "done":
                    break
        except OSError:  # it ended while it was spoken to
            return
        if self._files >= _MOST_FILES:
            self._stop()

    def _reply(self, process: subprocess.Popen[bytes]) -> Reply | None:
        assert process.stdout is not None
        try:
            return receive_reply(process.stdout)
        except ValueError:  # a parser that was taken over may say anything
            process.kill()
            return None

    def _started(self, source: str) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise LoadError(source, "reading was stopped")
            if self._process is not None and self._process.poll() is None:
                return self._process
            self._files, self._late = 0, False
            try:
                self._process = process = _start()
            except OSError as error:
                raise LoadError(source, f"no process could be started to read it ({error})") from error
        with self._timed(process, _START_SECONDS):
            reply = self._reply(process)
        if reply is None or reply.kind != "ready":
            status = process.wait()
            raise LoadError(
                source, f"its reader did not start (status {status}): python -m ragtree.load.worker says why"
            )
        return process

    @contextlib.contextmanager
    def _timed(self, process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
        def end() -> None:
            self._late = True
            process.kill()

        clock = threading.Timer(seconds, end)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()

    def _end(self, limits: LoadSettings, reason: str) -> str:
        """Let go of a process that has come to its end, and say why it has; `reason` is what it said itself."""
        status = self._stop()
        if reason:
            return reason
        if self._late:
            return f"to read it takes longer than load.max_seconds = {limits.max_seconds:g}"
        with contextlib.suppress(ValueError):
            return f"its reader crashed ({signal.Signals(-status).name})"
        return f"its reader crashed (status {status})"

    def _stop(self) -> int:
        """End the process, and say how it ended."""
        process, self._process, self._files = self._process, None, 0
        if process is None:
            return 0
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()  # its end of file ends a process that is well
        try:
            return process.wait(1)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def _start() -> subprocess.Popen[bytes]:
    """Not `multiprocessing`: that runs a newcomer's script without a main guard a second time, and speaks pickle."""
    paths = [str(Path(path).absolute()) for path in sys.path if path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-P", "-B", "-m", "ragtree.load.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
