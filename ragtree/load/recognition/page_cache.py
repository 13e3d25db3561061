"""Pages that were recognized before, and whether there is time to recognize more."""

from __future__ import annotations

from typing import Protocol


class PageCache(Protocol):
    """Keeps the text of pictures, so that each is recognized once. It is called from several threads."""

    def get(self, key: str) -> str:
        """The text that was put for a picture; empty if it is not known."""
        ...

    def put(self, key: str, page: str) -> None:
        """Keep the text of a picture."""
        ...

    def has_time(self) -> bool:
        """False if no more pictures are to be recognized now."""
        ...


class PictureDescriber(Protocol):
    """Describes pictures for the processes that read files. It is called from several threads."""

    def describe(self, key: str, picture: bytes) -> str:
        """What a model says of the picture with this key, a JPEG; empty for mere decoration.

        Raises NotRecognizedError if it has to wait.
        """
        ...


class NoPageCache:
    """Knows no pages and keeps none."""

    def __init__(self, *, time: bool = True) -> None:
        """If `time` is False, nothing is recognized."""
        self._time = time

    def get(self, key: str) -> str:
        return ""

    def put(self, key: str, page: str) -> None:
        return

    def has_time(self) -> bool:
        return self._time
