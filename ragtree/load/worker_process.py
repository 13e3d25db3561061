"""The parent's side of a worker process: bytes go in, documents and refusals come out, even if the worker crashes."""

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
from .messages import EXHAUSTED, PictureAnswer, ReadReply, ReadRequest, receive_reply, send
from .recognition.base import NotRecognizedError, is_page
from .recognition.page_cache import PageCache, PictureDescriber

_START_SECONDS = 120.0
_MOST_FILES = 200
"""Files after which a new process takes over, because a parser may leak memory."""
_MOST_DEATHS = 10
"""Processes that one archive may end before the rest of it is given up."""


@dataclass(frozen=True, slots=True)
class PageRecognized:
    """The text of a picture has been recognized: a sign of progress."""


class WorkerProcess:
    """Reads files in a worker process, which is replaced when it ends. For use by one thread."""

    def __init__(self, pages: PageCache, figures: PictureDescriber | None = None) -> None:
        self._pages = pages
        self._figures = figures
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0
        self._late = False
        self._closed = False
        self._lock = threading.Lock()

    def read(self, data: bytes, source: str, limits: LoadSettings) -> Iterator[Document | Skipped | PageRecognized]:
        """Yield the documents in a file's bytes: one, or those of an archive's members. A Skipped says why a member is
        not read. A PageRecognized comes for every page that was recognized.

        Raises LoadError if no process can be started.
        """
        passed = 0
        for _ in range(_MOST_DEATHS):
            fresh = self._files == 0
            begun = reason = ""
            for reply in self._ask(ReadRequest(source=source, size=len(data), limits=limits, passed=passed), data):
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
            if reason.startswith(EXHAUSTED) and not fresh:  # earlier files may have left too little; try again
                continue
            yield Skipped(begun or source, reason)
            if not begun or not is_archive(source):
                return
            passed += 1
        yield Skipped(source, f"{_MOST_DEATHS} of its members ended their reader; the rest is not read")

    def close(self) -> None:
        """End the process, from any thread. The file that it is reading counts as not read."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def _ask(self, request: ReadRequest, data: bytes) -> Iterator[ReadReply]:
        """Yield the replies up to `done`, or until the process has ended."""
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
                elif reply.kind == "figure":
                    answer = self._described(reply)
                    with self._timed(process, request.limits.max_seconds):
                        send(process.stdin, answer)
                else:
                    if reply.kind == "recognized" and asked and is_page(reply.page):
                        self._pages.put(asked, reply.page)
                        asked = ""
                    yield reply
                if reply.kind == "done":
                    break
        except OSError:  # it ended while we wrote to it
            return
        if self._files >= _MOST_FILES:
            self._stop()

    def _described(self, reply: ReadReply) -> PictureAnswer:
        """The answer to `figure`. Asking for a description takes as long as it takes."""
        if self._figures is None:
            return PictureAnswer()
        try:
            return PictureAnswer(page=self._figures.describe(reply.key, reply.picture))
        except NotRecognizedError as error:
            return PictureAnswer(later=True, reason=error.reason)

    def _reply(self, process: subprocess.Popen[bytes]) -> ReadReply | None:
        assert process.stdout is not None
        try:
            return receive_reply(process.stdout)
        except ValueError:  # a compromised parser may send anything
            process.kill()
            return None
        except MemoryError:  # the rest of the reply is still in the pipe
            process.kill()
            process.wait()
            raise

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
        """Clean up after a process that ended, and return why it did; `reason` is what it said itself."""
        status = self._stop()
        if reason:
            return reason
        if self._late:
            return f"to read it takes longer than load.max_seconds = {limits.max_seconds:g}"
        with contextlib.suppress(ValueError):
            return f"its reader crashed ({signal.Signals(-status).name})"
        return f"its reader crashed (status {status})"

    def _stop(self) -> int:
        """End the process, and return its exit status."""
        process, self._process, self._files = self._process, None, 0
        if process is None:
            return 0
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()  # end of file ends a healthy process
        try:
            return process.wait(1)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def _start() -> subprocess.Popen[bytes]:
    """Start a worker. `multiprocessing` would run a user's script without a main guard again, and uses pickle."""
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
