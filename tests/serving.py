"""A small server that answers as common model servers do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from speaking_server import Asked, Said, SpeakingServer


@dataclass
class Served:
    """What the server offers. `pages` are the answers to GET, by path."""

    pages: dict[str, Any] = field(default_factory=dict)
    models: tuple[str, ...] = ("m",)
    key: str = ""
    logprobs: bool = True
    dimension: int = 8
    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    """Run the server as long as the context lasts."""
    with SpeakingServer(lambda asked: _said(served, asked)) as server:
        served.url = server.url
        yield served


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


def _said(served: Served, asked: Asked) -> Said:
    served.asked.append(asked.path)
    headers = {"Content-Type": "application/json"}
    if served.key and asked.headers.get("Authorization") != f"Bearer {served.key}":
        return Said({"error": {"message": "wrong key"}}, 401, headers)
    rows = {"object": "list", "data": [{"id": name, "object": "model"} for name in served.models]}
    pages = {"/v1/models": rows, **served.pages}
    answer = answer_to(served, asked.path, asked.body) if asked.body else pages.get(asked.path)
    if answer is None:
        return Said({"error": {"message": "there is no such model"}}, 404, headers)
    return Said(json.dumps(answer), 200, headers)
