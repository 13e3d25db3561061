"""Serves an index's own Chroma to other processes, until the process is told to end."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreError
from .lock import CHROMA, IndexLock

_PATIENCE = 30.0
_STEP = 0.1


def serve(folder: Path, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Run Chroma's server on the Chroma of the index in `folder`. Returns after SIGINT or SIGTERM.

    `ready` is called with the address, from another thread, once the server answers. The server runs in this process,
    so its lock is freed if it dies. Port 0 takes any free port.

    Raises IndexLockedError if another process has the Chroma open, StoreError if the address cannot be used.
    """
    try:
        import chromadb_rust_bindings as chroma
    except ImportError as error:
        raise StoreError(
            "this chromadb has no server (it is only the client); pip install chromadb, or run a server elsewhere"
        ) from error
    port = _free(host, port)
    name = f"[{host}]" if ":" in host else host
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else name}:{port}"
    lock = IndexLock(folder, CHROMA, address)
    try:
        over = threading.Event()
        watching = threading.Thread(target=_wait, args=(address, over, ready), daemon=True)
        watching.start()
        with _silent():
            chroma.cli(["chroma", "run", "--path", str(folder / "chroma"), "--host", host, "--port", str(port)])
    except KeyboardInterrupt:  # the usual way to end it
        pass
    finally:
        over.set()
        lock.release()


def _wait(address: str, over: threading.Event, ready: Callable[[str], None]) -> None:
    import httpx

    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends and not over.is_set():
        try:
            if httpx.get(f"{address}/api/v2/heartbeat", timeout=2).status_code == 200:
                ready(address)
                return
        except httpx.HTTPError:
            pass
        over.wait(_STEP)


def _free(host: str, port: int) -> int:
    """The port, or a free one for 0. Raises StoreError if it cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StoreError(
                f"cannot listen on {host}:{port} ({error.strerror or error}); name another with --port or --host"
            ) from error
        return int(probe.getsockname()[1])


@contextmanager
def _silent() -> Iterator[None]:
    """Discard what the server writes to standard output: a logo, and a line for every step."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
