"""A web site on this machine: pages, a sitemap of them, and robots.txt. It keeps what it was asked for."""

from __future__ import annotations

import gzip
import hashlib
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from xml.sax.saxutils import escape

from local_server import LocalServer


@dataclass
class Page:
    content: bytes = b""
    kind: str = "text/html; charset=utf-8"
    lastmod: str = ""
    tagged: bool = True
    """True if it has an ETag."""
    modified: str = ""
    """The header Last-Modified."""
    status: int = 200
    location: str = ""
    packing: str = ""
    """The header Content-Encoding."""
    wait: str = ""
    """The header Retry-After."""


@dataclass
class Asked:
    path: str
    status: int
    began: float
    ended: float
    headers: dict[str, str] = field(default_factory=dict)


class SiteServer(LocalServer):
    """`pages` by path. The sitemap lists all but `unlisted`, and the addresses in `others`."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.unlisted: set[str] = {"/robots.txt", "/sitemap.xml"}
        self.others: list[str] = []
        self.asked: list[Asked] = []
        super().__init__()
        self.address = f"{self.root}/sitemap.xml"

    def put(self, path: str, text: str | bytes, **facts: object) -> None:
        data = text if isinstance(text, bytes) else text.encode()
        self.pages[path] = Page(data, **facts)  # type: ignore[arg-type]

    def article(self, path: str, title: str, text: str, **facts: object) -> None:
        page = f"<!doctype html><html><head><title>{title}</title></head><body><main><p>{text}</p></main></body></html>"
        self.put(path, page, **facts)

    def paths(self) -> list[tuple[str, int]]:
        """What was asked for since the last call, without robots.txt and sitemaps."""
        found = [(one.path, one.status) for one in self.asked if not one.path.startswith(("/robots", "/sitemap"))]
        self.asked.clear()
        return found

    def _sitemap(self) -> Page:
        rows = [(self.root + path, one.lastmod) for path, one in self.pages.items() if path not in self.unlisted]
        rows += [(address, "") for address in self.others]
        text = "".join(
            f"<url><loc>{escape(address)}</loc>{f'<lastmod>{when}</lastmod>' if when else ''}</url>"
            for address, when in rows
        )
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        return Page(f'<?xml version="1.0"?><urlset xmlns="{space}">{text}</urlset>'.encode(), "application/xml")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                began = time.monotonic()
                page = outer.pages.get(self.path)
                if page is None and self.path == "/sitemap.xml":
                    page = outer._sitemap()
                page = page or Page(status=404)
                status, etag = page.status, f'"{hashlib.md5(page.content).hexdigest()}"'
                same = page.tagged and self.headers.get("If-None-Match") == etag
                same = same or bool(page.modified and self.headers.get("If-Modified-Since") == page.modified)
                if same and status == 200:
                    status = 304
                self.send_response(status)
                if page.tagged:
                    self.send_header("ETag", etag)
                content = page.content if status == 200 else b""
                told = {"Last-Modified": page.modified, "Location": page.location, "Content-Encoding": page.packing}
                told["Retry-After"] = page.wait
                for name, value in {**told, "Content-Type": page.kind}.items():
                    if value:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                outer.asked.append(Asked(self.path, status, began, time.monotonic(), dict(self.headers)))
                self.wfile.write(content)

        return Handler


def packed(text: str) -> bytes:
    return gzip.compress(text.encode())
