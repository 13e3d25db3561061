"""Memory, and the disk that the index is on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..inventory.memory import memory
from ..load.listing import INDEX_FILE
from .base import Check, State

_BESIDE = 1.2e9
"""Bytes that ragtree takes with the bundled models, at most, while it indexes and answers (README)."""
_LEAST_FREE = 100_000_000
"""Bytes of a small index."""


def memory_checks(model: Path | None) -> Iterator[Check]:
    """Whether the language model's file fits into what is free."""
    told = memory()
    found = f"{told.available / 1e9:.1f} GB of {told.total / 1e9:.1f} GB are free"
    size = model.stat().st_size if model is not None and model.is_file() else 0
    if told.available < size + _BESIDE:
        want = f"about {(size + _BESIDE) / 1e9:.1f} GB are wanted"
        yield Check(
            "memory", f"{found}; {want}", "wrong", "end other programs, or take a smaller model: ragtree models"
        )
    else:
        yield Check("memory", found)


def disk_checks(index: Path) -> Iterator[Check]:
    """Whether an index can be written there, and written anew."""
    place = index
    while not place.exists() and place != place.parent:
        place = place.parent
    free, size = shutil.disk_usage(place).free, _size(index)
    found = f"{free / 1e9:.1f} GB are free at {place}"
    if not os.access(place, os.W_OK):
        state: State = "note" if (index / INDEX_FILE).is_file() else "wrong"  # what is there can be asked
        yield Check("disk", f"{place} cannot be written", state, "make it writable, or name another place with --index")
    elif free < max(size, _LEAST_FREE):
        yield Check(
            "disk",
            f"{found}, and the index has {size / 1e9:.1f} GB",
            "wrong",
            "make room: `ragtree repair` and `ragtree purge` want as much again",
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
