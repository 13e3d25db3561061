"""A tiny server that speaks OpenAI's API: embeddings by hashing, and a chat that always gives the same answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

from local_server import LocalServer

from ragtree.embed.hashing import HashingEmbedder

ANSWER = "The keeper lit the lamp. The ship turned away."
FORM_ANSWER = '{"light": "oil", "feet": 74}'
"""The answer to a request for JSON."""
FIRST_TOKENS = {"B": -0.5, " A": -1.5, "A": -2.5, "The": -3.0, "D": -4.0, "\n": -6.0}
"""The most likely first tokens of every answer, if log-probabilities are requested. C is not among them."""


class ModelServer(LocalServer):
    """`url` is what goes before `#model`.

    The first `faults` requests are answered with `fault`, a status and a body. `headers` are sent with every answer.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.fault: tuple[int, str] | None = None
        self.faults = 1_000_000
        self.refused: set[str] = set()
        """Types of `response_format` that are answered with 400."""
        self.headers: dict[str, str] = {}
        self.dimension = 64
        super().__init__()

    def reply(self, path: str, body: dict[str, Any]) -> Iterator[str]:
        """Yield the parts of an answer."""
        if path == "/v1/embeddings":
            rows = HashingEmbedder(self.dimension).embed(body["input"])
            data = [{"index": index, "embedding": row.tolist()} for index, row in enumerate(rows)]
            yield json.dumps({"data": data[::-1]})  # the API promises no order: `index` counts
            return
        if body.get("logprobs"):
            told = [{"token": token, "logprob": logprob} for token, logprob in FIRST_TOKENS.items()]
            first = {"token": "B", "logprob": -0.5, "top_logprobs": told[: body["top_logprobs"]]}
            yield json.dumps({"choices": [{"message": {"content": "B"}, "logprobs": {"content": [first]}}]}, indent=1)
            return
        text = FORM_ANSWER if "response_format" in body else ANSWER
        for piece in text.split(" ")[: body["max_tokens"]]:
            yield f"data: {json.dumps({'choices': [{'delta': {'content': piece + ' '}}]})}\n\n"
        yield 'data: {"choices": []}\n\n'
        yield "data: [DONE]\n\n"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.requests.append((self.path, body))
                fault = outer.fault if len(outer.requests) <= outer.faults else None
                if body.get("response_format", {}).get("type") in outer.refused:
                    fault = (400, "response_format is not known here")
                status, parts = (fault[0], iter([fault[1]])) if fault else (200, outer.reply(self.path, body))
                self.send_response(status)
                for header in outer.headers.items():
                    self.send_header(*header)
                self.end_headers()
                try:
                    for part in parts:
                        self.wfile.write(part.encode())
                        self.wfile.flush()
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the client has heard enough

        return Handler
