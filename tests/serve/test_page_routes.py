"""The page's routes, asked as the page asks them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from endless import Endless
from page_serving import BYELAW, FERRY, KEEPER, client, indexed, served, write_folder

from ragtree import Document, RagTree
from ragtree.llm.scripted import ScriptedChat

FERRY_ID = "letters/ferry & co #1?.txt"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page") / "harbour"
    write_folder(folder)
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with served([indexed(folder)]) as address:
        yield address


@pytest.fixture
def web(address):
    with client(address) as web:
        yield web


def asked(web: httpx.Client, question: str, document: str = "") -> list[dict]:
    found = web.post("/api/harbour/ask", json={"question": question, "document": document})
    assert found.status_code == 200, found.text
    return [json.loads(line) for line in found.text.splitlines()]


def below(web: httpx.Client, node: str | None = None) -> list[dict]:
    return web.get("/api/harbour/outline", params={"node": node} if node else {}).json()["entries"]


def test_the_shell_is_sent_wherever_an_address_leads_and_for_no_other_collection(web):
    for place in ("/", "/harbour/", "/harbour/documents/light.md", "/harbour/nodes/abc"):
        found = web.get(place)
        assert found.status_code == 200 and "main.js" in found.text
        assert "script-src 'self'" in found.headers["content-security-policy"]
    assert web.get("/elsewhere/").status_code == 404
    assert web.get("/harbour").headers["location"] == "/harbour/"
    for file in ("main.js", "style.css", "texts.de.json", "icon.svg"):
        assert web.get(f"/static/{file}").status_code == 200
    for file in ("..%2Froutes.py", "index.html", "nothing.js"):
        assert web.get(f"/static/{file}").status_code == 404


def test_the_texts_of_both_languages_say_the_same_things(web):
    english, german = (web.get(f"/static/texts.{code}.json").json() for code in ("en", "de"))
    assert english.keys() == german.keys()


def test_the_tree_is_read_level_by_level_down_to_sections(web):
    level, seen = below(web), []
    while level:
        seen += [entry["kind"] for entry in level]
        level = [child for entry in level if entry["opens"] for child in below(web, entry["node"])]
    assert {"collection", "document", "section"} <= set(seen) and "chunk" not in seen
    assert web.get("/api/harbour/outline", params={"node": "nowhere"}).status_code == 404


def test_a_document_is_found_in_the_tree_by_its_id(web):
    found = web.get("/api/harbour/node", params={"document": "light.md"}).json()
    assert found["kind"] == "document" and found["way"][-1]["node"] == found["node"]
    assert found["way"][0]["kind"] == "collection"


def test_search_finds_passages(web):
    found = web.get("/api/harbour/search", params={"q": "who keeps the light?"}).json()
    assert found[0]["document"] == "light.md" and KEEPER in found[0]["text"]
    assert web.get("/api/harbour/search", params={"q": " "}).json() == []


def test_an_answer_comes_in_steps_and_its_source_reads_back(web):
    lines = asked(web, "Who is the keeper of the light at Maw Head?")
    assert lines[0]["doing"] == "search" and "piece" in lines[-2]
    citation = lines[-1]["answer"]["citations"][0]
    assert citation["document"] == "light.md" and "Abel Strake" in citation["quote"]
    start, end = citation["span"]
    found = web.get("/api/harbour/document", params={"document": "light.md", "from": start, "to": end}).json()
    marked = [text for one in found["paragraphs"] for text, marked in one["pieces"] if marked]
    assert "".join(marked) == citation["quote"]
    why = web.get("/api/harbour/why", params={"turn": 0, "number": citation["number"]}).json()
    assert why[0]["ranks"] and why[0]["way"][0]["kind"] == "collection" and why[0]["way"][-1]["kind"] == "chunk"


def test_a_conversation_belongs_to_a_browser_and_can_be_taken_along_and_forgotten(address):
    with client(address) as web, client(address) as other:
        asked(web, "Who is the keeper of the light?")
        cookie = web.cookies.jar._cookies["127.0.0.1"]["/"]["ragtree_conversation"]
        assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") == "strict"
        assert len(web.get("/api/harbour/conversation").json()["answers"]) == 1
        assert other.get("/api/harbour/conversation").json()["answers"] == []
        exported = web.get("/api/harbour/conversation.md")
        assert "attachment" in exported.headers["content-disposition"]
        assert "## Who is the keeper" in exported.text and "- [1] light.md" in exported.text
        assert web.delete("/api/harbour/conversation").status_code == 204
        assert web.get("/api/harbour/conversation").json()["answers"] == []


def test_only_one_document_can_be_asked_and_then_all_again(web):
    question = "Who is the keeper of the light at Maw Head?"
    cited = asked(web, question, FERRY_ID)[-1]["answer"]["citations"]
    assert {one["document"] for one in cited} <= {FERRY_ID}
    assert web.get("/api/harbour/conversation").json()["document"] == FERRY_ID
    assert asked(web, question)[-1]["answer"]["citations"][0]["document"] == "light.md"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ('{"question": " "}', "application/json", 400),
        ('{"question": 7}', "application/json", 400),
        ('["question"]', "application/json", 400),
        ("{", "application/json", 400),
        ('{"question": "Who?"}', "text/plain", 415),
        (json.dumps({"question": "a" * 20_001}), "application/json", 400),
    ],
)
def test_what_is_no_question_is_refused(web, body, kind, status):
    assert web.post("/api/harbour/ask", content=body, headers={"content-type": kind}).status_code == status


def test_headings_and_tables_are_told_apart(web):
    found = web.get("/api/harbour/document", params={"document": "light.md"}).json()
    kinds = [one["kind"] for one in found["paragraphs"]]
    assert kinds == ["heading", "heading", "text", "heading", "text", "heading", "table"]
    assert found["paragraphs"][-1]["rows"][1] == [[["Oil", False]], [["two shillings", False]]]
    assert "<strong>noon</strong>" in found["html"]


def test_formatted_text_has_nothing_in_it_that_runs(web):
    html = web.get("/api/harbour/document", params={"document": "evil.md"}).json()["html"]
    assert "<script" not in html and "<img" not in html and "<iframe" not in html and "<svg" not in html
    assert not re.search(r"<[^>]*javascript", html) and "press here" in html and "onerror" not in html.split("<p>")[0]


def test_places_are_counted_in_characters_whatever_the_characters(web):
    text = f"The ferry company\n\n{FERRY} Mr. Vane owns the company.\nThe fare is sixpence — «half» for children 🐑.\n"
    start = text.index("🐑")
    place = {"document": FERRY_ID, "from": start, "to": start + 1}
    found = web.get("/api/harbour/document", params=place).json()
    assert [text for one in found["paragraphs"] for text, marked in one["pieces"] if marked] == ["🐑"]
    assert web.get("/api/harbour/document", params={**place, "to": 99999}).status_code == 400
    assert web.get("/api/harbour/document", params={**place, "from": "x"}).status_code == 400


def test_a_pdf_is_shown_by_its_pages_with_the_quote_in_its_place(web):
    citation = asked(web, "How fast may a vessel pass the breakwater after sunset?")[-1]["answer"]["citations"][0]
    assert citation["document"] == "byelaws.pdf" and citation["where"]["page"] == 2
    assert BYELAW in " ".join(citation["quote"].split())
    start, end = citation["span"]
    place = {"document": "byelaws.pdf", "from": start, "to": end}
    found = web.get("/api/harbour/highlights", params=place).json()
    assert found["pages"] == 2 and [one["page"] for one in found["boxes"]] == [2]
    boxes = found["boxes"][0]["boxes"]
    assert len(boxes) > 1 and all(
        0.35 < top < bottom < 0.6 and 0 < left < right < 0.6 for left, top, right, bottom in boxes
    )
    picture = web.get("/api/harbour/page", params={"document": "byelaws.pdf", "page": 2, "width": 400})
    assert picture.headers["content-type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    for wrong in ({"page": 3}, {"page": 0}, {"page": 99999999}, {"document": "light.md"}):
        assert web.get("/api/harbour/page", params={"document": "byelaws.pdf", **wrong}).status_code == 404
    assert web.get("/api/harbour/page", params={"document": "byelaws.pdf", "width": 10**6}).status_code == 400


def test_an_original_is_saved_and_never_shown(web, folder):
    found = web.get("/api/harbour/original", params={"document": FERRY_ID})
    assert found.content == (folder / FERRY_ID).read_bytes()
    assert found.headers["content-disposition"].startswith("attachment")
    assert quote("ferry & co #1?.txt") in found.headers["content-disposition"]
    assert found.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("document", ["../secret.txt", "/etc/passwd", "nothing.md", "", ".ragtree/catalog.sqlite"])
def test_only_indexed_documents_are_given(web, document):
    assert web.get("/api/harbour/original", params={"document": document}).status_code == 404


def test_links_do_not_lead_out_of_the_folder(tmp_path):
    (tmp_path / "secret.txt").write_text("The secret of the safe is 1234.", encoding="utf-8")
    write_folder(tmp_path / "harbour")
    made = indexed(tmp_path / "harbour")
    (made.path / "light.md").unlink()
    (made.path / "light.md").symlink_to(tmp_path / "secret.txt")
    with served([made]) as address, client(address) as web:
        assert web.get("/api/harbour/document", params={"document": "light.md"}).json()["original"] is False
        assert web.get("/api/harbour/original", params={"document": "light.md"}).status_code == 404


def test_a_document_that_was_added_has_no_file_even_with_the_name_of_one(tmp_path):
    write_folder(tmp_path / "harbour")
    made = indexed(tmp_path / "harbour")
    (made.path / "keys.env").write_text("PASSWORD=hunter2", encoding="utf-8")
    with RagTree.open(made.index, made.settings, embedder=made.embedder) as tree:
        tree.add([Document("keys.env", "The keys hang in the weigh-house.")])
    with served([made]) as address, client(address) as web:
        assert web.get("/api/harbour/document", params={"document": "keys.env"}).json()["original"] is False
        assert web.get("/api/harbour/original", params={"document": "keys.env"}).status_code == 404


def test_no_reply_names_a_path_of_the_machine(web, folder):
    asked(web, "Who is the keeper of the light?")
    places = ["status", "outline", "conversation", "search?q=light", "document?document=light.md"]
    places += ["highlights?document=byelaws.pdf", "document?document=nothing", "node?node=x", "page?document=evil.md"]
    for place in places:
        assert str(folder.parent) not in web.get(f"/api/harbour/{place}").text


def test_the_state_says_what_was_read_and_what_was_not(tmp_path):
    write_folder(tmp_path / "harbour")
    (tmp_path / "harbour" / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    with served([indexed(tmp_path / "harbour")], watch=True) as address, client(address) as web:
        for _ in range(200):
            found = web.get("/api/harbour/status").json()
            if found["skipped"]:
                break
        assert found["documents"] == 4 and found["follows"] and not found["model"]
        assert found["skipped"][0][0] == "broken.pdf"


def test_leaving_stops_the_model(tmp_path):
    write_folder(tmp_path / "harbour")
    endless = Endless()
    with served([indexed(tmp_path / "harbour", endless)]) as address, client(address) as web:
        body = {"question": "What does the keeper of the light do at noon?"}
        with web.stream("POST", "/api/harbour/ask", json=body):
            assert endless.begun.wait(20)
        assert endless.closed.wait(10)
        assert web.get("/api/harbour/conversation").json()["answers"] == []
        endless.begun.clear()
        with web.stream("POST", "/api/harbour/ask", json=body):  # the turn is free for the next question
            assert endless.begun.wait(20)


def test_only_checked_text_is_sent_and_what_is_unsupported_is_marked(tmp_path):
    write_folder(tmp_path / "harbour")
    said = "The keeper of the light at Maw Head is Abel Strake [1]. He was born on the moon in 1492 [1]."
    with served([indexed(tmp_path / "harbour", ScriptedChat([said] * 9))]) as address, client(address) as web:
        lines = asked(web, "Who is the keeper of the light at Maw Head?")
        answer = lines[-1]["answer"]
        assert "".join(line.get("piece", "") for line in lines) == answer["text"]
        assert lines[-1]["turn"] == 0 and "write" in [line.get("doing") for line in lines]
        assert "Abel Strake" in answer["text"]
        assert said not in "".join(json.dumps(line) for line in lines)


def test_many_entries_are_sent_in_parts(web, monkeypatch):
    monkeypatch.setattr("ragtree.serve.page.browsing._PAGE", 1)
    top = below(web)[0]["node"]
    first = web.get("/api/harbour/outline", params={"node": top}).json()
    assert len(first["entries"]) == 1 and first["total"] > 1
    second = web.get("/api/harbour/outline", params={"node": top, "start": 1}).json()
    assert second["entries"][0]["node"] != first["entries"][0]["node"]
