"""Searches the bytes of files for words, as `grep -r` does, also in what a database has deleted but not overwritten."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

_PART = 8 * 2**20
_OVERLAP = 512
"""Bytes that a part shares with the previous one: more than the longest form of a word."""


@dataclass(frozen=True, slots=True)
class RawSearch:
    """What was searched, and the words that were found, each with the file that holds it."""

    files: int
    bytes: int
    found: tuple[tuple[Path, str], ...]


def search_folder(folder: Path, words: Collection[str]) -> RawSearch:
    """Search all files below `folder` for words, given in lower case. The case of A to Z is ignored."""
    forms = {word: _forms(word) for word in words}
    found: list[tuple[Path, str]] = []
    files = size = 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        left = dict(forms)
        for part in _parts(path) if forms else ():
            here = [word for word, written in left.items() if any(form in part for form in written)]
            found.extend((path, word) for word in here)
            for word in here:
                del left[word]
        files += 1
        size += path.stat().st_size
    return RawSearch(files, size, tuple(found))


def _forms(word: str) -> list[bytes]:
    """The forms of a word in a file: in UTF-8, escaped as in JSON, with capitals other than A to Z."""
    spellings = {word, json.dumps(word)[1:-1].lower()}
    if not word.isascii():
        spellings |= {word.capitalize(), word.upper(), json.dumps(word.capitalize())[1:-1].lower()}
    return sorted(spelling.encode("utf-8", "surrogatepass") for spelling in spellings)


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        before = b""
        while data := file.read(_PART):
            data = before + data.lower()
            yield data
            before = data[-_OVERLAP:]
