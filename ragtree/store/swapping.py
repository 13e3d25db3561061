"""A folder is written anew beside itself, and takes its own place when it is whole.

Killed anywhere, the old one or the new one is there.

chroma                the folder in use
chroma.new            the next one, while it is written
chroma.old            the one before, while the next one takes its place
"""

from __future__ import annotations

import shutil
from pathlib import Path


def begin(path: Path) -> Path:
    """An empty place to write the next `path` to; what an interrupted writing left there is thrown away."""
    settle(path)
    new = _new(path)
    new.mkdir(parents=True)
    return new


def finish(path: Path) -> None:
    """What was written takes the place of `path`. Nothing may have files of either open."""
    if path.exists():
        path.rename(_old(path))
    _new(path).rename(path)
    _throw_away(_old(path))


def settle(path: Path) -> None:
    """Put in order what an interrupted writing left."""
    if not path.exists() and _old(path).exists() and _new(path).exists():  # it was whole, or nothing had moved
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
