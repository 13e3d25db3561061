"""A server that answers requests as a test wants, and records them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from local_server import LocalServer


@dataclass
class Said:
    """An answer: text, or anything else as JSON."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass
class Asked:
    """A request that was received."""

    path: str
    body: dict[str, Any]
    headers: Mapping[str, str]


class SpeakingServer(LocalServer):
    """`requests` are those that were received, in order."""

    def __init__(self, answer: Callable[[Asked], Said]) -> None:
        self.requests: list[Asked] = []
        self._answer = answer
        super().__init__()

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [asked.body for asked in self.requests]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                read = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self._say(Asked(self.path, json.loads(read or b"{}"), self.headers))

            def do_GET(self) -> None:
                self._say(Asked(self.path, {}, self.headers))

            def _say(self, asked: Asked) -> None:
                outer.requests.append(asked)
                said = outer._answer(asked)
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said.bytes)

        return Handler


def events(*chunks: Any, done: bool = True) -> Said:
    """Server-sent events; a chunk is sent as it is if it is text, and otherwise as JSON."""
    lines = [chunk if isinstance(chunk, str) else f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return Said("".join([*lines, "data: [DONE]\n\n" if done else ""]), headers={"Content-Type": "text/event-stream"})


def delta(said: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
    """A chunk of a streamed answer."""
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": said, "finish_reason": reason}]}


def streamed(text: str, reason: str | None = "stop", done: bool = True) -> Said:
    """A whole streamed answer, word by word."""
    pieces: Iterable[dict[str, Any]] = [delta({"content": f"{word} "}) for word in text.split(" ")]
    return events(*pieces, *([delta({}, reason)] if reason else []), done=done)
