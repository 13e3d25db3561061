"""`https://host/sitemap.xml`: the pages of a site, as its sitemap lists them."""

from __future__ import annotations

import mimetypes
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import PurePosixPath
from types import MappingProxyType
from urllib.parse import unquote, urldefrag, urlsplit

from ..errors import LoadError, NothingToIndexError, StoreError
from ..load.base import FileEntry, GoneError, Listing, UnchangedError
from ..load.endings import has_loader
from ..load.members import is_archive
from .sitemap import MOST_BYTES, Listed, Sitemap, read_sitemap
from .web_host import NO_HEADERS, Answer, WebHost, root_of

_MOST_PAGES = 100_000
"""More than a day of requests."""
_MOST_SITEMAPS = 1000
_DEEPEST = 3
"""Levels of sitemaps that list sitemaps. The protocol knows one."""
_MOST_PAGE_BYTES = 50_000_000
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_ELSEWHERE = "on another host or port"
_FORBIDDEN = "forbidden by robots.txt"
_NOT_ASKED = "?"
"""The tag of a page that has to be asked for: no page that was read has it."""
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_NOTHING: Mapping[str, str] = MappingProxyType({})


class SiteSource:
    """The pages of one host, whose ids are their addresses.

    A page whose <lastmod> is as it was is not asked for. Otherwise the server is asked whether the page has changed
    since, by its ETag or Last-Modified.
    """

    def __init__(self, address: str) -> None:
        self.address = urldefrag(address).url
        root = root_of(address)
        if not root:
            raise NothingToIndexError(
                f"{urlsplit(address).scheme}: is no address of a sitemap, or it holds a name or a password; name one "
                "as https://host/sitemap.xml"
            )
        self._host = WebHost(root)

    def files(self) -> Listing:
        return self.files_since(_NOTHING)

    def files_since(self, tags: Mapping[str, str]) -> Listing:
        try:
            self._host.read_rules()
            if not self._host.allows(self.address):
                raise OSError(f"it is {_FORBIDDEN}")
            pages, ignored = self._pages()
        except OSError as error:
            raise StoreError(f"{self.address} cannot be indexed: {error}; the index stays as it was") from error
        listed = (Listed(address, lastmod) for address, lastmod in sorted(pages.items()))
        entries = (self._entry(one, tags.get(one.address, "")) for one in listed)
        return Listing(tuple(entries), dict(sorted(ignored.items())))

    def _pages(self) -> tuple[dict[str, str], Counter[str]]:
        """The <lastmod> of every page by address, and how many addresses are left out, by reason. Raises OSError."""
        pages: dict[str, str] = {}
        ignored = Counter[str]()
        due, seen = deque([(self.address, 0)]), {self.address}
        while due:
            sitemap, depth = due.popleft()
            found = self._sitemap(sitemap)
            if found is None and not depth:
                raise NothingToIndexError(f"there is no {self.address}; name the sitemap of a site")
            ignored["sitemaps that are gone"] += found is None
            for one in found.listed if found is not None else ():
                address = urldefrag(one.address).url
                reason = self._why_not(address)
                if reason:
                    ignored[reason] += 1
                elif found is not None and not found.is_index:
                    pages[address] = one.lastmod if _is_time(one.lastmod) else ""
                elif address not in seen:
                    seen.add(address)
                    due.append((address, depth + 1))
            if len(pages) > _MOST_PAGES or len(seen) > _MOST_SITEMAPS or (due and due[-1][1] > _DEEPEST):
                raise OSError(
                    f"it lists more than {_MOST_PAGES} pages, {_MOST_SITEMAPS} sitemaps or {_DEEPEST} levels of them; "
                    "name a sitemap of a part of the site"
                )
        return pages, +ignored

    def _sitemap(self, address: str) -> Sitemap | None:
        """A sitemap; None if it is gone. Any other failure ends the listing: its pages are not gone."""
        try:
            answer = self._host.get(address, MOST_BYTES)
            if answer.status in _GONE:
                return None
            if answer.status != HTTPStatus.OK:
                raise OSError(f"the server answers {answer.status}")
            return read_sitemap(answer.content)
        except OSError as error:
            raise error if address == self.address else OSError(f"{address}: {error}") from error

    def _why_not(self, address: str) -> str:
        if not self._host.has(address):
            return _ELSEWHERE
        return "" if self._host.allows(address) else _FORBIDDEN

    def _entry(self, one: Listed, tag: str) -> FileEntry:
        known = _Tag.read(tag) if tag else None
        modified = int(_time(one.lastmod).timestamp() * 1e9) if one.lastmod else 0
        if known is not None and known.is_current(one.lastmod):
            return FileEntry(one.address, _Page(self._host, one, known), 0, modified, tag)
        return FileEntry(one.address, _Page(self._host, one, known), 0, modified, _NOT_ASKED)


