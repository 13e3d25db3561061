"""`s3://bucket/prefix`, and buckets of other clouds: the objects below a prefix as files."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import PublishedError
from ..load.base import FileEntry, Listing
from ..publish.base import ObjectStore, StoredObject
from ..publish.bucket import store_at
from .names import kept


class BucketSource:
    """Objects. One whose ETag is the same as last time is not downloaded."""

    def __init__(self, address: str) -> None:
        self._store = store_at(address)
        self.address = self._store.address

    def files(self) -> Listing:
        found = {one.name: one for one in self._store.listed("") if not one.name.endswith("/")}
        names, ignored = kept(found)
        return Listing(tuple(self._entry(found[name]) for name in names), ignored)

    def _entry(self, one: StoredObject) -> FileEntry:
        content = _Object(self._store, one.name, one.size)
        return FileEntry(one.name, content, one.size, int(one.modified * 1e9), one.tag)


@dataclass(frozen=True, slots=True)
class _Object:
    """The content of an object."""

    store: ObjectStore
    name: str
    size: int
    """Bytes, as it was listed."""

    def read_bytes(self) -> bytes:
        try:
            content = self.store.get(self.name, self.size)
        except PublishedError as error:
            raise OSError(str(error)) from error
        if content is None:
            raise FileNotFoundError(f"{self.name} is gone")
        return content
