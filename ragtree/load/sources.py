"""Finds the source that an address names, by its scheme."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import resolve_name
from urllib.parse import unquote, urlsplit

from ..errors import NothingToIndexError
from .base import Source
from .listing import Folder

GROUP = "ragtree.sources"
"""The entry points by which packages add sources."""
_OWN = {
    **dict.fromkeys(("s3", "gs", "az"), "ragtree.sources.bucket:BucketSource"),
    **dict.fromkeys(("http", "https"), "ragtree.sources.site:SiteSource"),
    "git+file": "ragtree.sources.repository:RepositorySource",
}


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
    others = {point.name: point for point in entry_points(group=GROUP)}
    if scheme in _OWN:
        source: Source = resolve_name(_OWN[scheme])(address)
    elif scheme in others:
        source = others[scheme].load()(address)
    else:
        known = ", ".join(f"{name}://" for name in sorted({"file", *_OWN, *others}))
        raise NothingToIndexError(f"nothing reads {scheme}://; name a folder, or an address that begins with {known}")
    return source
