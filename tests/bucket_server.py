"""A server that speaks as much of S3's protocol as a bucket of snapshots needs. It can be slow, and it can fail."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from local_server import LocalServer

KEYS = {"AWS_ACCESS_KEY_ID": "a-known-id", "AWS_SECRET_ACCESS_KEY": "a-secret-that-nobody-prints"}


class BucketServer(LocalServer):
    """`objects` are the objects of all buckets, by `bucket/name`. `requests` are those that were received, in order.

    `delay` are the seconds that each answer takes. `fails` says for a request whether it is answered with 503.
    """

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, float]] = {}
        self.requests: list[str] = []
        self.delay = 0.0
        self.fails: Callable[[str], bool] = lambda _: False
        super().__init__()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead a client here."""
        return {**KEYS, "AWS_ENDPOINT_URL": self.root, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}

    def names(self, prefix: str) -> list[str]:
        """The names of the objects that begin with a prefix."""
        return sorted(name for name in self.objects if name.startswith(prefix))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self) -> None:
                with suppress(ConnectionError):  # a client was killed
                    super().handle()

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = parse_qs(parts.query)
                if "list-type" in query:
                    self._say(outer._listed(unquote(parts.path).strip("/"), query.get("prefix", [""])[0]))
                    return
                found = outer.objects.get(unquote(parts.path).lstrip("/"))
                self._say(*((b"", 404) if found is None else found))

            def do_PUT(self) -> None:
                content = self._read()
                if self._may():
                    outer.objects[unquote(urlsplit(self.path).path).lstrip("/")] = (content, time.time())
                    self._answer(b"")

            def do_DELETE(self) -> None:
                if self._may():
                    outer.objects.pop(unquote(urlsplit(self.path).path).lstrip("/"), None)
                    self._answer(b"", 204)

            def do_POST(self) -> None:  # several are deleted at once
                content = self._read()
                if self._may():
                    bucket = unquote(urlsplit(self.path).path).strip("/")
                    keys = [str(one.text) for one in ElementTree.fromstring(content).iter() if one.tag.endswith("Key")]
                    for key in keys:
                        outer.objects.pop(f"{bucket}/{key}", None)
                    gone = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
                    self._answer(f'<?xml version="1.0"?><DeleteResult>{gone}</DeleteResult>'.encode())

            def _read(self) -> bytes:
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))

            def _may(self) -> bool:
                request = f"{self.command} {self.path}"
                outer.requests.append(request)
                time.sleep(outer.delay)
                if outer.fails(request):
                    self._answer(b"<Error><Code>SlowDown</Code></Error>", 503)
                    return False
                return True

            def _say(self, content: bytes, status: float = 200) -> None:
                if self._may():
                    self._answer(content, 404 if status == 404 else 200, 0 if status in (200, 404) else status)

            def _answer(self, content: bytes, status: int = 200, modified: float = 0) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("ETag", f'"{hashlib.md5(content).hexdigest()}"')
                self.send_header("Last-Modified", formatdate(modified or time.time(), usegmt=True))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

        return Handler

    def _listed(self, bucket: str, prefix: str) -> bytes:
        rows = []
        for name, (content, modified) in sorted(self.objects.items()):
            key = name.removeprefix(f"{bucket}/")
            if name.startswith(f"{bucket}/") and key.startswith(prefix):
                told = datetime.fromtimestamp(modified, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
                rows.append(
                    f"<Contents><Key>{escape(key)}</Key><LastModified>{told}</LastModified>"
                    f'<ETag>"{hashlib.md5(content).hexdigest()}"</ETag><Size>{len(content)}</Size></Contents>'
                )
        told = f"<KeyCount>{len(rows)}</KeyCount><IsTruncated>false</IsTruncated>{''.join(rows)}"
        return f'<?xml version="1.0"?><ListBucketResult>{told}</ListBucketResult>'.encode()
