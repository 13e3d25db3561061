"""Paths that Windows opens only when they are spelled out in full.

There `CON` and `aux.txt` are devices in every folder, the dots and spaces at the end of a name are left out, and 259
characters are the longest path. Behind `\\\\?\\` a path means the file of that name, whatever it is. Such files come
from Linux: over a network, from WSL, or out of an archive.
"""

from __future__ import annotations

from pathlib import Path, PurePath, PureWindowsPath
from typing import TypeVar

PathT = TypeVar("PathT", bound=PurePath)

_LONGEST = 259
"""Characters of a path (MAX_PATH without the zero at its end); of a folder's it is less, for a name has to fit in."""
_ROOM = 12
_PORTS = [port + number for port in ("COM", "LPT") for number in "123456789¹²³"]
_DEVICES = frozenset(["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", *_PORTS])


def openable(path: PathT) -> PathT:
    """The same path, behind `\\\\?\\` where Windows would open something else or nothing; unchanged elsewhere."""
    if not isinstance(path, PureWindowsPath):
        return path
    whole = path.absolute() if isinstance(path, Path) else path
    text = str(whole)
    if text.startswith("\\\\?\\") or not whole.is_absolute():
        return path
    if len(text) <= _LONGEST - _ROOM and not any(map(_is_special, whole.parts[1:])):
        return path
    if text.startswith("\\\\"):
        return type(path)("\\\\?\\UNC" + text[1:])
    return type(path)("\\\\?\\" + text)


def _is_special(name: str) -> bool:
    """True for a name that stands for a device, or that Windows shortens."""
    return name.partition(".")[0].rstrip(" ").upper() in _DEVICES or name.rstrip(" .") != name
