"""Takes from a process that reads untrusted documents the right to write files, start programs or use the network."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import BinaryIO

_REFUSED_EVENTS = frozenset(
    "socket.connect socket.getaddrinfo socket.gethostbyname socket.sendto subprocess.Popen os.system os.exec "
    "os.posix_spawn os.fork os.forkpty os.remove os.rename os.mkdir os.rmdir os.link os.symlink os.truncate".split()
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine() -> tuple[BinaryIO, BinaryIO]:
    """Let this process only talk with its parent, through the pipes that are returned: requests and replies."""
    pipes = _own_pipes()
    _refuse_side_effects()
    return pipes


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent, out of reach of a parser that prints or reads input."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    return requests, replies


def _refuse_side_effects() -> None:
    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event in _REFUSED_EVENTS:
            raise PermissionError(f"{event} is not allowed while documents are read")
        if event == "open" and _writes(*arguments[:3]):
            raise PermissionError(f"writing {arguments[0]} is not allowed while documents are read")

    sys.addaudithook(refuse)
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _writes(path: object, _: object, flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & _WRITING) and path != os.devnull


def limit_memory(megabytes: int) -> None:
    """Limit the memory of this process to so many MB, if the system can do that."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000, hard))
