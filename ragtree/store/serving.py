"""Serves an index's own Chroma to other processes, until it is told to end."""

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
    """Run Chroma's server on the Chroma of the index in `folder`; returns after SIGINT or SIGTERM.

    `ready` is told the address, from another thread, when it answers. The server runs in this process, so the lock
    that it holds is free when it has died. Port 0 takes any that is free.

    Raises IndexLockedError where another process has the Chroma open, StoreError where the address cannot be used.
    """
    try:
        import chromadb_rust_bindings as chroma
    except ImportError as error:
        raise StoreError(
            "this chromadb brings no server (it is the client alone); pip install chromadb, or run a server elsewhere"
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
    except KeyboardInterrupt:  # how it is meant to end
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
    """The port, or one that is free for 0. Raises StoreError where it cannot be listened to."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StoreError(
                f"{host}:{port} cannot be listened to ({error.strerror or error}); name another with --port or --host"
            ) from error
        return int(probe.getsockname()[1])


@contextmanager
def _silent() -> Iterator[None]:
    """What the server writes to standard output (a picture, and a line for every step) goes nowhere."""
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
