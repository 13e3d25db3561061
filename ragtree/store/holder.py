"""Which process holds the lock of an index, as far as this process can know.

A process number alone is ambiguous. In every container the first process has number 1, several machines may share the
folder, and the system reuses numbers. So the lock also records the host, its boot id, the pid namespace, and when the
process started.
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
    """The process that holds a lock. Fields that the system does not report are empty."""

    pid: int
    host: str = ""
    boot: str = ""
    """The boot id of the machine."""
    namespace: str = ""
    """The pid namespace: every container has its own. `none` on systems without namespaces."""
    started: str = ""
    """When the process started, in the system's units."""
    address: str = ""
    """The address at which it serves the index to others."""

    @classmethod
    def here(cls, address: str = "") -> Self:
        """This process."""
        boot = _read(_PROC / "sys/kernel/random/boot_id")
        return cls(os.getpid(), socket.gethostname(), boot, _namespace(), _started(_PROC / "self"), address)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The holder that a lock file names; None if it names none."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(found, int):  # a number alone
                return cls(found)
            return cls(int(found.pop("pid")), **{name: str(value) for name, value in found.items()})
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def written(self) -> str:
        """The content of the lock file."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def told(self, index: Path) -> str:
        """The error message for another process: who holds the index, and what to do."""
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
            return f"the index {index} is in use by a process that process {self.pid} started; end that process"
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
                f"--set store.url={self.address} (RAGTREE_STORE_URL), with an address that can be reached from here"
            )
        return (
            f"the index {index} is in use in {where}, by the process with number {self.pid} there; wait until it "
            f"is closed there, or {_SHARE}"
        )

    def _is_numbered_as(self, other: Holder) -> bool:
        """True if the number means the same process for both."""
        if not self.host:  # a number alone
            return True
        mine, its = (self.host, self.boot, self.namespace), (other.host, other.boot, other.namespace)
        return mine == its and bool(self.namespace)

    def _is_alive(self) -> bool:
        """False if there is no such process, or if its number now belongs to another one."""
        try:
            sees_numbers = (_PROC / "self").readlink() == Path(str(os.getpid()))
        except OSError:
            sees_numbers = False
        if sees_numbers and self.started:
            return _started(_PROC / str(self.pid)) == self.started
        if os.name == "nt":
            return True  # signal 0 is not a harmless test there
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
