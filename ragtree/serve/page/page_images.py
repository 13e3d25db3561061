"""Pages of PDF files, and pictures: rendered and searched by processes of their own, which may crash."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from starlette.exceptions import HTTPException

from ...load.limits import MEMORY_MEGABYTES
from ...settings import LoadSettings
from .highlights import Wanted

FileKey: TypeAlias = tuple[Path, str, int, int]
"""A file as it is now: its path, the hash that it must have, its time and its size."""

_MOST_BYTES = 64 * 1024 * 1024
"""Of the pictures that are kept."""
_SECONDS = 30.0
_AT_ONCE = 2
_IDLE_SECONDS = 120.0


class PageImages:
    """Pictures of pages, and the places of texts on them. The last pictures are kept.

    Each file has a process of its own, so that one file can never change what is shown of another. The processes of
    the last two files are kept for a while, and a further one that has loaded PDFium waits for the next file: starting
    one takes longer than rendering a page.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._size = 0
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._workers: OrderedDict[FileKey, _Worker] = OrderedDict()
        self._spare: _Worker | None = None
        self._starting = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    async def picture(self, path: Path, page: int, width: int, limits: LoadSettings, digest: str = "") -> bytes:
        """The page as a PNG. A file is not shown if its SHA-256 is not `digest`.

        Raises HTTPException where there is none, or it cannot be rendered.
        """
        file = _key_of(path, digest)
        key = (file, page, width)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        made = await self._asked({"page": page, "width": width}, file, limits)
        self._size += len(made) - len(self._kept.get(key, b""))  # it may have been asked for twice at once
        self._kept[key] = made
        while self._size > _MOST_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest)
        return made

    async def places(
        self, path: Path, wanted: Sequence[Wanted], limits: LoadSettings, digest: str = ""
    ) -> dict[str, Any]:
        """How many pages there are and how they are shaped, and the boxes of the texts. `digest` as for `picture`.

        Raises HTTPException if the file cannot be read.
        """
        asked = {"wanted": [asdict(one) for one in wanted]}
        found: dict[str, Any] = json.loads(await self._asked(asked, _key_of(path, digest), limits))
        return found

    async def prepare(self) -> None:
        """Start a process for the next file, if none waits."""
        async with self._starting:
            if self._spare is None:
                self._spare = await _Worker.started()
        self._end_later()

    async def close(self) -> None:
        """End the processes."""
        if self._idle is not None:
            self._idle.cancel()
        ending = [*self._workers.values(), *([self._spare] if self._spare is not None else [])]
        self._workers.clear()
        self._spare = None
        for worker in ending:
            await worker.end()

    async def _asked(self, asked: dict[str, Any], file: FileKey, limits: LoadSettings) -> bytes:
        if file[3] > limits.max_megabytes * 1e6:
            raise HTTPException(413, "the file is too large to show its pages")
        async with self._free:
            worker = await self._worker_of(file)
            made = await worker.ask(asked, file, MEMORY_MEGABYTES)
            if worker.has_ended and self._workers.get(file) is worker:
                del self._workers[file]
            await self._end_oldest()
        await self.prepare()
        if not made:
            raise HTTPException(404, "this page cannot be shown")
        return made

    async def _worker_of(self, file: FileKey) -> _Worker:
        async with self._starting:
            worker = self._workers.get(file)
            if worker is None or worker.has_ended:
                worker, self._spare = self._spare, None
            if worker is None or worker.has_ended:
                worker = await _Worker.started()
            self._workers[file] = worker
            self._workers.move_to_end(file)
            return worker

    async def _end_oldest(self) -> None:
        for file, worker in list(self._workers.items()):
            if len(self._workers) <= _AT_ONCE:
                return
            if not worker.is_busy:
                del self._workers[file]
                await worker.end()

    def _end_later(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(_IDLE_SECONDS, lambda: loop.create_task(self._end_if_idle()))

    async def _end_if_idle(self) -> None:
        if not any(worker.is_busy for worker in self._workers.values()):
            await self.close()


class _Worker:
    """A process that reads one file, and answers questions about its pages one after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()
        self._wanted = 0
        self._has_file = False

    @classmethod
    async def started(cls) -> _Worker:
        """A process without a file."""
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-B", "-m", "ragtree.serve.page.page_worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": _paths(), "OPENBLAS_NUM_THREADS": "1"},
            )
        )

    @property
    def is_busy(self) -> bool:
        """True while a question waits for its reply."""
        return self._wanted > 0

    @property
    def has_ended(self) -> bool:
        """True if the process is not there any more."""
        return self._process.returncode is not None

    async def ask(self, asked: dict[str, Any], file: FileKey, megabytes: int) -> bytes:
        """What it replies; nothing if it cannot, or takes too long. It always gets the same file."""
        self._wanted += 1
        try:
            async with self._turn:
                try:
                    return await asyncio.wait_for(self._reply(asked, file, megabytes), _SECONDS)
                except (TimeoutError, OSError, asyncio.IncompleteReadError):
                    await self.end()
                    return b""
                except asyncio.CancelledError:  # half a reply may be under way
                    await self.end()
                    raise
        finally:
            self._wanted -= 1

    async def _reply(self, asked: dict[str, Any], file: FileKey, megabytes: int) -> bytes:
        requests, replies = self._process.stdin, self._process.stdout
        assert requests is not None
        assert replies is not None
        data = b"" if self._has_file else await asyncio.to_thread(_read, file)
        self._has_file = True
        requests.write(json.dumps({**asked, "memory": megabytes, "bytes": len(data)}).encode() + b"\n")
        requests.write(data)
        await requests.drain()
        length = int.from_bytes(await replies.readexactly(8), "big")
        return await replies.readexactly(length)

    async def end(self) -> None:
        """Kill the process."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


def _key_of(path: Path, digest: str) -> FileKey:
    status = path.stat()
    return path, digest, status.st_mtime_ns, status.st_size


def _read(file: FileKey) -> bytes:
    """The bytes of a file. Raises OSError if they are not those that are wanted."""
    path, wanted, *_ = file
    data = path.read_bytes()
    if wanted and sha256(data).hexdigest() != wanted:
        raise OSError(f"{path} has changed")
    return data


def _paths() -> str:
    return os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)
