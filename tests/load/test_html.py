from __future__ import annotations

import pytest
from reading import read, refusal, where

PAGE = """<!doctype html>
<html><head><title> The
  ferry </title><style>p { color: red }</style><script>var secret = 1;</script></head>
<body><nav>Menu</nav>
<h1>Ferry</h1>
<p>It leaves <b>at</b> nine.</p>
<!-- a comment -->
<h2>Prices &amp; times</h2>
<p>Ten<br>pounds.</p>
<footer>Imprint</footer>
</body></html>"""


def test_words_are_kept_and_the_rest_is_not() -> None:
    document = read(PAGE, "a.html")
    assert document.text == "Ferry\n\nIt leaves at nine.\n\nPrices & times\n\nTen\npounds."
    assert document.title == "The ferry"


@pytest.mark.parametrize(
    ("quote", "line", "heading"),
    [("leaves", 6, ("Ferry",)), ("Prices", 8, ("Ferry", "Prices & times")), ("pounds", 9, ("Ferry", "Prices & times"))],
)
def test_a_passage_knows_its_line_and_headings(quote: str, line: int, heading: tuple[str, ...]) -> None:
    location = where(read(PAGE, "a.htm"), quote)
    assert (location.line, location.heading) == (line, heading)


def test_list_items_are_blocks_with_a_dash() -> None:
    page = "<ul><li>one<li><p>two</p><p>more</p></li><li></li><li><h3>Three</h3></li></ul>"
    document = read(page, "a.html")
    assert document.text == "- one\n\n- two\n\nmore\n\nThree"
    assert where(document, "Three").heading == ("Three",)


def test_a_table_row_is_a_line_of_cells() -> None:
    page = "<table><tr><th>Port</th><th>Tide</th></tr><tr><td>Leith</td><td>5</td></tr></table>"
    assert read(page, "a.html").text == "| Port | Tide\n\n| Leith | 5"


def test_empty_cells_leave_no_lines_behind() -> None:
    page = "<table>\n<tr>\n<td> </td>\n<td>\n<p>word</p></td></tr></table><p>end</p>"
    assert read(page, "a.html").text == "word\n\nend"


def test_preformatted_text_keeps_its_lines() -> None:
    assert read("<pre>one\ntwo</pre>", "a.html").text == "one\ntwo"


@pytest.mark.parametrize(
    "data",
    [
        '<meta charset="utf-8"><p>café</p>'.encode(),
        '<meta charset="iso-8859-1"><p>café</p>'.encode("latin-1"),
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252"><p>café</p>'.encode("cp1252"),
        '<meta charset="utf-16"><p>café</p>'.encode(),  # whoever can read this is not reading UTF-16
        '<meta charset="utf-16"><p>café</p> '.encode(),  # of even and of odd length
        '<meta charset="no-such-thing"><p>café</p>'.encode(),
        '<meta charset="idna"><p>café</p>'.encode(),
        "<p>café</p>".encode("utf-16"),
    ],
)
def test_the_encoding_is_the_page_s_own(data: bytes) -> None:
    assert read(data, "a.html").text == "café"


@pytest.mark.parametrize("data", [b"   ", b"<html></html>", b"<script>x</script>", b"<!-- nothing -->"])
def test_a_page_without_words_is_refused(data: bytes) -> None:
    assert refusal(data, "a.html")


def test_ten_thousand_nested_elements_are_no_trouble() -> None:
    page = b"<p>before</p>" + b"<div>" * 10_000 + b"deep" + b"</div>" * 10_000
    assert "before" in read(page, "a.html").text


def test_a_broken_page_gives_its_words() -> None:
    assert read("<p>one<div>two</table> <b>three</div><p>four", "a.html").text == "one\n\ntwo three\n\nfour"


def test_every_mark_stands_where_its_block_begins() -> None:
    document = read(PAGE, "a.html")
    assert [document.text[mark.start :] for mark in document.marks] == [
        document.text[document.text.index(block) :] for block in document.text.split("\n\n")
    ]
