"""What a process gives up that reads documents of strangers: files that it writes, programs, the network."""

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
    """From here on this process only talks with its parent, through the pipes that it gets back."""
    pipes = _own_pipes()
    _refuse_side_effects()
    return pipes


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent, out of reach of a parser that prints or asks."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    return requests, replies


def _refuse_side_effects() -> None:
    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event in _REFUSED_EVENTS:
            raise PermissionError(f"{event} is not for a reader of documents")
        if event == "open" and _writes(*arguments[:3]):
            raise PermissionError(f"a reader of documents writes no files, such as {arguments[0]}")

    sys.addaudithook(refuse)
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _writes(path: object, _: object, flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & _WRITING) and path != os.devnull


def limit_memory(megabytes: int) -> None:
    """Let this process have no more memory than this, where the system can do that."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000, hard))
