"""E-books: the chapters in reading order, each a page of HTML."""

from __future__ import annotations

import posixpath
from functools import partial
from urllib.parse import unquote

from ...errors import LoadError
from ...settings import LoadSettings
from ..base import Loaded
from ..format_contents import BROKEN_PARTS, NoticeCollector
from .html import html_root, read_page
from .html_shown import encoded_picture
from .markup import attribute, child, children, descendants, name, words
from .markup_encoding import decode_markup
from .outline import Outline, facts
from .package import Package, encrypted_parts, open_package
from .pictures import Pictures, Read, Seen

_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


class EpubLoader:
    """`.epub`; a passage is located by the headings of its chapter."""

    def __init__(self, read: Read | None = None) -> None:
        """`read` reads pictures; without it, they are not read."""
        self._read = read

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        package = open_package(data, source, limits, "e-book")
        container = package.xml("META-INF/container.xml")
        listed = [] if container is None else list(descendants(container, "rootfile"))
        part = next((attribute(file, "full-path") for file in listed), "")
        root = package.xml(part)
        if root is None:
            raise LoadError(source, "a broken e-book: it does not say what to read")
        folder = posixpath.dirname(part)
        items = {attribute(item, "id"): item for item in children(child(root, "manifest"), "item")}
        locked = encrypted_parts(package)
        outline, collector = Outline(), NoticeCollector("EPUB")
        pictures = Pictures(limits, collector, self._read)
        read = set()
        for entry in children(child(root, "spine"), "itemref"):
            item = items.get(attribute(entry, "idref"))
            if item is None:
                continue
            chapter = posixpath.normpath(posixpath.join(folder, unquote(attribute(item, "href"))))
            if attribute(item, "media-type") not in _PAGES:
                collector.add("chapters in unsupported formats", chapter)
                continue
            if "nav" in attribute(item, "properties").split() or chapter in read:
                continue
            read.add(chapter)
            if chapter in locked:
                raise LoadError(source, "locked by copy protection (DRM)")
            try:
                page = package.read(chapter)
            except LoadError:
                page = b""
            if page.strip():
                outline.enter(1, "")
                see = partial(_see, package, posixpath.dirname(chapter), pictures)
                read_page(html_root(decode_markup(page, source)), outline, lines=False, collector=collector, see=see)
            else:
                collector.add(BROKEN_PARTS, chapter)
        said = child(root, "metadata")
        about = {} if said is None else {name(entry): words(entry) for entry in reversed(said)}
        metadata = facts(author=about.get("creator"), date=about.get("date", "")[:10], language=about.get("language"))
        return outline.loaded(about.get("title", ""), metadata, collector.notices())


def _see(package: Package, folder: str, pictures: Pictures, address: str) -> list[Seen]:
    """What is in a picture of a chapter in that folder of the book."""
    part = posixpath.normpath(posixpath.join(folder, unquote(address)))
    if part in package.names:
        return pictures.blocks(part, partial(package.read, part))
    return encoded_picture(address, pictures)
