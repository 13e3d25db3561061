"""The bytes of a sitemap (sitemaps.org) -> the addresses in it. Nothing in it is trusted."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

MOST_BYTES = 50_000_000
"""Of a sitemap, unpacked, as its protocol allows."""
_GZIP = b"\x1f\x8b"
_DEEPEST = 8
"""Levels of elements. A sitemap has three, and one more for pictures and films."""
_LONGEST = 2048
"""Characters of an address, as the protocol allows."""
_LISTS = {"urlset": "url", "sitemapindex": "sitemap"}
"""The element that a sitemap of each kind repeats, by its root."""
_WAY = "name a sitemap, such as https://host/sitemap.xml"


@dataclass(frozen=True, slots=True)
class Listed:
    """A page, or another sitemap."""

    address: str
    lastmod: str
    """When it was changed, as the sitemap says (W3C Datetime); empty if it does not say."""


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap lists: pages, or if it `is_index`, other sitemaps."""

    is_index: bool
    listed: tuple[Listed, ...]


def unpacked(data: bytes, most: int) -> bytes:
    """What was packed with gzip. Raises OSError if it is broken or has more than `most` bytes."""
    reader = zlib.decompressobj(wbits=31)
    try:
        content = reader.decompress(data, most + 1)
    except zlib.error as error:
        raise OSError(f"it is packed with gzip, and broken ({error})") from error
    if len(content) > most:
        raise OSError(f"it unpacks to more than {most / 1e6:g} MB")
    if not reader.eof:
        raise OSError("it is packed with gzip, and its end is missing")
    return content


def read_sitemap(data: bytes) -> Sitemap:
    """Raises OSError if the bytes are no sitemap, broken, too large, or declare entities, as no sitemap needs to."""
    reader = _Reader()
    try:
        reader.read(unpacked(data, MOST_BYTES) if data.startswith(_GZIP) else data)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: an encoding that expat does not know
        raise OSError(f"it is no sitemap, or a broken one ({error})") from error
    return Sitemap(reader.path[0] == "sitemapindex", tuple(reader.found))


@dataclass(slots=True)
class _Reader:
    """Follows the elements of a document, without a tree of them."""

    found: list[Listed] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    """The names of the open elements, without namespaces. The root stays."""
    fields: dict[str, str] = field(default_factory=dict)
    """The texts in the open entry."""

    def read(self, data: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._declared
        parser.StartElementHandler = self._begun
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = self._text
        parser.Parse(data, True)

    def _declared(self, *_: object) -> None:
        raise OSError(f"it declares a document type, which no sitemap has; {_WAY}")

    def _begun(self, name: str, _: object) -> None:
        self.path.append(name.rpartition(" ")[2])
        if len(self.path) == 1 and self.path[0] not in _LISTS:
            raise OSError(f"its root is <{self.path[0][:40]}>, not <urlset> or <sitemapindex>; {_WAY}")
        if len(self.path) > _DEEPEST:
            raise OSError(f"its elements nest more than {_DEEPEST} levels deep")

    def _text(self, text: str) -> None:
        if len(self.path) == 3 and self.path[1] == _LISTS[self.path[0]]:
            name = self.path[2]
            self.fields[name] = (self.fields.get(name, "") + text)[: _LONGEST + 1]

    def _ended(self, _: str) -> None:
        if len(self.path) == 2:
            address = self.fields.get("loc", "").strip()
            if 0 < len(address) <= _LONGEST:
                self.found.append(Listed(address, self.fields.get("lastmod", "").strip()))
            self.fields.clear()
        if len(self.path) > 1:
            self.path.pop()
