"""The page in a real browser."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from endless import Endless
from hostile import DOCUMENTS, write_hostile
from page_serving import indexed, served, write_folder

sync_api = pytest.importorskip("playwright.sync_api")
Image = pytest.importorskip("PIL.Image")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium")

READY = "body[data-ready]"
KEEPER_QUESTION = "Who is the keeper of the light at Maw Head?"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("browser") / "harbour"
    write_folder(folder)
    with served([indexed(folder)]) as address:
        yield address


@pytest.fixture
def page(browser, address) -> Iterator[Any]:
    with opened(browser, address) as page:
        yield page


class opened:  # noqa: N801 - it is used as a function
    """A page of a new browser, which may say nothing in its console."""

    def __init__(self, browser: Any, address: str, **how: Any) -> None:
        self._context = browser.new_context(base_url=address, **{"locale": "en-GB", **how})
        self._page = self._context.new_page()
        self._page.set_default_timeout(20_000)
        self._said: list[str] = []
        self._page.on("console", lambda message: self._said.append(f"{message.type}: {message.text}"))
        self._page.on("pageerror", lambda error: self._said.append(str(error)))

    def __enter__(self) -> Any:
        self._page.goto("/")
        self._page.wait_for_selector(READY)
        return self._page

    def __exit__(self, kind: object, *_: object) -> None:
        self._context.close()
        assert kind is not None or self._said == []


def ask(page: Any, question: str) -> None:
    answered = page.locator(".turn.answered").count()
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.locator(".turn.answered").nth(answered).wait_for()


def test_a_question_is_answered_and_a_citation_shows_its_quote_marked(page):
    ask(page, KEEPER_QUESTION)
    assert "Abel Strake" in page.inner_text(".answer .text")
    page.click(".answer .mark >> nth=0")
    page.wait_for_selector("#source mark")
    assert "Abel Strake" in "".join(page.locator("#source mark").all_inner_texts())
    assert page.locator("#source mark").first.is_visible()
    assert "/harbour/documents/light.md?from=" in page.url
    page.click("#source [data-view=text]")
    assert "Abel Strake" in "".join(page.locator("#source mark").all_inner_texts())
    page.click("#source .why summary")
    page.wait_for_selector(".way li.found-here")
    page.keyboard.press("Escape")
    page.wait_for_selector("#source", state="hidden")
    assert page.url.endswith("/harbour/")


def test_the_place_of_a_quote_lies_over_its_words_on_the_page_of_the_pdf(page):
    ask(page, "How fast may a vessel pass the breakwater after sunset?")
    page.click(".answer .mark >> nth=0")
    page.wait_for_selector('#source .page[data-page="2"] .box')
    page.wait_for_selector('#source .page[data-page="2"].loaded')
    assert page.locator('#source .page[data-page="1"] .box').count() == 0
    page.evaluate("document.querySelector('.page[data-page=\"2\"]').scrollIntoView()")
    boxes = page.locator('#source .page[data-page="2"] .box')
    places = [boxes.nth(number).bounding_box() for number in range(boxes.count())]
    page.evaluate("document.querySelectorAll('.box').forEach((box) => { box.style.visibility = 'hidden'; })")
    picture = page.locator('#source .page[data-page="2"]')
    frame = picture.bounding_box()
    pixels = np.asarray(Image.open(io.BytesIO(picture.screenshot())).convert("L"))
    dark = pixels < 140
    dark[:3], dark[-3:], dark[:, :3], dark[:, -3:] = False, False, False, False  # the frame of the page
    inside = np.zeros_like(dark)
    for place in places:
        left, top = round(place["x"] - frame["x"]), round(place["y"] - frame["y"])
        area = (slice(top, top + round(place["height"])), slice(left, left + round(place["width"])))
        assert dark[area].any(), "a box without words"
        inside[area] = True
    share = (dark & inside).sum() / dark.sum()
    assert 0.5 < share < 0.95  # the sentences before and after it lie outside


def test_the_tree_opens_three_levels_deep_by_the_keyboard_alone(page):
    page.focus("#search")
    page.keyboard.press("ArrowDown")
    level = "document.activeElement.getAttribute('aria-level')"
    assert page.evaluate(level) == "1"
    for _ in range(12):
        if page.evaluate("document.activeElement.classList.contains('kind-section')"):
            break
        if page.evaluate("document.activeElement.getAttribute('aria-expanded')") is None:
            page.keyboard.press("ArrowDown")
            continue
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("[aria-busy]", state="detached")
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.classList.contains('kind-section')")
    assert int(page.evaluate(level)) >= 3
    page.keyboard.press("Enter")
    page.wait_for_selector("#source .source-body mark, #source .source-body .formatted")
    assert "/harbour/nodes/" in page.url
    page.reload()
    page.wait_for_selector(READY)
    page.wait_for_selector('[role=treeitem][aria-selected="true"].kind-section')
    page.focus('[role=treeitem][aria-selected="true"]')
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.classList.contains('kind-document')")


def test_a_reload_shows_the_conversation_again_and_a_new_one_forgets_it(page):
    ask(page, KEEPER_QUESTION)
    ask(page, "What does the ferry carry?")
    page.reload()
    page.wait_for_selector(READY)
    assert page.locator(".turn.answered").count() == 2
    page.click(".answer .mark >> nth=0")
    page.wait_for_selector("#source mark")
    page.click("#new")
    page.reload()
    page.wait_for_selector(READY)
    assert page.locator(".turn").count() == 0


def test_one_document_is_asked_alone(page):
    page.goto("/harbour/documents/byelaws.pdf")
    page.wait_for_selector(READY)
    page.click("text=Ask only this document")
    assert page.inner_text("#only-title") == "Only: byelaws.pdf"
    ask(page, "How fast may a vessel pass the breakwater?")
    titles = page.locator(".cited .title").all_inner_texts()
    assert titles and set(titles) == {"byelaws.pdf"}
    page.click("#only-off")
    assert not page.is_visible("#only")


def test_what_is_typed_is_searched_for_and_found_passages_open(page):
    page.fill("#search", "forty passengers to Tolbrack")
    page.click("#found button >> nth=0")
    page.wait_for_selector("#source mark")
    assert "forty passengers" in "".join(page.locator("#source mark").all_inner_texts())
    assert "ferry%20%26%20co%20%231%3F.txt" in page.url


def test_nothing_in_a_document_runs(page):
    ask(page, "What did the wicked parrot Salvator say to the harbour-master?")
    page.fill("#search", "wicked parrot Salvator")
    page.click("#found button:has-text('Salvator')")
    page.wait_for_selector("#source mark")
    assert page.url.partition("?")[0].endswith("/evil.md")
    for view in page.locator("#source [data-view]").all():
        view.click()
        page.wait_for_timeout(200)
        assert page.locator("#source img, #source script, #source iframe, #source svg").count() == 0
        for link in page.locator("#source .source-body a").all():
            assert not (link.get_attribute("href") or "").lower().startswith("javascript")
            link.click(no_wait_after=True)
    page.goto("/harbour/documents/evil.md")
    page.wait_for_selector(READY)
    page.fill("#search", "wicked parrot")
    page.wait_for_selector("#found button")
    assert page.evaluate("window.pwned") is None


@pytest.fixture(scope="module")
def hostile_address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("hostile") / "parrots"
    write_hostile(folder)
    with served([indexed(folder)]) as address:
        yield address


@pytest.fixture(scope="module")
def hostile_page(browser, hostile_address) -> Iterator[tuple[Any, list[str]]]:
    """A page, and what has happened in it that must not."""
    context = browser.new_context(base_url=hostile_address, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(20_000)
    happened: list[str] = []
    page.on("dialog", lambda dialog: (happened.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("popup", lambda other: happened.append(f"popup {other.url}"))
    page.on("pageerror", lambda error: happened.append(str(error)))
    page.on("console", lambda message: happened.append(message.text))
    page.on("request", lambda asked: asked.url.startswith(hostile_address) or happened.append(asked.url))
    yield page, happened
    context.close()


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_no_hostile_document_runs_or_loads_anything(hostile_page, hostile_address, name):
    page, happened = hostile_page
    files = httpx.get(f"{hostile_address}/v1/files", timeout=60).json()["data"]
    keys = [file["filename"] for file in files if file["filename"].split("/")[0] == name]
    assert keys or name == "drawing.svg", "it was not read"
    for key in keys:
        page.goto(f"/parrots/documents/{quote(key)}")
        page.wait_for_selector("#source .source-body > *", state="attached")
        for view in page.locator("#source [data-view]:visible").all():
            view.click()
            page.wait_for_selector("#source .source-body > *", state="attached")
            assert (
                page.locator("#source .source-body :is(script, iframe, object, embed, form, style, svg, base)").count()
                == 0
            )
            for link in page.locator("#source .source-body a").all():
                assert re.match("https?:|mailto:|$", link.get_attribute("href") or "")
        assert len(page.frames) == 1
    assert page.evaluate("window.pwned") is None
    assert happened == []


def test_nothing_runs_in_answers_of_hostile_documents(hostile_page):
    page, happened = hostile_page
    page.goto("/parrots/")
    page.wait_for_selector(READY)
    page.fill("#search", "parrot says script")
    page.wait_for_selector("#found button")
    for question in (
        "What does the parrot of the letter say?",
        "What is in here?",
        "What does the parrot of the sheet say?",
    ):
        ask(page, question)
    assert page.locator(".turn :is(script, iframe, img, svg, object, form)").count() == 0
    assert page.evaluate("window.pwned") is None
    assert happened == []


def test_stopping_stops_the_model(browser, tmp_path):
    write_folder(tmp_path / "harbour")
    endless = Endless()
    with served([indexed(tmp_path / "harbour", endless)]) as address, opened(browser, address) as page:
        page.fill("#question", "What does the keeper of the light do at noon?")
        page.click("#send")
        assert endless.begun.wait(20)
        page.wait_for_selector("text=Writing…")
        page.click("#stop")
        page.wait_for_selector("text=Stopped.")
        assert endless.closed.wait(10)
        assert page.is_visible("#send")


def test_it_speaks_german_and_fits_a_narrow_and_dark_screen(browser, address):
    how = {"locale": "de-DE", "viewport": {"width": 390, "height": 780}, "color_scheme": "dark"}
    with opened(browser, address, **how) as page:
        assert page.get_attribute("#question", "placeholder") == "Eine Frage zu den Dokumenten stellen"
        assert page.get_attribute("html", "lang") == "de"
        ask(page, KEEPER_QUESTION)
        page.click(".answer .mark >> nth=0")
        page.wait_for_selector("#source mark")
        assert page.is_visible("#source") and not page.is_visible("#question")
        page.click("[data-open=tree]")
        assert page.is_visible("#tree") and not page.is_visible("#source")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_changes_in_the_folder_is_seen_and_a_file_that_cannot_be_read_is_named(browser, tmp_path):
    write_folder(tmp_path / "harbour")
    made = indexed(tmp_path / "harbour")
    (made.path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (made.path / "cat.md").write_text("# The cat\n\nThe harbour cat is called Demurrage.\n", encoding="utf-8")
    with served([made], watch=True) as address, opened(browser, address) as page:
        page.wait_for_selector("#state.warn:has-text('5 documents')")
        page.click("#state")
        assert "broken.pdf" in page.inner_text("#state-body .files")
        page.keyboard.press("Escape")
        page.focus("#search")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("[role=treeitem] >> text=The cat")


def test_one_of_several_collections_is_chosen(browser, tmp_path):
    folders = []
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text(f"# Of the {name}\n\nThe wind blows from the {name}.\n", encoding="utf-8")
        folders.append(indexed(tmp_path / name))
    with served(folders) as address, opened(browser, address) as page:
        page.select_option("#collections", "south")
        page.wait_for_url("**/south/")
        page.wait_for_selector(READY)
        ask(page, "From where does the wind blow?")
        assert "from the south" in page.inner_text(".answer .text")


def test_going_back_shows_what_was_shown(page):
    ask(page, KEEPER_QUESTION)
    page.click(".answer .mark >> nth=0")
    page.wait_for_selector("#source mark")
    page.go_back()
    page.wait_for_selector("#source", state="hidden")
    page.go_forward()
    page.wait_for_selector("#source mark")


def test_the_form_leads_back_before_its_script_has_run(browser, tmp_path):
    from ragtree.serve.guard import ServerAccess

    write_folder(tmp_path / "harbour")
    with served([indexed(tmp_path / "harbour")], ServerAccess("secret")) as address:
        context = browser.new_context(base_url=address, java_script_enabled=False)
        page = context.new_page()
        page.goto("/harbour/documents/light.md?from=2&to=11")
        for token in ("wrong", "secret"):
            page.fill("#token", token)
            page.keyboard.press("Enter")
            page.wait_for_load_state()
        page.wait_for_url("**/harbour/documents/light.md?from=2&to=11")
        context.close()


def test_a_token_is_typed_once(browser, tmp_path):
    from ragtree.serve.guard import ServerAccess

    write_folder(tmp_path / "harbour")
    with served([indexed(tmp_path / "harbour")], ServerAccess("secret")) as address:
        context = browser.new_context(base_url=address, locale="en-GB")
        page = context.new_page()
        page.goto("/harbour/documents/light.md?from=2&to=11")
        page.fill("#token", "wrong")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Wrong token.")
        page.fill("#token", "secret")
        page.keyboard.press("Enter")
        page.wait_for_selector(READY)
        assert page.evaluate("location.pathname + location.search") == "/harbour/documents/light.md?from=2&to=11"
        assert "ragtree_token" not in page.evaluate("document.cookie")
        context.close()
