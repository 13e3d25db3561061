"""A small server that answers as one of the usual ones does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Served:
    """What the server has. `pages` are answers to GET by path."""

    pages: dict[str, Any] = field(default_factory=dict)
    models: tuple[str, ...] = ("m",)
    key: str = ""
    logprobs: bool = True
    dimension: int = 8
    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    """The server, for as long as the context lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer_to(served: Served, path: str, body: dict[str, Any]) -> Any:
    """The answer to a POST; None for 404."""
    if path == "/api/show":
        return served.pages.get(f"show {body['model']}")
    if body.get("model") not in served.models:
        return None
    if path == "/v1/embeddings":
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        return {"data": [{"index": index, "embedding": [1.0] * served.dimension} for index in range(len(texts))]}
    told = [{"token": "Yes", "logprob": -0.1}, {"token": "No", "logprob": -2.5}]
    choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": "Yes"}, "finish_reason": "stop"}
    if served.logprobs:
        choice["logprobs"] = {"content": [{"token": "Yes", "logprob": -0.1, "top_logprobs": told}]}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}


def _handler(served: Served) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            rows = {"object": "list", "data": [{"id": name, "object": "model"} for name in served.models]}
            pages = {"/v1/models": rows, **served.pages}
            self._say(pages.get(self.path))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._say(answer_to(served, self.path, body))

        def _say(self, answer: Any) -> None:
            served.asked.append(self.path)
            status = 404 if answer is None else 200
            if served.key and self.headers.get("Authorization") != f"Bearer {served.key}":
                status, answer = 401, {"error": {"message": "wrong key"}}
            data = json.dumps(
                answer if answer is not None else {"error": {"message": "there is no such model"}}
            ).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