@dataclass(frozen=True, slots=True)
class _Tag:
    """What is kept of a page that was read, as four lines."""

    lastmod: str
    etag: str
    modified: str
    """The header Last-Modified."""
    day: str
    """When the page was read, as YYYY-MM-DD in UTC."""

    @staticmethod
    def read(tag: str) -> _Tag | None:
        lines = tag.split("\n")
        if len(lines) != 4:
            return None
        lastmod, etag, modified, day = lines
        return _Tag(lastmod, etag, modified, day)

    def __str__(self) -> str:
        return "\n".join((self.lastmod, self.etag, self.modified, self.day))

    @property
    def headers(self) -> Mapping[str, str]:
        """Asks for the page only if it has changed."""
        if self.etag:
            return {"If-None-Match": self.etag}
        return {"If-Modified-Since": self.modified} if self.modified else NO_HEADERS

    def is_current(self, lastmod: str) -> bool:
        """True if a sitemap with this <lastmod> says that the page has not changed.

        One without a time says nothing of what came later on its day, in any time zone.
        """
        if not lastmod or lastmod != self.lastmod:
            return False
        return len(lastmod) > 10 or (date.fromisoformat(self.day) - date.fromisoformat(lastmod)).days > 1


class _Page:
    """The content of a page."""

    def __init__(self, host: WebHost, listed: Listed, known: _Tag | None) -> None:
        self._host = host
        self._listed = listed
        self._known = known
        self._answer: Answer | None = None
        self._size = 0

    def read_bytes(self) -> bytes:
        address = self._listed.address
        headers = self._known.headers if self._known is not None else NO_HEADERS
        try:
            answer = self._host.get(address, _MOST_PAGE_BYTES, headers)
        except OSError as error:
            raise LoadError(address, str(error)) from error
        if answer.status in _GONE:
            raise GoneError(address, f"the sitemap lists it, but there is no such page ({answer.status})")
        if answer.status == HTTPStatus.NOT_MODIFIED and headers:
            self._answer = answer
            raise UnchangedError
        if answer.status != HTTPStatus.OK:
            raise LoadError(address, f"the server answers {answer.status}")
        self._answer, self._size = replace(answer, content=b""), len(answer.content)
        return answer.content

    def answered(self, entry: FileEntry) -> FileEntry:
        answer = self._answer
        if answer is None:
            return entry
        etag, modified = answer.etag, answer.modified
        if answer.status == HTTPStatus.NOT_MODIFIED and self._known is not None:
            etag, modified = etag or self._known.etag, modified or self._known.modified
        tag = _Tag(self._listed.lastmod, etag, modified, datetime.now(UTC).date().isoformat())
        ending = _ending(entry.id, answer.kind)
        changed = entry.modified or _header_time(modified)
        return replace(entry, size=self._size, modified=changed, tag=str(tag), ending=ending)


def _ending(address: str, kind: str) -> str:
    """What to put behind an address, so that its last part ends as the format of its content does."""
    path = unquote(urlsplit(address).path)
    if kind in _HTML:
        wanted = ".html"
    elif has_loader(path) or is_archive(path):  # many servers send text/plain for Markdown
        wanted = PurePosixPath(path).suffix
    else:
        wanted = mimetypes.guess_extension(kind) or ""
    if not wanted or address.endswith(wanted):
        return ""
    return f"index{wanted}" if address.endswith("/") else wanted


def _time(lastmod: str) -> datetime:
    """Raises ValueError."""
    found = datetime.fromisoformat(lastmod)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _is_time(lastmod: str) -> bool:
    try:
        return abs(_time(lastmod).timestamp()) < 2**33  # nanoseconds of it fit 64 bits
    except (ValueError, OverflowError):
        return False


def _header_time(modified: str) -> int:
    """Nanoseconds since 1970 of a date in a header; 0 if it is none."""
    try:
        return int(parsedate_to_datetime(modified).timestamp() * 1e9)
    except (TypeError, ValueError, OverflowError):
        return 0
