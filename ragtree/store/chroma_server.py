"""The tree in a Chroma server, which several processes share."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urlsplit

from ..errors import IndexUnreachableError, StoreError
from ..settings import StoreSettings
from .chroma import ChromaStore

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

KEY_VARIABLE = "CHROMA_API_KEY"
"""The variable with the key of Chroma Cloud, as in Chroma's own client. It goes to servers whose tenant is named."""
_TOKEN = "X-Chroma-Token"
_QUOTA = 300
"""Records that Chroma Cloud takes and returns at a time."""
_DATABASE = "default_database"
_TENANT = "default_tenant"
_CONNECT = 10.0
_ANSWER = 120.0
"""Seconds to wait for an answer, after at most `_CONNECT` to connect. Chroma's client alone would wait forever."""


class ServedStore(ChromaStore):
    """The same store, but another process has the files. Many threads may send requests."""

    def __init__(self, server: StoreSettings, create: bool = True) -> None:
        """The address is http(s)://[user:password@]host[:port][/path]; an empty tenant or database is Chroma's own one.
        With `create`, a missing tenant, database and collections are made.

        Raises IndexUnreachableError if the server cannot be reached, is not a Chroma server, has another version, or
        lacks the collections; StoreError if it refuses to make the database.
        """
        import chromadb
        from chromadb.config import Settings

        parts = urlsplit(server.address)
        tenant, database = server.tenant or _TENANT, server.database or _DATABASE
        self._create = create
        self._url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        headers = _authorization(parts, key=bool(server.tenant))
        if _TOKEN in headers:  # Chroma Cloud has these quotas
            self._most = self._most_found = _QUOTA
        self._check_version(headers)
        with self.reported("connect"):
            at = "/api/v2/tenants"
            if server.tenant:
                self._find(at, tenant, "tenant", headers)
            if server.database:
                self._find(f"{at}/{quote(tenant)}/databases", database, "database", headers)
            self._client = chromadb.HttpClient(
                host=self._url,
                ssl=parts.scheme == "https",
                headers=dict(headers),
                settings=Settings(anonymized_telemetry=False),
                tenant=tenant,
                database=database,
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
                while ids := collection.get(include=[], limit=self._most)["ids"]:
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
        reason = _without_key(" ".join(str(error).split())) or type(error).__name__
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
            raise self._refused(answer.status_code)
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

    def _refused(self, status: int) -> IndexUnreachableError:
        return IndexUnreachableError(
            f"the server at {self._url} refuses the request ({status}); give a user and a password in store.url: "
            f"http://user:password@host:port, or for Chroma Cloud a tenant, https://host#TENANT/DATABASE, and its key "
            f"in the variable {KEY_VARIABLE} (which is sent by https, and on this machine)"
        )

    def _find(self, path: str, name: str, what: str, headers: dict[str, str]) -> None:
        """Make a tenant or a database, unless it is there."""
        import httpx

        found = httpx.get(f"{self._url}{path}/{quote(name)}", headers=headers, timeout=_CONNECT)
        if found.status_code == 200:
            return
        if found.status_code in (401, 403):
            raise self._refused(found.status_code)
        if not self._create:
            raise self._empty()
        made = httpx.post(f"{self._url}{path}", json={"name": name}, headers=headers, timeout=_CONNECT)
        if made.status_code not in (200, 201, 409):  # 409: another process made it meanwhile
            raise StoreError(
                f"the Chroma server at {self._url} cannot make the {what} {name!r} ({_without_key(made.text)[:200]}); "
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


def _authorization(parts: SplitResult, key: bool) -> dict[str, str]:
    """The headers with the user and the password of an address and, if it takes a `key`, with that of Chroma Cloud.

    Raises IndexUnreachableError if the variable holds something else than a key: errors of clients would show it.
    """
    headers: dict[str, str] = {}
    if parts.username is not None:
        pair = f"{parts.username}:{parts.password or ''}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"
    token = _key()
    if key and token and (parts.scheme == "https" or _is_here(parts.hostname or "")):
        if not (token.isascii() and token.isprintable()):
            raise IndexUnreachableError(f"the variable {KEY_VARIABLE} holds characters that no key has; set it again")
        headers[_TOKEN] = token
    return headers


def _key() -> str:
    return os.environ.get(KEY_VARIABLE, "").strip()


def _without_key(text: str) -> str:
    return text.replace(_key(), "***") if _key() else text


def _is_here(host: str) -> bool:
    """True for a name or an address of this machine, from which nothing is sent over a network."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
