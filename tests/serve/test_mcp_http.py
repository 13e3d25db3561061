"""Who may ask at /mcp, and under which name of the server."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

import httpx
import pytest
from mcp_served import DOCUMENTS, app_for, talking, write_folder
from running_app import running

from ragtree.serve.guard import ServerAccess

START = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
ACCEPT = {"accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = write_folder(tmp_path_factory.mktemp("http") / "Harbour", DOCUMENTS)
    access = ServerAccess(hosts=frozenset({"127.0.0.1", "docs.example"}))
    with running(app_for([folder], access=access)) as address:
        asyncio.run(asyncio.wait_for(_is_read(address), 60))
        yield address


async def _is_read(address):
    async with talking(address):
        pass


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "docs.example"}, 200),
        ({"host": "DOCS.example:443", "origin": "https://docs.example"}, 200),
        ({"origin": "http://127.0.0.1:9"}, 403),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_hosts_and_origins_are_those_of_the_server(address, headers, status):
    reply = httpx.post(f"{address}/mcp", json=START, headers={**ACCEPT, **headers})
    assert reply.status_code == status


def test_addresses_have_the_name_that_the_client_used(address):
    with httpx.Client(base_url=address, headers={**ACCEPT, "host": "docs.example"}) as client:
        session = client.post("/mcp", json=START).headers["mcp-session-id"]
        asked = {"jsonrpc": "2.0", "id": 2, "method": "tools/call"}
        asked["params"] = {"name": "fetch", "arguments": {"id": "bell.md"}}
        reply = client.post("/mcp", json=asked, headers={"mcp-session-id": session})
    data = next(line for line in reply.text.splitlines() if line.startswith("data: {"))
    url = json.loads(data[6:])["result"]["structuredContent"]["url"]
    assert urlsplit(url).netloc == "docs.example"


def test_a_token_is_wanted_at_mcp_too(tmp_path):
    folder = write_folder(tmp_path / "docs", DOCUMENTS)
    with running(app_for([folder], access=ServerAccess(token="secret"), watch=False)) as address:
        assert httpx.post(f"{address}/mcp", json=START, headers=ACCEPT).status_code == 401
        allowed = {**ACCEPT, "authorization": "Bearer secret"}
        assert httpx.post(f"{address}/mcp", json=START, headers=allowed).status_code == 200
