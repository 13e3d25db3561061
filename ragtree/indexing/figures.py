"""The descriptions of pictures: asked of a vision model behind a server, and kept, so that each is paid for once."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence

from ..errors import RagtreeError
from ..llm.base import ChatModel, Message, unfinished, write
from ..load.format_contents import FIGURES_LATER
from ..load.recognition.base import NotRecognizedError
from ..prompting import Prompt, render
from ..settings import Settings
from ..store.catalog import Catalog

ANSWER_TOKENS = 250
_WORDS = 120
_LONGEST = 2000
"""Most characters of a description; a model that writes more repeats itself."""
_MOST_FAILURES = 3
"""Failures in a row after which the server is not asked any more: every request may take minutes to fail."""

logger = logging.getLogger(__name__)


def describing(settings: Settings) -> Prompt:
    """The prompt that goes with a picture."""
    return render("describe", settings.prompts, words=str(_WORDS))


class DescribedFigures:
    """Describes pictures, or reads from the catalog how they were described. Threads may share it."""

    def __init__(self, catalog: Catalog, model: ChatModel, settings: Settings) -> None:
        """`model` reads pictures; its calls are counted by the caller."""
        self.name = model.name
        self._catalog = catalog
        self._model = model
        self._prompt = describing(settings)
        self._failures = 0
        self._lock = threading.Lock()

    def known(self, key: str) -> str | None:
        """The description of the picture with this key; None if it has not been described by this model."""
        return self._catalog.get_page(self._key(key))

    def describe(self, key: str, picture: bytes) -> str:
        """The description, empty for mere decoration. Raises NotRecognizedError if the picture has to wait."""
        known = self.known(key)
        if known is not None:
            return known
        if self._failures >= _MOST_FAILURES:
            raise NotRecognizedError(FIGURES_LATER, "the server has failed several times")
        turns = [Message("system", self._prompt.system), Message("user", self._prompt.user, picture=picture)]
        try:
            said = self._asked(turns)
        except RagtreeError as error:
            with self._lock:
                self._failures += 1
            logger.info("a picture is not described for now: %s", error)
            raise NotRecognizedError(FIGURES_LATER, str(error)) from error
        with self._lock:
            self._failures = 0
        said = "" if said.strip(" .*\"'").upper() == "NONE" else said.lstrip("{")  # the cache also keeps JSON
        self._catalog.put_page(self._key(key), said)
        return said

    def _asked(self, turns: Sequence[Message]) -> str:
        """The answer. One that was cut off is kept up to its last sentence: asked again, it would be cut off again."""
        written = write(self._model, turns, ANSWER_TOKENS)
        if not written.text:
            raise unfinished(self.name, written, ANSWER_TOKENS)
        text = " ".join(written.text.split())[:_LONGEST]
        whole = text.rpartition(". ")[0] if written.ending.cut else ""
        return f"{whole}." if whole else text

    def _key(self, key: str) -> str:
        asked = f"{self._model.name}\n{self._prompt.system}\n{self._prompt.user}\n{key}"
        return hashlib.sha256(asked.encode()).hexdigest()


class CountedFigures:
    """For a plan: counts the pictures that would have to be described, and asks no model."""

    def __init__(self, figures: DescribedFigures) -> None:
        self.unknown: set[str] = set()
        """The keys of pictures without a description."""
        self._figures = figures

    def describe(self, key: str, picture: bytes) -> str:
        """The known description. Raises NotRecognizedError if there is none."""
        known = self._figures.known(key)
        if known is None:
            self.unknown.add(key)
            raise NotRecognizedError(FIGURES_LATER)
        return known
