"""The models of a running Ollama, through its API (docs.ollama.com/api)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from .base import Found, FoundModel

PLACE = "Ollama"
_PORT = 11434
_SECONDS = 3.0
"""Time limit of each request; all requests together get twice as long."""
_EMBEDDERS = ("bert", "nomic-bert", "nomic-bert-moe")


def ollama_address(variables: Mapping[str, str]) -> str:
    """The address in OLLAMA_HOST, in any form (`host`, `:port`, `host:port`, a URL), or else the default address.

    0.0.0.0 is an address to listen on, not one to connect to; it becomes 127.0.0.1.
    """
    said = variables.get("OLLAMA_HOST", "").strip().strip("\"'")
    scheme, _, rest = said.rpartition("://")
    try:
        parts = urlsplit(f"{scheme or 'http'}://{rest}")
        host, port = parts.hostname or "127.0.0.1", parts.port
    except ValueError:
        return f"http://127.0.0.1:{_PORT}"
    usual = {"http": 80, "https": 443}.get(scheme, _PORT)
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}:{port or usual}{parts.path.rstrip('/')}"


def ollama_models(address: str) -> Iterator[Found]:
    """The models of the server. Raises ValueError for an answer that is not from Ollama, httpx.HTTPError, and the
    errors that proxy and certificate variables cause."""
    import httpx

    own = urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")
    ends = time.monotonic() + 2 * _SECONDS
    with httpx.Client(base_url=address, timeout=_SECONDS, trust_env=not own) as client:
        answer = client.get("/api/tags")
        answer.raise_for_status()
        told = answer.json()
        rows = told.get("models") if isinstance(told, dict) else None
        if not isinstance(rows, list):
            raise ValueError(f"{address} did not answer as Ollama does")
        for row in rows:
            if not isinstance(row, dict) or not isinstance(row.get("name"), str):
                continue
            shown = _shown(client, row["name"]) if time.monotonic() < ends else {}
            size = row.get("size")
            yield FoundModel(
                use="embedder" if _embeds(row, shown) else "llm",
                name=f"{address}/v1#{row['name']}",
                place=PLACE,
                bytes=size if isinstance(size, int) else 0,
                about=_about(row, shown),
            )


def _shown(client: Any, name: str) -> Mapping[str, Any]:
    """The server's details of one model; empty if it gives none."""
    import httpx

    try:
        answer = client.post("/api/show", json={"model": name})
        told = answer.json() if answer.is_success else {}
    except (httpx.HTTPError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _embeds(row: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    able = shown.get("capabilities")
    if isinstance(able, list):
        return "embedding" in able
    details = row.get("details")
    return isinstance(details, dict) and details.get("family") in _EMBEDDERS


def _about(row: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
    details, facts = row.get("details"), shown.get("model_info")
    family = str(details.get("family") or "") if isinstance(details, dict) else ""
    lengths = (
        [value for key, value in facts.items() if key.endswith(".context_length")] if isinstance(facts, dict) else []
    )
    return f"{family}, {lengths[0]} tokens of context" if lengths else family
