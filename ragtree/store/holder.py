"""Which process holds an index, as far as it can be told from here.

A process number means nothing by itself. In every container the first process has number 1, several machines may share
the folder, and the system gives a number to another process when the first has ended. So beside the number stand the
host, its boot, the namespace that the number counts in, and when the process began.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a lock. What the system does not tell is empty."""

    pid: int
    host: str = ""
    boot: str = ""
    """Id of the boot of the machine."""
    namespace: str = ""
    """Of process numbers: containers have one each. `none` where the system knows no such thing."""
    started: str = ""
    """When the process began, in the system's own count."""
    address: str = ""
    """Where it serves the index to others."""

    @classmethod
    def here(cls, address: str = "") -> Self:
        """This process."""
        boot = _read(_PROC / "sys/kernel/random/boot_id")
        return cls(os.getpid(), socket.gethostname(), boot, _namespace(), _started(_PROC / "self"), address)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Who wrote this file; None where nobody can tell."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(found, int):  # a number alone
                return cls(found)
            return cls(int(found.pop("pid")), **{name: str(value) for name, value in found.items()})
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def written(self) -> str:
        """For the file."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def told(self, index: Path) -> str:
        """What a process that wants the index is told: who has it, and what to do."""
        here = Holder.here()
        if not self._is_numbered_as(here):
            return self._told_from_afar(index, here)
        end = "" if self.pid == 1 else ", or end that process"  # process 1 is a whole container or machine
        if self.address:
            return (
                f"the index {index} is served by process {self.pid} at {self.address}; share it with "
                f"--set store.url={self.address} (RAGTREE_STORE_URL){end}"
            )
        if not self._is_alive():
            return f"the index {index} is in use by a process that process {self.pid} has started; end it"
        if self.pid == 1:
            return f"the index {index} is in use by process 1, the first one here; wait until it closes it, or {_SHARE}"
        return f"the index {index} is in use by process {self.pid}; wait for it or end it, or {_SHARE}"

    def _told_from_afar(self, index: Path, here: Holder) -> str:
        is_near = self.boot == here.boot and self.host == here.host
        where = (
            "another container or namespace of this machine"
            if is_near
            else f"another container or machine ({self.host})"
        )
        if self.address:
            return (
                f"the index {index} is served from {where} at {self.address}; share it with "
                f"--set store.url={self.address} (RAGTREE_STORE_URL), by an address that can be reached from here"
            )
        return (
            f"the index {index} is in use in {where}, by what has the process number {self.pid} there; wait until it "
            f"is closed there, or {_SHARE}"
        )

    def _is_numbered_as(self, other: Holder) -> bool:
        """True where the number means the same process to both."""
        if not self.host:  # a number alone
            return True
        mine, its = (self.host, self.boot, self.namespace), (other.host, other.boot, other.namespace)
        return mine == its and bool(self.namespace)

    def _is_alive(self) -> bool:
        """False where there is no such process, or its number is another one's now."""
        try:
            sees_numbers = (_PROC / "self").readlink() == Path(str(os.getpid()))
        except OSError:
            sees_numbers = False
        if sees_numbers and self.started:
            return _started(_PROC / str(self.pid)) == self.started
        if os.name == "nt":
            return True  # there a signal of 0 is not a question
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except (OSError, OverflowError):
            return True
        return True


_SHARE = "share the index with: ragtree serve-store FOLDER"


def _namespace() -> str:
    if sys.platform != "linux":
        return "none"
    try:
        return str((_PROC / "self/ns/pid").stat().st_ino)
    except OSError:
        return ""


def _started(process: Path) -> str:
    """The 22nd field of its `stat`; the second one, the name, may hold spaces and brackets."""
    fields = _read(process / "stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
