"""The limits on a file that nobody has to set: what archives may unpack to, and the memory of a process that reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from ..settings import LoadSettings

MEMORY_MEGABYTES = 2048
"""The most memory of each process that reads files (Linux only)."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold, so that a small file cannot fill the memory. An archive past a limit is refused, or cut
    off there; unpacked into the folder, its files are read one by one."""

    max_depth: int = 3
    """How many levels of nested archives are opened; 0 opens none, 1 only the outermost."""
    max_members: int = 10_000
    """The most files, those in nested archives included."""
    max_unpacked_megabytes: float = 500.0
    max_ratio: int = 200
    """How many times its own size it may unpack to."""


ARCHIVE_LIMITS = ArchiveLimits()


def limits_fingerprint(settings: LoadSettings) -> str:
    """Changes when a file that was refused might be read. (The order is that of the indexes that exist.)"""
    said = settings.model_dump(exclude={"workers", "vision_model"})
    ocr = said.pop("ocr")
    fixed = {"max_memory_megabytes": MEMORY_MEGABYTES, **asdict(ARCHIVE_LIMITS)}
    return json.dumps({**said, **fixed, "ocr": ocr}, separators=(",", ":"))
