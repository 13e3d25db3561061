"""Memory, and the disk of the index."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..inventory.machine_memory import machine_memory
from ..load.listing import INDEX_FILE
from .base import Check, State

_BESIDE = 1.2e9
"""Most bytes that ragtree needs with the bundled models, for indexing and answering (docs/limits.md)."""
_LEAST_FREE = 100_000_000
"""Size of a small index in bytes."""


def memory_checks(model: Path | None) -> Iterator[Check]:
    """Whether the file of the language model fits into the free memory."""
    told = machine_memory()
    found = f"{told.available / 1e9:.1f} GB of {told.total / 1e9:.1f} GB are free"
    size = model.stat().st_size if model is not None and model.is_file() else 0
    if told.available < size + _BESIDE:
        want = f"about {(size + _BESIDE) / 1e9:.1f} GB are needed"
        yield Check(
            "memory", f"{found}; {want}", "wrong", "close other programs, or use a smaller model: ragtree models"
        )
    else:
        yield Check("memory", found)


def disk_checks(index: Path) -> Iterator[Check]:
    """Whether the index can be written, and whether there is room to write it again."""
    place = index
    while not place.exists() and place != place.parent:
        place = place.parent
    free, size = shutil.disk_usage(place).free, _size(index)
    found = f"{free / 1e9:.1f} GB are free at {place}"
    if not os.access(place, os.W_OK):
        state: State = (
            "note" if (index / INDEX_FILE).is_file() else "wrong"
        )  # an index that exists can still be searched
        yield Check("disk", f"{place} cannot be written", state, "make it writable, or name another place with --index")
    elif free < max(size, _LEAST_FREE):
        yield Check(
            "disk",
            f"{found}, and the index takes {size / 1e9:.1f} GB",
            "wrong",
            "make room: `ragtree repair` and `ragtree purge` need as much again",
        )
    else:
        yield Check("disk", found)


def _size(folder: Path) -> int:
    size = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                size += (Path(root) / name).stat().st_size
            except OSError:  # files come and go while a sync writes
                continue
    return size
