"""The header of a GGUF file: which model it holds, and how long the complete file has to be.

The format is described in github.com/ggml-org/ggml, docs/gguf.md. Only the header is read, which has some megabytes if
the vocabulary is large.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""Value types by number, as format characters of `struct`; 8 is a string and 9 an array."""
_TEXT, _LIST = 8, 9
_MOST = 1 << 24
"""Most entries or bytes. A larger number means that the header is damaged."""
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip
"""Numbers in a block of each tensor type, and its bytes (ggml.h). Of other types, only the offset is known."""


@dataclass(frozen=True, slots=True)
class GgufHead:
    """The contents of a header."""

    facts: Mapping[str, str | int | float | bool]
    """Its scalar values by name, without arrays."""
    size: int
    """Least number of bytes of the complete file."""

    @property
    def architecture(self) -> str:
        """The kind of model, such as `llama`, `bert` or `clip`."""
        return str(self.facts.get("general.architecture", ""))

    @property
    def context(self) -> int:
        """The context length of the model; 0 if the file does not give it."""
        told = self.facts.get(f"{self.architecture}.context_length", 0)
        return int(told) if isinstance(told, int | float) else 0


def read_head(path: Path) -> GgufHead:
    """The header of a file. Raises ValueError if it is not a GGUF file or ends within its header, and OSError."""
    with path.open("rb") as file:
        try:
            return _GgufReader(file).head()
        except (struct.error, UnicodeDecodeError) as error:
            raise ValueError("it is incomplete: it ends within its header") from error


def why_broken(path: Path, head: GgufHead) -> str:
    """Why the file with that header cannot be used; empty if it is complete."""
    there = path.stat().st_size
    if there < head.size:
        return f"it is incomplete: {there / 1e6:.0f} MB of at least {head.size / 1e6:.0f} MB"
    return ""


class _GgufReader:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def head(self) -> GgufHead:
        if self._file.read(4) != MAGIC:
            raise ValueError("it is not a GGUF file")
        version = self._number("I")
        if version not in _VERSIONS:
            raise ValueError(f"it has GGUF version {version}; ragtree reads versions {_VERSIONS[0]} and {_VERSIONS[1]}")
        tensors, entries = self._number("Q"), self._number("Q")
        if max(tensors, entries) > _MOST:
            raise ValueError("its header is damaged")
        facts = {}
        for _ in range(entries):
            name, value = self._text(), self._value(self._number("I"))
            if value is not None:
                facts[name] = value
        ends = [self._tensor() for _ in range(tensors)]
        alignment = int(facts.get("general.alignment", 32)) or 32
        begin = -(-self._file.tell() // alignment) * alignment
        return GgufHead(facts, begin + max(ends, default=0))

    def _tensor(self) -> int:
        """The offset, after the header, at which a tensor ends."""
        self._text()
        sides = [self._number("Q") for _ in range(min(self._number("I"), 8))]
        kind, offset = self._number("I"), self._number("Q")
        numbers = 1
        for side in sides:
            numbers *= side
        block, size = _BLOCKS.get(kind, (1, 0))
        return int(offset + numbers // block * size)

    def _value(self, kind: int) -> str | int | float | bool | None:
        """A value; None for an array, which is skipped."""
        if kind == _TEXT:
            return self._text()
        if kind == _LIST:
            self._pass_list()
            return None
        if kind not in _SCALARS:
            raise ValueError("its header is damaged")
        value: int | float | bool = self._number(_SCALARS[kind])
        return value

    def _pass_list(self) -> None:
        kind, count = self._number("I"), self._number("Q")
        if count > _MOST:
            raise ValueError("its header is damaged")
        if kind in _SCALARS:
            self._file.seek(count * struct.calcsize(f"<{_SCALARS[kind]}"), 1)
            return
        for _ in range(count):
            if kind == _TEXT:
                self._file.seek(self._length(), 1)
            elif kind == _LIST:
                self._pass_list()
            else:
                raise ValueError("its header is damaged")

    def _text(self) -> str:
        return self._bytes(self._length()).decode("utf-8", "replace")

    def _length(self) -> int:
        length: int = self._number("Q")
        if length > _MOST:
            raise ValueError("its header is damaged")
        return length

    def _number(self, kind: str) -> int:
        (number,) = struct.unpack(f"<{kind}", self._bytes(struct.calcsize(f"<{kind}")))
        return number  # type: ignore[no-any-return]

    def _bytes(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) < count:
            raise ValueError("it is incomplete: it ends within its header")
        return data
