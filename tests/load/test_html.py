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
    assert read(page, "a.html").text == "| Port | Tide |\n| --- | --- |\n| Leith | 5 |"


def test_empty_cells_leave_no_lines_behind() -> None:
    page = "<table>\n<tr>\n<td> </td>\n<td>\n<p>word</p></td></tr></table><p>end</p>"
    assert read(page, "a.html").text == "word\n\nend"


def test_preformatted_text_keeps_its_lines() -> None:
    assert read("<pre>if one:\n    two</pre>", "a.html").text == "```\nif one:\n    two\n```"
    assert read("<pre>one</pre>", "a.html").text == "one"


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
        '<meta charset="latin1"><p>café</p>'.encode("utf-8-sig"),  # the mark is stronger than the word
        '<meta charset="latin1"><p>café</p>'.encode(),  # what is valid UTF-8 is no Latin-1
        '<!-- <meta charset="utf-8"> --><meta charset="latin1"><meta charset="koi8-r"><p>café</p>'.encode("latin-1"),
        '<script charset="koi8-r"></script><meta charset=latin1><p>café</p>'.encode("latin-1"),
        '<meta name="x" content="charset=koi8-r"><meta charset=latin1><p>café</p>'.encode("latin-1"),
        "<meta content='text/html; charset=latin1' http-equiv=content-type><p>café</p>".encode("latin-1"),
        '<?xml version="1.0" encoding="latin1"?><html><p>café</p></html>'.encode("latin-1"),
        '<meta charset="no-such-thing"><meta charset="latin1"><p>café</p>'.encode("latin-1"),
        "<p>ca\0fé</p>".encode(),
        "<p>café</p>".encode("utf-16"),
        "<p>café</p>".encode("utf-16-be"),
        "<p>café</p>".encode("utf-32-le"),
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


ARTICLE = "<h1>Tides</h1><p>The tide turns twice a day, and the ferry with it; who is late waits for six hours.</p>"


@pytest.mark.parametrize(
    "menu",
    [
        '<nav>MENU <a href="/">home</a></nav>',
        '<div role="navigation">MENU</div>',
        '<div class="site-menu"><a href="/">MENU</a> <a href="/x">more</a></div>',
        '<ul id="breadcrumb"><li><a href="/">MENU</a></li></ul>',
        '<div class="cookie-notice">MENU We use cookies.</div>',
        '<div style="display: none">MENU</div>',
        "<div hidden>MENU</div>",
        '<header role="banner">MENU</header>',
    ],
)
def test_menus_and_notices_are_left_out(menu: str) -> None:
    assert read(menu + ARTICLE, "a.html").text == read(ARTICLE, "a.html").text


@pytest.mark.parametrize(
    "kept",
    [
        '<div class="menu"><p>KEPT Today: sole with potatoes, and <a href="/wine">a wine</a>.</p></div>',
        "<header><h1>KEPT</h1></header>",
        '<aside class="note"><p>KEPT</p></aside>',
        '<div class="cookie-recipes">' + "<p>KEPT butter and flour</p>" + "<p>sugar</p>" * 400 + "</div>",
    ],
)
def test_what_is_in_doubt_is_kept(kept: str) -> None:
    assert "KEPT" in read(kept + ARTICLE, "a.html").text


def test_a_page_that_is_only_a_menu_is_read() -> None:
    assert read('<nav><a href="/a">Harbour</a> <a href="/b">Ferry</a></nav>', "a.html").text == "Harbour Ferry"


def test_merged_cells_stand_in_every_row_and_column_that_they_cover() -> None:
    page = (
        '<table><tr><th rowspan="2">Port</th><th colspan="2">Tide</th></tr><tr><th>am</th><th>pm</th></tr>'
        "<tr><td>Leith</td><td>5</td><td>6</td></tr></table>"
    )
    assert read(page, "a.html").text.splitlines() == [
        "| Port | Tide | Tide |",
        "| --- | --- | --- |",
        "| Port | am | pm |",
        "| Leith | 5 | 6 |",
    ]


def test_a_span_of_millions_is_no_trouble() -> None:
    page = '<table><tr><td rowspan="99999" colspan="99999">a</td><td>b</td></tr><tr><td>c</td></tr></table>'
    assert len(read(page, "a.html").text) < 20_000


def test_a_table_that_arranges_a_page_keeps_its_headings() -> None:
    page = "<table><tr><td><h2>Left</h2><p>one</p></td><td><h2>Right</h2><p>two</p></td></tr></table>"
    document = read(page, "a.html")
    assert (where(document, "one").heading, where(document, "two").heading) == (("Left",), ("Right",))


def test_numbered_items_keep_their_numbers() -> None:
    page = '<ol start="3"><li>three<ul><li>dot</li></ul></li><li>four</li></ol>'
    assert read(page, "a.html").text == "3. three\n\n- dot\n\n4. four"


def test_formulas_are_read_as_tex() -> None:
    page = '<p>Area <math alttext="\\pi r^2"><mi>π</mi></math> here</p>'
    assert read(page, "a.html").text == r"Area $\pi r^2$ here"


def test_what_the_page_says_of_itself_is_metadata() -> None:
    page = '<html lang="de"><meta name="author" content="A. Vane"><meta property="article:published_time" '
    document = read(page + 'content="1922-04-03T10:00"><p>words', "a.html")
    assert document.metadata == {"author": "A. Vane", "date": "1922-04-03", "language": "de"}


@pytest.mark.parametrize("label", ["iso-8859-1", "latin1", "us-ascii", "windows-1252", "l1", "cp819"])
def test_latin_1_is_what_the_web_means_by_it(label: str) -> None:
    page = f'<meta charset="{label}"><p>€ 5 – “bar”</p>'.encode("cp1252")
    assert read(page, "a.html").text == "€ 5 – “bar”"
    assert read(f'<?xml version="1.0" encoding="{label}"?><a>€ 5</a>'.encode("cp1252"), "a.xml").text.endswith("€ 5")


def test_frames_in_frames_come_to_an_end() -> None:
    page = "<p>innermost</p>"
    for _ in range(3):
        page = (
            "<p>outer</p><iframe srcdoc='" + page.replace("&", "&amp;").replace("'", "&#39;") + "'>no frames</iframe>"
        )
    assert read(page, "a.html").text.split("\n\n") == ["outer", "outer", "outer", "innermost"]


def test_a_request_to_run_programs_is_left_out() -> None:
    page = "<p>Tides</p><noscript>Please enable JavaScript.</noscript><noscript>They turn twice.</noscript>"
    assert read(page + "<p hidden=until-found>At nine.</p>", "a.html").text == "Tides\n\nThey turn twice.\n\nAt nine."
