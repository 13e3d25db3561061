"""How much memory this process may use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""The memory limit of a container, in both versions of Linux's control groups."""


@dataclass(frozen=True, slots=True)
class MachineMemory:
    """Memory in bytes."""

    total: int
    available: int


def machine_memory() -> MachineMemory:
    """The memory of the machine, or that of the container if it is less."""
    import psutil

    told = psutil.virtual_memory()
    limits = [limit for path in _LIMITS if (limit := _limit(Path(path)))]
    total = min([told.total, *limits])
    return MachineMemory(total, min(told.available, total))


def _limit(path: Path) -> int:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # "max", or another system
        return 0
