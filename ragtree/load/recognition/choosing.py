"""Chooses the recognizer: text is recognized if the settings want it and the engine is installed."""

from __future__ import annotations

import importlib.util

from ...settings import LoadSettings
from ..format_contents import NO_ENGINE, PICTURES
from .base import NotRecognizedError, Pixels, RecognizedPage, Recognizer
from .engine import Engine, engine_name, is_installed


class NothingRecognized:
    """A recognizer that recognizes nothing, and says why."""

    def __init__(self, why: str = PICTURES) -> None:
        self._why = why

    def check(self) -> None:
        raise NotRecognizedError(self._why)

    def recognize(self, pixels: Pixels) -> RecognizedPage:
        raise NotRecognizedError(self._why)


def recognizer_for(limits: LoadSettings, engine: Recognizer | None = None) -> Recognizer:
    """The recognizer under these settings: `engine`, or a new one, if recognition is wanted and installed."""
    if not limits.ocr:
        return NothingRecognized(PICTURES)
    return (engine or Engine()) if is_installed() else NothingRecognized(NO_ENGINE)


def describes(limits: LoadSettings) -> bool:
    """True if pictures are to be described, and can be drawn."""
    return limits.vision_model != "none" and importlib.util.find_spec("PIL") is not None


def recognition(limits: LoadSettings) -> str:
    """The engine in use, or empty. If it changes, pages that were not recognized may be now."""
    return engine_name() if limits.ocr and is_installed() else ""
