"""A web server that is asked as by a guest: one request at a time, with a pause, and for what its robots.txt allows."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

from .sitemap import unpacked

if TYPE_CHECKING:
    import httpx2
    from protego import Protego

AGENT = "ragtree"
"""The name in requests, and the one that robots.txt may give rules for."""
PAUSE = 1.0
"""Seconds between the end of a request and the next one."""
_LONGEST_PAUSE = 60.0
_CONNECT, _ANSWER, _WHOLE = 10.0, 30.0, 300.0
"""Seconds to connect, to wait for the next bytes, and for a whole answer."""
_REDIRECTS = 5
_MOST_RULES = 1_000_000
"""Bytes of a robots.txt. RFC 9309 asks for half of that at least."""
_PORTS = {"http": 80, "https": 443}
_GZIP = ("gzip", "x-gzip")
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sent."""

    status: int
    content: bytes = b""
    """Empty unless the status is 200."""
    kind: str = ""
    """The media type, such as `text/html`."""
    etag: str = ""
    modified: str = ""
    """When the page was changed, as the server writes it (Last-Modified)."""


def root_of(address: str) -> str:
    """Scheme, host and port of an address; empty if it is none for the web, or holds a name or a password."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, _PORTS[parts.scheme]) else "")


class WebHost:
    """One scheme, host and port. Nothing else is asked, wherever it leads. Threads take turns.

    All methods raise OSError, whose message does not name the address that was asked.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._pause = PAUSE
        self._turn = threading.Lock()
        self._next = 0.0
        self._rules: Protego | None = None

    def read_rules(self) -> None:
        """Ask for robots.txt. What it forbids is not asked for from then on (RFC 9309)."""
        from protego import Protego

        self._rules = None
        answer = self.get(f"{self.root}/robots.txt", _MOST_RULES)
        if answer.status >= 500 or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise OSError(f"its robots.txt cannot be read ({answer.status}), so nothing may be")
        rules = Protego.parse(answer.content.decode("utf-8", "replace"))
        rate = rules.request_rate(AGENT)
        pause = max(rules.crawl_delay(AGENT) or 0.0, rate.seconds / max(1, rate.requests) if rate else 0.0)
        if pause > _LONGEST_PAUSE:
            raise OSError(f"its robots.txt asks for {pause:g} s between requests, more than {_LONGEST_PAUSE:g}")
        self._pause = max(PAUSE, pause)
        self._rules = rules

    def has(self, address: str) -> bool:
        """True if the address is on this host and port."""
        return root_of(address) == self.root

    def allows(self, address: str) -> bool:
        """False if robots.txt forbids the address."""
        return self._rules is None or self._rules.can_fetch(address, AGENT)

    def get(self, address: str, most: int, headers: Mapping[str, str] = NO_HEADERS) -> Answer:
        """The answer for an address of this host, after redirects that stay on it; at most `most` bytes."""
        import httpx2

        told = {"User-Agent": AGENT, "Accept-Encoding": "gzip", **headers}
        patience = httpx2.Timeout(_ANSWER, connect=_CONNECT)
        try:
            with self._turn, httpx2.Client(headers=told, timeout=patience, follow_redirects=False) as client:
                for _ in range(_REDIRECTS + 1):
                    answer = self._asked(client, address, most)
                    if isinstance(answer, Answer):
                        return answer
                    address = answer
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            said = " ".join(str(error).split())[:200] or type(error).__name__
            raise OSError(f"no answer ({said})") from error
        raise OSError(f"it leads on to other addresses more than {_REDIRECTS} times")

    def _asked(self, client: httpx2.Client, address: str, most: int) -> Answer | str:
        """The answer, or the address that it leads to."""
        time.sleep(max(0.0, self._next - time.monotonic()))
        pause = self._pause
        try:
            with client.stream("GET", address) as response:
                pause = max(pause, _asked_pause(response))
                if response.has_redirect_location:
                    return self._followed(address, response.headers["Location"])
                return _answer(response, most, time.monotonic() + _WHOLE)
        finally:
            self._next = time.monotonic() + pause

    def _followed(self, address: str, location: str) -> str:
        target = urldefrag(urljoin(address, location)).url
        if not self.has(target):
            raise OSError(f"it leads to {target[:200]}, on another host or port, which is not asked; name that address")
        if not self.allows(target):
            raise OSError(f"it leads to {target[:200]}, which robots.txt forbids")
        return target


def _asked_pause(response: httpx2.Response) -> float:
    """The seconds that a busy server asks to wait, up to the longest pause; 0 if it does not ask."""
    asked = response.headers.get("Retry-After", "")
    is_busy = response.status_code in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    return min(float(asked), _LONGEST_PAUSE) if is_busy and asked.isdecimal() else 0.0


def _answer(response: httpx2.Response, most: int, ends: float) -> Answer:
    told = response.headers
    kind = told.get("Content-Type", "").partition(";")[0].strip().lower()
    content = _content(response, most, ends) if response.status_code == HTTPStatus.OK else b""
    return Answer(response.status_code, content, kind, told.get("ETag", ""), told.get("Last-Modified", ""))


def _content(response: httpx2.Response, most: int, ends: float) -> bytes:
    """The content, unpacked here, so that a few bytes cannot become many."""
    content = bytearray()
    for part in response.iter_raw():
        content += part
        if len(content) > most:
            raise OSError(f"it has more than {most / 1e6:g} MB")
        if time.monotonic() > ends:
            raise OSError(f"it takes longer than {_WHOLE:g} s")
    packing = response.headers.get("Content-Encoding", "").strip().lower()
    if packing in ("", "identity"):
        return bytes(content)
    if packing not in _GZIP:
        raise OSError(f"it is sent as {packing[:40]!r}, which was not asked for")
    return unpacked(bytes(content), most)
