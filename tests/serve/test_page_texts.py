"""What the page makes of texts, without a server."""

from __future__ import annotations

import json
import re

import pytest

from ragtree.serve.page.document_routes import window
from ragtree.serve.page.formatted import formatted
from ragtree.serve.page.highlights import Wanted, wanted_on_pages
from ragtree.serve.page.login import safe_place
from ragtree.serve.page.paragraphs import paragraphs
from ragtree.serve.page.static_files import STATIC
from ragtree.types import Block, Box, Document, Location, Mark, Span

TEXT = "Title\n\nFirst words.\nSecond line.\n\n- one\n- two\n\n| a | b \\| c |\n| --- | --- |\n| d ||\n"


def shown(text: str, span: Span | None = None, marks: tuple[Mark, ...] = ()) -> list:
    document = Document("a.txt", text, marks=marks, lines=False)
    return paragraphs(document, Span(0, len(text)), span)


def test_a_heading_of_a_format_without_signs_is_known_by_its_mark():
    found = shown(TEXT, marks=(Mark(0, Location(heading=("Title",))),))
    assert [(one.kind, one.level) for one in found] == [("heading", 1), ("text", 0), ("list", 0), ("table", 0)]


def test_cells_are_told_apart_and_empty_ones_stay():
    rows = shown(TEXT)[-1].rows
    assert [[cell[0][0] for cell in row] for row in rows] == [["a", "b \\| c"], ["d", ""]]


@pytest.mark.parametrize(
    "quote", ["words.\nSecond", "Second line.\n\n- one", "a | b \\| c", "d", "line.\n\n- one\n- two\n\n| a"]
)
def test_a_quote_is_marked_wherever_it_begins_and_ends(quote):
    start = TEXT.index(quote)
    found = shown(TEXT, Span(start, start + len(quote)))
    pieces = [piece for one in found for piece in (*one.pieces, *(p for row in one.rows for cell in row for p in cell))]
    marked = "".join(text for text, is_marked in pieces if is_marked)
    assert re.sub(r"[\s|]", "", marked) == re.sub(r"[\s|]", "", quote)


def test_a_window_of_a_long_text_holds_whole_lines_and_the_place():
    text = "".join(f"line {number} of a long text\n" for number in range(40_000))
    at = text.index("line 30000 ")
    span = window(text, at)
    assert text[span.start - 1] == "\n" and text[span.end] == "\n" and span.start <= at < span.end
    assert window(text, 0).start == 0 and window(text, len(text)).end == len(text)
    assert at in range(*window("a" * 10**6, at))


@pytest.mark.parametrize(
    "evil",
    [
        "<script>x</script>",
        "<img src=x onerror=x>",
        "[a](javascript:x)",
        "[a](JaVaScRiPt:x)",
        "[a](&#106;avascript:x)",
        "[a](data:text/html,x)",
        "![a](x.png)",
        '<a href="javascript:x">a</a>',
        "<svg><style>@import 'x'</style></svg>",
        "`<b onclick=x>`",
    ],
)
def test_formatted_text_only_has_plain_elements(evil):
    html = formatted(f"# {evil}\n\nwords {evil} words\n\n| {evil} |\n|---|\n| {evil} |\n")
    tags = set(re.findall(r"<(/?[a-z0-9]+)[^>]*>", html))
    assert tags <= {f"{slash}{tag}" for slash in ("", "/") for tag in "a h1 p table thead tbody tr th td code".split()}
    assert not re.search(r"<[^>]*(javascript|data:|onerror|onclick|src=)", html, re.IGNORECASE)


def test_front_matter_is_not_shown():
    assert formatted("---\ntitle: a\n---\n\nwords") == "<p>words</p>\n"


def test_a_quote_over_two_pages_is_looked_for_on_both():
    text = "The end of a page.\n\nThe beginning of the next."
    blocks = (Block(Span(0, 18), "text", 1, Box(1, 2, 3, 4)), Block(Span(20, len(text)), "text", 2, Box(5, 6, 7, 8)))
    document = Document("a.pdf", text, lines=False, blocks=blocks)
    assert wanted_on_pages(document, Span(11, 33)) == [
        Wanted(1, "a page.", Box(1, 2, 3, 4)),
        Wanted(2, "The beginning", Box(5, 6, 7, 8)),
    ]


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil", "javascript:x", "", "/a\nb"])
def test_after_the_form_no_place_elsewhere_is_opened(place):
    assert safe_place(place) == "/"


def test_every_text_that_the_page_says_is_written_and_the_page_is_small():
    written = json.loads((STATIC / "texts.en.json").read_text(encoding="utf-8")).keys()
    said = set()
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "innerHTML" not in text and "http://" not in text.replace("http://www.w3.org", "")
        if path.suffix == ".js":
            said |= set(re.findall(r"""text\("(\w+)\"""", text))
        elif path.suffix == ".html":
            assert " style=" not in text and "<script>" not in text
            said |= set(re.findall(r'data-(?:text|label|placeholder)="(\w+)"', text))
    assert {key for key in said if key not in written and f"{key}.one" not in written} == set()
    assert sum(path.stat().st_size for path in STATIC.iterdir()) < 400_000
