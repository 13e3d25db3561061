"""A bucket as an object store: S3 and its like, Google Cloud Storage, Azure. By obstore, an extra."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import MissingExtraError, NothingToIndexError, PublishedError
from ..load.sources import folder_at, is_address
from ..store.published import is_copy
from .base import ObjectStore, StoredObject
from .folder import FolderStore

if TYPE_CHECKING:
    from obstore.store import ObjectStore as Store

_TIMEOUT = timedelta(seconds=30)
"""For one request. A block has a fraction of a megabyte."""
_RETRIES = 6
_PATIENCE = timedelta(minutes=1)
"""For a request with all its retries."""
_DELETED = 1000
"""Objects that S3 deletes at a request."""
_SAID = 300
"""Most characters of a library's message that an error repeats."""


def store_at(place: str | Path) -> ObjectStore:
    """The object store at an address (`s3://bucket/prefix`, `gs://`, `az://`, `file:///folder`), or in a folder.

    Keys come from the environment, as the cloud's own programs read them. Raises PublishedError for an address that
    cannot be used, and MissingExtraError for a bucket without obstore.
    """
    address = str(place)
    if not is_address(place):
        return _folder_store(Path(place).expanduser().absolute())
    parts = urlsplit(address)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise PublishedError(
            f"an address is SCHEME://BUCKET/PREFIX, without keys or parameters (the one for {parts.scheme} has some); "
            "keys are read from the environment"
        )
    if parts.scheme == "file":
        try:
            return _folder_store(folder_at(address))
        except NothingToIndexError as error:
            raise PublishedError(str(error)) from error
    return BucketStore(address)


def _folder_store(folder: Path) -> FolderStore:
    if is_copy(folder):
        raise PublishedError(
            f"{folder} is the local copy of a reader, in which nothing is published; name another place"
        )
    return FolderStore(folder)


class BucketStore:
    """Objects below a prefix of a bucket."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self._store = _connected(self.address)

    def get(self, name: str, most: int) -> bytes | None:
        import obstore

        content = bytearray()
        with self._reported(f"{name} cannot be read"):
            try:
                for part in obstore.get(self._store, name).stream(min_chunk_size=2**16):
                    content += part
                    if len(content) > most:
                        raise PublishedError(f"{self.address}/{name} has more than {most} bytes; publish or sync again")
            except FileNotFoundError:
                return None
        return bytes(content)

    def put(self, name: str, content: bytes) -> None:
        import obstore

        with self._reported(f"{name} cannot be written"):
            obstore.put(self._store, name, content, use_multipart=False)

    def listed(self, prefix: str) -> Iterator[StoredObject]:
        import obstore

        with self._reported("it cannot be listed"):
            for page in obstore.list(self._store, prefix.rstrip("/") or None):
                for one in page:
                    yield StoredObject(one["path"], one["size"], one["last_modified"].timestamp(), one["e_tag"] or "")

    def delete(self, names: Iterable[str]) -> None:
        import obstore

        with self._reported("it cannot be changed"):
            for batch in _batched(names):
                try:
                    obstore.delete(self._store, batch)
                except FileNotFoundError:  # some clouds stop at the first that is not there
                    for name in batch:
                        with suppress(FileNotFoundError):
                            obstore.delete(self._store, name)

    @contextmanager
    def _reported(self, what: str) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError) as error:
            raise _told(self.address, what, error) from error


def _batched(names: Iterable[str]) -> Iterator[list[str]]:
    """As many as one request may delete."""
    rest = iter(names)
    while batch := list(islice(rest, _DELETED)):
        yield batch


def _connected(address: str) -> Store:
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ImportError:
        raise MissingExtraError(f"what reads {address.partition(':')[0]}:// (obstore)", "bucket") from None
    try:
        return from_url(
            address,
            client_options={"timeout": _TIMEOUT, "allow_http": True},  # only if AWS_ENDPOINT_URL names such a server
            retry_config={"max_retries": _RETRIES, "retry_timeout": _PATIENCE},
        )
    except (BaseError, ValueError, TypeError) as error:
        raise _told(address, "it is no address of a bucket", error) from error


def _told(address: str, what: str, error: Exception) -> PublishedError:
    """The library's message in one line. It names the request, and never a key."""
    said = " ".join(str(error).split("Debug source:")[0].split())[:_SAID]
    return PublishedError(
        f"{address}: {what} ({said}); see whether the bucket is there and can be reached, and whether the keys in the "
        "environment may use it"
    )
