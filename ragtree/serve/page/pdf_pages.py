"""Pages of PDF files: rendered and searched by a process of its own for each request, which PDFium may crash."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

from ...settings import LoadSettings
from .highlights import Wanted

_MOST_BYTES = 64 * 1024 * 1024
"""Of the pictures that are kept."""
_SECONDS = 30.0
_AT_ONCE = 2


class PdfPages:
    """Pictures of pages, and the places of texts on them. The last pictures are kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._size = 0
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def picture(self, path: Path, page: int, width: int, limits: LoadSettings) -> bytes:
        """The page as a PNG. Raises HTTPException where there is none, or it cannot be rendered."""
        status = path.stat()
        key = (path, status.st_mtime_ns, status.st_size, page, width)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        made = await self._asked({"page": page, "width": width}, path, limits)
        self._size += len(made) - len(self._kept.get(key, b""))  # it may have been asked for twice at once
        self._kept[key] = made
        while self._size > _MOST_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest)
        return made

    async def places(self, path: Path, wanted: Sequence[Wanted], limits: LoadSettings) -> dict[str, Any]:
        """How many pages there are and how they are shaped, and the boxes of the texts."""
        asked = {"wanted": [asdict(one) for one in wanted]}
        found: dict[str, Any] = json.loads(await self._asked(asked, path, limits))
        return found

    async def _asked(self, asked: dict[str, Any], path: Path, limits: LoadSettings) -> bytes:
        if path.stat().st_size > limits.max_megabytes * 1e6:
            raise HTTPException(413, "the file is too large to show its pages")
        asked["memory"] = limits.max_memory_megabytes
        async with self._free:
            data = await asyncio.to_thread(path.read_bytes)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-B", "-m", "ragtree.serve.page.pdf_worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": _paths(), "OPENBLAS_NUM_THREADS": "1"},
            )
            try:
                said = json.dumps(asked).encode() + b"\n" + data
                made, _ = await asyncio.wait_for(process.communicate(said), _SECONDS)
            except TimeoutError:
                made = b""
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode != 0 or not made:
            raise HTTPException(404, "this page cannot be shown")
        return made


def _paths() -> str:
    return os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)
