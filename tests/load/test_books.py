"""E-books and OpenDocument texts and slides."""

from __future__ import annotations

from packing import packed
from reading import read, refusal, where

from ragtree.settings import LoadSettings

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
ODF = "urn:oasis:names:tc:opendocument:xmlns:"
NAMES = " ".join(
    f'xmlns:{name}="{ODF}{space}:1.0"'
    for name, space in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "presentation": "presentation",
        "style": "style",
    }.items()
)


def book(chapters: dict[str, str], spine: list[str], extra: dict[str, str | bytes] | None = None) -> bytes:
    items = "".join(f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>' for name in chapters)
    refs = "".join(f'<itemref idref="{name}"/>' for name in spine)
    opf = (
        '<package xmlns:dc="dc"><metadata><dc:title>The Tides</dc:title><dc:creator>A. Vane</dc:creator>'
        f"<dc:date>1922-04-03</dc:date></metadata><manifest>{items}</manifest><spine>{refs}</spine></package>"
    )
    parts: dict[str, str | bytes] = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER}
    parts |= {"OPS/book.opf": opf}
    parts |= {f"OPS/{name}.xhtml": f"<html><body>{text}</body></html>" for name, text in chapters.items()}
    return packed(parts | (extra or {}))


CHAPTERS = {
    "two": "<h1>Two</h1><p>They turn.</p>",
    "one": "<h1>One</h1><h2>Spring</h2><p>Higher.</p>",
    "unused": "x",
}


def test_chapters_stand_in_the_order_of_the_spine() -> None:
    document = read(book(CHAPTERS, ["one", "two", "one", "nothing"]), "a.epub")
    assert document.text == "One\n\nSpring\n\nHigher.\n\nTwo\n\nThey turn."
    assert (where(document, "Higher").heading, where(document, "turn").heading) == (("One", "Spring"), ("Two",))
    assert (document.title, document.metadata) == ("The Tides", {"author": "A. Vane", "date": "1922-04-03"})


def test_a_chapter_outside_of_the_book_is_not_read() -> None:
    data = book({"../../../../etc/passwd": "x", "one": "words"}, ["../../../../etc/passwd", "one"])
    assert "words" in read(data, "a.epub").text


def test_a_copy_protected_book_says_so() -> None:
    locked = '<encryption><EncryptedData><CipherReference URI="OPS/one.xhtml"/></EncryptedData></encryption>'
    data = book(CHAPTERS, ["one"], {"META-INF/encryption.xml": locked})
    assert refusal(data, "a.epub") == "locked by copy protection (DRM)"


def test_a_zip_that_is_no_book_is_named() -> None:
    assert "broken" in refusal(packed({"mimetype": "application/epub+zip"}), "a.epub")


def odt(body: str, kind: str = "text", parts: dict[str, str | bytes] | None = None) -> bytes:
    content = f"<office:document-content {NAMES}><office:body><office:{kind}>{body}</office:{kind}></office:body>"
    files: dict[str, str | bytes] = {"content.xml": content + "</office:document-content>"}
    return packed({"mimetype": "application/vnd.oasis.opendocument." + kind, **files, **(parts or {})})


def test_headings_lists_and_white_space_of_a_text() -> None:
    body = (
        '<text:h text:outline-level="1">Tides</text:h><text:h text:outline-level="2">Spring</text:h>'
        '<text:p>one<text:s text:c="2"/>two<text:tab/>three<text:line-break/>four</text:p>'
        "<text:list><text:list-item><text:p>a</text:p><text:list><text:list-item><text:p>b</text:p></text:list-item>"
        "</text:list></text:list-item><text:list-item><text:p>c</text:p></text:list-item></text:list>"
    )
    document = read(odt(body), "a.odt")
    assert document.text == "Tides\n\nSpring\n\none  two\tthree\nfour\n\n- a\n- b\n- c"
    assert where(document, "four").heading == ("Tides", "Spring")


def test_deletions_are_left_out_and_notes_and_comments_are_not() -> None:
    body = (
        "<text:tracked-changes><text:p>DELETED</text:p></text:tracked-changes>"
        "<text:p>It blew<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>See the log."
        "</text:p></text:note-body></text:note> hard.<office:annotation><text:p>COMMENT</text:p></office:annotation>"
        "</text:p>"
    )
    assert read(odt(body), "a.odt").text == "It blew hard.\n\nNote: See the log.\n\nComment: COMMENT"


def test_a_frame_is_read_after_its_paragraph() -> None:
    frame = "<draw:frame><draw:text-box><text:p>In the box.</text:p></draw:text-box></draw:frame>"
    assert read(odt(f"<text:p>Before{frame} it.</text:p>"), "a.odt").text == "Before it.\n\nIn the box."


def test_a_table_of_a_text_is_markdown() -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"

    head = cell("Both", 'table:number-columns-spanned="2"') + "<table:covered-table-cell/>"
    rows = [f"<table:table-header-rows><table:table-row>{head}</table:table-row></table:table-header-rows>"]
    rows.append(f"<table:table-row>{cell('Leith')}{cell('5')}</table:table-row>")
    text = read(odt(f"<table:table>{''.join(rows)}</table:table>"), "a.odt").text
    assert text == "| Both | Both |\n| --- | --- |\n| Leith | 5 |"


def test_slides_are_pages_with_notes() -> None:
    def slide(title: str, text: str) -> str:
        def frame(text: str, kind: str) -> str:
            box = f"<draw:text-box><text:p>{text}</text:p></draw:text-box>"
            return f'<draw:frame presentation:class="{kind}">{box}</draw:frame>'

        notes = f"<presentation:notes>{frame('Slowly.', 'notes')}</presentation:notes>"
        return f"<draw:page>{frame(text, 'outline')}{frame(title, 'title')}{frame('7', 'footer')}{notes}</draw:page>"

    data = odt(slide("Tides", "turn") + slide("Ferries", "leave"), "presentation")
    document = read(data, "a.odp")
    assert document.text == "Tides\n\nturn\n\nNotes: Slowly.\n\nFerries\n\nleave\n\nNotes: Slowly."
    assert (where(document, "leave").page, where(document, "leave").heading) == (2, ("Ferries",))
    assert "load.max_pages" in refusal(data, "a.odp", LoadSettings(max_pages=1))


def test_a_locked_text_says_so() -> None:
    manifest = (
        '<manifest:manifest xmlns:manifest="m"><manifest:file-entry manifest:full-path="content.xml">'
        "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    data = odt("", parts={"META-INF/manifest.xml": manifest, "content.xml": b"\x93\x01noise"})
    assert refusal(data, "a.odt") == "locked with a password"


def test_lists_that_nest_without_an_end_are_refused() -> None:
    body = "<text:list><text:list-item>" * 100 + "<text:p>x</text:p>" + "</text:list-item></text:list>" * 100
    assert "nest deeper" in refusal(odt(body), "a.odt")
