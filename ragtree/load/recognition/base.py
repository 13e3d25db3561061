"""The interface of text recognition: a picture -> its words with their places."""

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
    """A word, and the midpoints of its left and right edges in pixels from the top left corner."""

    text: str
    left: tuple[float, float]
    right: tuple[float, float]
    confidence: float
    """The confidence of its least certain letter, 0 to 1."""
    spaced: bool
    """True if white space came before it."""


class RecognizedLine(NamedTuple):
    """Words side by side."""

    words: tuple[RecognizedWord, ...]
    height: float
    """Of its letters, with ascenders and descenders, in pixels."""


@dataclass(frozen=True, slots=True)
class RecognizedPage:
    """The text of a picture."""

    width: int
    height: int
    """Of the picture, in pixels."""
    lines: tuple[RecognizedLine, ...]
    unread: int = 0
    """Lines that were found but could not be read, most likely because the engine does not know their script."""

    def to_json(self) -> str:
        """The page as JSON, as it is stored and sent."""
        return _PAGE.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> RecognizedPage:
        """The page in a JSON text. Raises ValueError if it is not one."""
        return _PAGE.validate_json(text)


def is_page(text: str) -> bool:
    """True if `from_json` accepts the text. A process that reads untrusted files may send anything."""
    try:
        RecognizedPage.from_json(text)
    except ValueError:
        return False
    return True


_PAGE: TypeAdapter[RecognizedPage] = TypeAdapter(RecognizedPage)


class NotRecognizedError(RagtreeError):
    """A picture is not recognized or described. `why` is its name in a notice: `PICTURES`, `NO_ENGINE`, `LATER` or
    `FIGURES_LATER` of format_contents.py."""

    def __init__(self, why: str, reason: str = "") -> None:
        super().__init__(reason or why)
        self.why = why
        self.reason = reason
        """What failed, if something did."""


class Recognizer(Protocol):
    """Recognizes the text of pictures."""

    def check(self) -> None:
        """Raise NotRecognizedError if no picture can be recognized now."""
        ...

    def recognize(self, pixels: Pixels) -> RecognizedPage:
        """The words of a picture. Raises NotRecognizedError if it is not recognized."""
        ...


class Describer(Protocol):
    """Describes pictures in words."""

    wanted: bool
    """False if no model is asked."""

    def describe(self, pixels: Pixels) -> str:
        """What a model says of a picture; empty if no model is asked, or if it calls the picture mere decoration.

        Raises NotRecognizedError if the picture has to wait.
        """
        ...


class NothingDescribed:
    """Asks no model."""

    wanted = False

    def describe(self, pixels: Pixels) -> str:
        return ""


def key_of(pixels: Pixels, engine: str) -> str:
    """The key of a picture among those that were recognized: a hash of its pixels and of the engine's name."""
    digest = hashlib.sha256(f"{engine} {pixels.shape}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
