"""The protocol of a place that holds published snapshots: a flat store of named objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of a store."""

    name: str
    size: int
    """Bytes."""
    modified: float
    """When it was written, in seconds since 1970, by the store's clock."""
    tag: str = ""
    """The ETag: if it is equal, the content is, too. Empty in a folder."""


class ObjectStore(Protocol):
    """Objects by name, such as `blobs/3f/3fa9...`. Threads may share it.

    All methods raise PublishedError if the store cannot be reached or refuses.
    """

    address: str
    """For messages: it holds no secret."""

    def get(self, name: str, most: int) -> bytes | None:
        """The content of an object; None if there is none. Raises PublishedError if it has more than `most` bytes."""
        ...

    def put(self, name: str, content: bytes) -> None:
        """Write an object, wholly or not at all. An existing one is replaced."""
        ...

    def listed(self, prefix: str) -> Iterator[StoredObject]:
        """The objects whose names begin with `prefix`, which ends in `/` or is empty."""
        ...

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects. Names that do not exist are ignored."""
        ...
