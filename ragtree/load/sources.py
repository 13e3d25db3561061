"""Finds the source that an address names, by its scheme."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import NothingToIndexError
from ..registry import Registry
from .base import Source
from .listing import Folder

SOURCES = Registry(
    "ragtree.sources",
    "source of files at",
    {
        **dict.fromkeys(("s3", "gs", "az"), "sources.bucket:BucketSource"),
        **dict.fromkeys(("http", "https"), "sources.site:SiteSource"),
        "git+file": "sources.repository:RepositorySource",
    },
    ("file",),
    NothingToIndexError,
)
"""The sources, by the schemes of their addresses. They are called with an address."""


def is_address(place: str | Path) -> bool:
    """True for `SCHEME://...`, False for a path."""
    return isinstance(place, str) and "://" in place


def folder_at(address: str) -> Path:
    """The folder of a `file:` address. Raises NothingToIndexError if it names another machine."""
    parts = urlsplit(address)
    if parts.netloc not in ("", "localhost"):
        raise NothingToIndexError(
            f"{address} names the machine {parts.netloc!r}; write file:///FOLDER with the full path, or the path alone"
        )
    return Path(unquote(parts.path))


def source_of(place: str | Path) -> Source:
    """The source at an address (`s3://bucket/prefix`, `git+file:///repository`, `https://host/sitemap.xml`,
    `file:///folder`), or in a folder.

    Raises NothingToIndexError for a scheme that nothing reads or a `file:` address of another machine, and what the
    source raises.
    """
    if not is_address(place):
        return Folder(Path(place))
    address = str(place)
    scheme = urlsplit(address).scheme
    if scheme == "file":
        return Folder(folder_at(address))
    if scheme not in SOURCES:
        known = ", ".join(f"{name}://" for name in sorted(SOURCES.names()))
        raise NothingToIndexError(f"nothing reads {scheme}://; name a folder, or an address that begins with {known}")
    source: Source = SOURCES.make(scheme, address)
    return source
