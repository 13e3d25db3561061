"""The tree in a Chroma server, which several processes share."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urlsplit

from ..errors import IndexUnreachableError, StoreError
from .chroma import ChromaStore

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

_DATABASE = "default_database"
_TENANT = "default_tenant"
_CONNECT = 10.0
_ANSWER = 120.0
"""Seconds to wait for an answer, after at most `_CONNECT` to connect. Chroma's client alone would wait forever."""


class ServedStore(ChromaStore):
    """The same store, but another process has the files. Many threads may send requests."""

    def __init__(self, url: str, database: str = "", create: bool = True) -> None:
        """`url` is http(s)://[user:password@]host[:port][/path]; `database` is Chroma's own one if it is empty. With
        `create`, missing collections are made.

        Raises IndexUnreachableError if the server cannot be reached, is not a Chroma server, has another version, or
        lacks the collections; StoreError if it refuses to make the database.
        """
        import chromadb
        from chromadb.config import Settings

        parts = urlsplit(url)
        self._create = create
        self._url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        headers = _authorization(parts)
        self._check_version(headers)
        with self.reported("connect"):
            if database:
                self._find_database(database, headers)
            self._client = chromadb.HttpClient(
                host=self._url,
                ssl=parts.scheme == "https",
                headers=dict(headers),
                settings=Settings(anonymized_telemetry=False),
                database=database or _DATABASE,
            )
            self._limit_time()
            self._open_collections()

    def _collection(self, name: str) -> Collection:
        from chromadb.errors import NotFoundError

        if self._create:
            return super()._collection(name)
        try:
            return self._client.get_collection(name, embedding_function=None)
        except NotFoundError as error:
            raise self._empty() from error

    @property
    def url(self) -> str:
        """The server's address, without a password."""
        return self._url

    def make_missing(self) -> None:
        """Make the collections that do not exist."""
        if not self._create:
            self._create = True
            with self.reported("make its collections"):
                self._open_collections()

    def clear(self) -> None:
        """Remove every node. The collections stay, because other processes have them open."""
        with self.reported("clear"):
            for collection in (self._summaries, self._leaves):
                while ids := collection.get(include=[], limit=1000)["ids"]:
                    collection.delete(ids=ids)

    def _found_again(self) -> bool:
        self._open_collections()
        return True

    @contextmanager
    def reported(self, what: str) -> Iterator[None]:
        """Raise errors of Chroma's client as ours, in one sentence. Those it does not know are plain Exceptions."""
        import httpx
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, httpx.HTTPError, ValueError) as error:
            raise self._unreachable(what, error) from error
        except Exception as error:
            if type(error) is not Exception:
                raise
            raise self._unreachable(what, error) from error

    def _unreachable(self, what: str, error: Exception) -> IndexUnreachableError:
        reason = " ".join(str(error).split()) or type(error).__name__
        return IndexUnreachableError(
            f"the Chroma server at {self._url} cannot {what} ({reason[:200]}); is it running? start it with: "
            "ragtree serve-store FOLDER"
        )

    def _check_version(self, headers: dict[str, str]) -> None:
        """Check that the server is a Chroma of our version. Chroma's client would fail with some unrelated error."""
        import chromadb
        import httpx

        with self.reported("be reached"):
            answer = httpx.get(f"{self._url}/api/v2/version", headers=headers, timeout=_CONNECT)
        version = answer.text.strip().strip('"')
        wanted = chromadb.__version__.partition(".")[0]
        if answer.status_code in (401, 403):
            raise IndexUnreachableError(
                f"the server at {self._url} refuses the request ({answer.status_code}); give a user and a password in "
                "store.url: http://user:password@host:port"
            )
        if answer.status_code != 200 or not version[:1].isdigit():
            raise IndexUnreachableError(
                f"the server at {self._url} is no Chroma server of version {wanted} (it answered {answer.status_code} "
                f"to /api/v2/version); start one with: ragtree serve-store FOLDER"
            )
        if version.partition(".")[0] != wanted:
            raise IndexUnreachableError(
                f"the Chroma server at {self._url} has version {version}, chromadb here is {chromadb.__version__}; "
                f"run a server of version {wanted}, such as: ragtree serve-store FOLDER"
            )

    def _empty(self) -> IndexUnreachableError:
        return IndexUnreachableError(
            f"the Chroma server at {self._url} holds no index yet; a process that may write fills it: "
            "ragtree index FOLDER"
        )

    def _find_database(self, name: str, headers: dict[str, str]) -> None:
        import httpx

        at = f"{self._url}/api/v2/tenants/{_TENANT}/databases"
        if httpx.get(f"{at}/{quote(name)}", headers=headers, timeout=_CONNECT).status_code == 200:
            return
        if not self._create:
            raise self._empty()
        made = httpx.post(at, json={"name": name}, headers=headers, timeout=_CONNECT)
        if made.status_code not in (200, 201, 409):  # 409: another process made it meanwhile
            raise StoreError(
                f"the Chroma server at {self._url} cannot make the database {name!r} ({made.text[:200]}); "
                "name another one in store.url, after a #"
            )

    def _limit_time(self) -> None:
        import httpx

        session: Any = getattr(getattr(self._client, "_server", None), "_session", None)
        if isinstance(session, httpx.Client):
            session.timeout = httpx.Timeout(_ANSWER, connect=_CONNECT)

    def blank_unused(self) -> None:
        """Do nothing: the files belong to the server."""

    def close(self) -> None:
        self._client.close()  # type: ignore[attr-defined]


def _authorization(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{parts.username}:{parts.password or ''}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
