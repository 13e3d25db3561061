"""Where a client finds a document: an address of the served page, or one that only this server understands."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from ...errors import NotFoundError
from ..page_addresses import document_path

SCHEME = "ragtree://"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes the addresses that results name. They never hold a path of this machine."""

    base: str = ""
    """How the client reached the server, such as `http://127.0.0.1:8765`; empty where there is no page."""

    def document(self, collection: str, key: str) -> str:
        """The address of a document."""
        if not self.base:
            return resource_uri(collection, key)
        return f"{self.base}/{document_path(collection, key)}"

    def collection(self, name: str) -> str:
        """The address of a collection."""
        return f"{self.base}/{name}" if self.base else f"{SCHEME}{name}"


def resource_uri(collection: str, key: str) -> str:
    """The address of a document as a resource: what the template of the collection gives for its id."""
    return f"{SCHEME}{collection}/{quote(key, safe='')}"


def resource_template(collection: str) -> str:
    """The addresses of all documents of a collection, as RFC 6570 writes them."""
    return f"{SCHEME}{collection}/{{id}}"


def split_uri(uri: str) -> tuple[str, str]:
    """Collection and id of a document's address as a resource. Raises NotFoundError for an address of another kind."""
    name, slash, key = uri.removeprefix(SCHEME).partition("/")
    if not uri.startswith(SCHEME) or not slash:
        raise NotFoundError(f"there is no resource {uri!r}; the addresses here are {SCHEME}COLLECTION/ID")
    return unquote(name), unquote(key)
