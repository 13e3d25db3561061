"""What recognizes text, and what it gives: the words of a picture with their places."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from ...errors import RagtreeError

Pixels: TypeAlias = NDArray[np.uint8]
"""A picture, shape (height, width, 3): red, green and blue."""


class RecognizedWord(NamedTuple):
    """A word, and the middle of its left and right edge in pixels from the top left corner."""

    text: str
    left: tuple[float, float]
    right: tuple[float, float]
    confidence: float
    """How sure the engine is of the letter of which it is least sure, 0 to 1."""
    spaced: bool
    """White space came before it."""


class RecognizedLine(NamedTuple):
    """Words beside each other."""

    words: tuple[RecognizedWord, ...]
    height: float
    """Of its letters, with those parts that rise and fall, in pixels."""


@dataclass(frozen=True, slots=True)
class RecognizedPage:
    """The text of a picture."""

    width: int
    height: int
    """Of the picture, in pixels."""
    lines: tuple[RecognizedLine, ...]
    unread: int = 0
    """Lines that are there and could not be read: most likely in a script that the engine does not know."""

    def to_json(self) -> str:
        """As it is kept and sent."""
        return _PAGE.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> RecognizedPage:
        """Raises ValueError for what is no such page."""
        return _PAGE.validate_json(text)


def is_page(text: str) -> bool:
    """True for what `from_json` takes: what reads files of strangers may say anything."""
    try:
        RecognizedPage.from_json(text)
    except ValueError:
        return False
    return True


_PAGE: TypeAdapter[RecognizedPage] = TypeAdapter(RecognizedPage)


class NotRecognizedError(RagtreeError):
    """A picture is not recognized; `why` is what a notice calls it (`PICTURES`, `NO_ENGINE` or `LATER` of held.py)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Recognizer(Protocol):
    """Recognizes the text of pictures."""

    def check(self) -> None:
        """Raises NotRecognizedError if nothing is recognized now, whatever the picture."""
        ...

    def recognize(self, pixels: Pixels) -> RecognizedPage:
        """The words of a picture. Raises NotRecognizedError."""
        ...


def key_of(pixels: Pixels, engine: str) -> str:
    """What stands for a picture among those that were recognized: the same picture has the same text."""
    digest = hashlib.sha256(f"{engine} {pixels.shape}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
