"""Who may ask a server what, before any route is reached."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ragtree import SettingsError
from ragtree.serve.audience import HANDLERS
from ragtree.serve.guard import TOKEN_COOKIE, Guard, ServerAccess, access_for, cookie_for, is_loopback


async def _length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


COOKIE = f"{TOKEN_COOKIE}_8765={cookie_for('s3cret')}"


def client(access: ServerAccess, host: str = "localhost") -> TestClient:
    routes = [Route("/length", _length, methods=["GET", "POST"]), Route("/health", _length)]
    guard = [Middleware(Guard, access=access)]
    app = Starlette(routes=routes, middleware=guard, exception_handlers=HANDLERS)
    return TestClient(app, base_url=f"http://{host}:8765")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1", 200),
        ("[::1]", 200),
        ("LOCALHOST", 200),
        ("evil.example", 421),
        ("127.0.0.2", 421),
    ],
)
def test_only_the_names_of_the_server_are_answered(host: str, status: int) -> None:
    assert client(ServerAccess(), host).get("/length").status_code == status


@pytest.mark.parametrize("host", ["", "localhost.evil.example", "user@localhost:1:2", "[::1", "localhost:99999999"])
def test_odd_hosts_do_not_pass(host: str) -> None:
    assert client(ServerAccess()).get("/length", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8765", 200),
        ("http://localhost:3000", 403),
        ("http://127.0.0.1:8765", 403),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://localhost.evil", 403),
    ],
)
def test_pages_of_other_sites_are_refused(origin: str, status: int) -> None:
    assert client(ServerAccess()).get("/length", headers={"origin": origin}).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer s3cret"},
        {"authorization": "bearer  s3cret "},
        {"x-api-key": "s3cret"},
        {"cookie": COOKIE},
        {"cookie": f'p=a b; x={{"a":"b c"}}; flag; path=/x; {COOKIE}; user=Miller'},
    ],
)
def test_a_token_is_taken_from_header_or_cookie(headers: dict[str, str]) -> None:
    assert client(ServerAccess("s3cret")).get("/length", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic s3cret"},
        {"authorization": "Bearer"},
        {"cookie": f"{TOKEN_COOKIE}_8765=s3cret"},  # the cookie never holds the token itself
        {"cookie": COOKIE.replace("8765", "8766")},
    ],
)
def test_without_the_token_nothing_is_told_but_that_the_server_lives(headers: dict[str, str]) -> None:
    asking = client(ServerAccess("s3cret"))
    reply = asking.get("/length", headers=headers)
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert "s3cret" not in reply.text
    assert asking.get("/health", headers=headers).status_code == 200


def test_long_bodies_are_refused_whether_or_not_they_tell_their_length() -> None:
    def parts() -> Iterator[bytes]:
        yield from (b"x" * 600, b"x" * 600)

    asking = client(ServerAccess(body=1000))
    assert asking.post("/length", content=b"x" * 1000).text == "1000"
    assert asking.post("/length", content=b"x" * 1001).status_code == 413
    assert asking.post("/length", content=parts()).status_code == 413


def test_every_reply_forbids_scripts_from_elsewhere() -> None:
    for reply in (
        client(ServerAccess()).get("/length"),
        client(ServerAccess("s3cret")).get("/length"),
        client(ServerAccess()).get("/no"),
    ):
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_an_address_for_other_machines_needs_a_token() -> None:
    with pytest.raises(SettingsError, match="RAGTREE_TOKEN"):
        access_for("0.0.0.0", "")
    assert "docs.example" in access_for("0.0.0.0", "s3cret", ["Docs.Example"]).hosts
    assert access_for("::1", "").token == ""
    assert access_for("::1", " s3cret\n").token == "s3cret"
    with pytest.raises(SettingsError, match="headers cannot hold"):
        access_for("::1", "пароль")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("box", False)],
)
def test_what_only_this_machine_reaches(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
