"""The files of Chroma's vector index: what of them holds no vector is blanked.

hnswlib writes the memory that it has set apart for vectors to come as it is, and there may be anything that the process
has had in memory before: passages, questions, passwords.
"""

from __future__ import annotations

import struct
from pathlib import Path

_HEADER = struct.Struct("<iQQQQ")
"""Version, offset, elements there is room for, elements that there are, bytes of an element."""
_PART = 2**20


def blank_unused(folder: Path) -> None:
    """Write zeros behind the last vector of every index below `folder`. Nothing may have the files open."""
    for header in folder.glob("*/header.bin"):
        try:
            _, _, room, count, size = _HEADER.unpack(header.read_bytes()[: _HEADER.size])
        except (OSError, struct.error):
            continue  # damaged: opening tells of it
        for name, each in (("data_level0.bin", size), ("length.bin", 4)):
            path = header.with_name(name)
            if path.exists() and path.stat().st_size == room * each:
                _blank(path, count * each)


def _blank(path: Path, start: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        while part := file.read(_PART):
            if part.strip(b"\0"):
                file.seek(-len(part), 1)
                file.write(bytes(len(part)))
