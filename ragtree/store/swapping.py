"""Rewrites a folder beside the old one, and swaps the two when the new one is complete.

If the process is killed at any point, the old one or the new one is there.

chroma                the folder in use
chroma.new            the next one, while it is written
chroma.old            the previous one, while the next one replaces it
"""

from __future__ import annotations

import shutil
from pathlib import Path


def begin_swap(path: Path) -> Path:
    """Make an empty folder to write the next `path` to. What an interrupted run left there is deleted."""
    finish_interrupted_swap(path)
    new = _new(path)
    new.mkdir(parents=True)
    return new


def finish_swap(path: Path) -> None:
    """Replace `path` by what was written. Nothing may have files of either open."""
    if path.exists():
        path.rename(_old(path))
    _new(path).rename(path)
    _throw_away(_old(path))


def finish_interrupted_swap(path: Path) -> None:
    """Finish or undo what an interrupted run left."""
    if not path.exists() and _old(path).exists() and _new(path).exists():  # the new one is complete
        _new(path).rename(path)
    _throw_away(_new(path))
    _throw_away(_old(path))


def _new(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _old(path: Path) -> Path:
    return path.with_name(path.name + ".old")


def _throw_away(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
