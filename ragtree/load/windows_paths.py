"""Paths that Windows opens only in their extended form.

On Windows, `CON` and `aux.txt` are devices in every folder, dots and spaces at the end of a name are dropped, and a
path has at most 259 characters. With the prefix `\\\\?\\` a path means exactly the file of that name. Such files come
from Linux: over a network, from WSL, or out of an archive.
"""

from __future__ import annotations

from pathlib import Path, PurePath, PureWindowsPath
from typing import TypeVar

PathT = TypeVar("PathT", bound=PurePath)

_LONGEST = 259
"""Most characters of a path (MAX_PATH without its final zero); for folders less, because a name has to fit."""
_ROOM = 12
_PORTS = [port + number for port in ("COM", "LPT") for number in "123456789¹²³"]
_DEVICES = frozenset(["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", *_PORTS])


def openable(path: PathT) -> PathT:
    """The path, with `\\\\?\\` before it if Windows would otherwise open something else or nothing."""
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
    """True for the name of a device, and for a name that Windows shortens."""
    return name.partition(".")[0].rstrip(" ").upper() in _DEVICES or name.rstrip(" .") != name
