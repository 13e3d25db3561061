"""Who may see the page, and which collections it shows."""

from __future__ import annotations

import json

from page_serving import KEEPER, SETTINGS, client, indexed, served, write_folder

from ragtree.embed.hashing import HashingEmbedder
from ragtree.serve.collections import ServedFolder
from ragtree.serve.guard import ServerAccess


def test_a_token_is_asked_for_by_a_form_and_kept_by_the_browser(tmp_path):
    write_folder(tmp_path / "harbour")
    token = 'open sesame; ä"1'
    with served([indexed(tmp_path / "harbour")], ServerAccess(token)) as address, client(address) as web:
        html = {"accept": "text/html"}
        found = web.get("/harbour/documents/a%20b", headers=html)
        assert (found.status_code, found.headers["location"]) == (303, "/login?next=%2Fharbour%2Fdocuments%2Fa%2520b")
        assert web.get("/api/collections", headers=html).status_code == 401
        assert web.get("/").status_code == 401
        assert web.get("/static/main.js", headers=html).status_code == 401
        assert web.get("/login").status_code == web.get("/static/style.css").status_code == 200
        found = web.post("/login?next=%2Fharbour%2F", data={"token": "wrong"})
        assert found.headers["location"] == "/login?wrong=1&next=%2Fharbour%2F" and "set-cookie" not in found.headers
        found = web.post("/login?next=//evil.example/", data={"token": token})
        assert (found.status_code, found.headers["location"]) == (303, "/")
        assert "HttpOnly" in found.headers["set-cookie"] and "SameSite=strict" in found.headers["set-cookie"]
        assert web.get("/api/collections").json() == ["harbour"]


def test_collections_are_told_apart(tmp_path):
    folders = []
    for name in ("one", "api"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.md").write_text(f"# Note\n\nThis is the note of {name}. {KEEPER}\n", encoding="utf-8")
        folders.append(indexed(folder))
    with served(folders) as address, client(address) as web:
        assert web.get("/api/collections").json() == ["one", "api-2"]
        found = web.get("/api/api-2/document", params={"document": "a.md"}).json()
        assert "note of api" in found["paragraphs"][1]["pieces"][0][0]


def test_an_empty_index_is_served_too(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    with (
        served([ServedFolder(folder, folder / ".ragtree", SETTINGS, HashingEmbedder())]) as address,
        client(address) as web,
    ):
        assert web.get("/api/empty/outline").json() == {"entries": [], "total": 0}
        assert web.get("/api/empty/status").json()["documents"] == 0
        assert web.get("/api/empty/search?q=light").json() == []
        lines = web.post("/api/empty/ask", json={"question": "Who?"}).text.splitlines()
        assert {"answer", "error"} & json.loads(lines[-1]).keys()
