"""How long the page takes to open over a large index: its contents, a document by its address, the state.

Wanted: under 2 s with 100,000 nodes. RAGTREE_LATENCY_FOLDER names a folder where the made index is kept (as for
test_latency.py); RAGTREE_NODES=10000 is a quick look.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from large import Given, make_index
from starlette.testclient import TestClient

from ragtree import Settings
from ragtree.serve.app import make_app
from ragtree.serve.collections import ServedFolder
from ragtree.serve.guard import ServerAccess

NODES = int(os.environ.get("RAGTREE_NODES", "100000"))
SETTINGS = Settings.model_validate({"llm": {"model": "none"}, "embed": {"kind": "plain"}, "chunk": {"language": "en"}})
DOCUMENT = "shelf07/000107.md"


def test_opening(tmp_path_factory: pytest.TempPathFactory, report: Callable[[str], None]) -> None:
    kept = os.environ.get("RAGTREE_LATENCY_FOLDER")
    path = (Path(kept) if kept else tmp_path_factory.mktemp("page")) / str(NODES)
    if not path.exists():
        make_index(path, NODES)
    folder = tmp_path_factory.mktemp("folder")
    app = make_app(
        [ServedFolder(folder, path, SETTINGS, Given())], ServerAccess(hosts=frozenset({"testserver"})), watch=False
    )
    with TestClient(app) as web:
        name = app.state.collections.first.name

        def asked(place: str, **parameters: str) -> dict[str, object]:
            started = time.perf_counter()
            reply = web.get(f"/api/{name}/{place}", params=parameters)
            report(f"{NODES:,} nodes, {place}: {1000 * (time.perf_counter() - started):.0f} ms")
            assert reply.status_code == 200, reply.text
            found: dict[str, object] = reply.json()
            return found

        top = asked("outline")["entries"]
        assert isinstance(top, list)
        asked("outline", node=top[0]["node"])
        asked("node", document=DOCUMENT)
        asked("document", document=DOCUMENT)
        asked("document", document=DOCUMENT)
        asked("search", q="bade figo luma")  # which may wait for the index: it is loaded when the server starts
        asked("search", q="luma tapo bade")
        asked("status")
