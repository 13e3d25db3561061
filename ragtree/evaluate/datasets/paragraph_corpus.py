"""A corpus of paragraphs: the contexts of all questions, each title and text once."""

from __future__ import annotations

from collections import Counter

from ...types import Document
from .collected import Collected
from .row_files import Where


class Paragraphs:
    """Paragraphs as documents. Their ids are their titles; the second with a title is `Title (2)`."""

    def __init__(self, collected: Collected) -> None:
        self._collected = collected
        self._keys: dict[tuple[str, str], str] = {}
        self._numbers: Counter[str] = Counter()

    def add(self, title: str, text: str, where: Where) -> Document:
        """The document with this title and text, created if it is new."""
        key = self._keys.get((title, text))
        if key is None:
            key = self._keys[title, text] = self._unused(title or "paragraph")
            self._collected.add_document(Document(key, text, title), where)
        return self._collected.documents[key]

    def _unused(self, title: str) -> str:
        while True:
            self._numbers[title] += 1
            number = self._numbers[title]
            key = title if number == 1 else f"{title} ({number})"
            if key not in self._collected.documents:
                return key


def with_title(title: str, text: str) -> str:
    """The text below its title, as in BEIR, so that both are searched. Without a title, the text alone."""
    return f"{title}\n{text}" if title else text
