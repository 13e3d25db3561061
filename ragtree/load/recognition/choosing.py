"""Whether text is recognized: if it is wanted, and the engine is there."""

from __future__ import annotations

from ...settings import LoadSettings
from ..held import NO_ENGINE, PICTURES
from .base import NotRecognizedError, Pixels, RecognizedPage, Recognizer
from .engine import Engine, engine_name, is_installed


class NothingRecognized:
    """A recognizer that says why there is none."""

    def __init__(self, why: str = PICTURES) -> None:
        self._why = why

    def check(self) -> None:
        raise NotRecognizedError(self._why)

    def recognize(self, pixels: Pixels) -> RecognizedPage:
        raise NotRecognizedError(self._why)


def recognizer_for(limits: LoadSettings, engine: Recognizer | None = None) -> Recognizer:
    """What recognizes pictures under these settings; `engine` does it where it is wanted and can be done."""
    if not limits.ocr:
        return NothingRecognized(PICTURES)
    return (engine or Engine()) if is_installed() else NothingRecognized(NO_ENGINE)


def recognition(limits: LoadSettings) -> str:
    """Changes where pages that were not recognized might be now."""
    return engine_name() if limits.ocr and is_installed() else ""
