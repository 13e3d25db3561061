from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from packing import W, packed, word
from reading import read, refusal, where

from ragtree.settings import LoadSettings


def saved(document: Document) -> bytes:
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def minutes() -> Document:
    made = docx.Document()
    made.add_paragraph("Before all headings.")
    made.add_heading("Minutes", level=1)
    made.add_paragraph("The board met.")
    made.add_heading("Money", level=2)
    table = made.add_table(rows=2, cols=3)
    for cell, text in zip((cell for row in table.rows for cell in row.cells), "Coal 5 5 Oil 12 9".split(), strict=True):
        cell.text = text
    made.add_paragraph("  ")
    made.add_heading("Staff", level=1)
    made.add_paragraph("Strake keeps the light.")
    return made


def test_paragraphs_and_tables_keep_their_order() -> None:
    assert read(saved(minutes()), "a.docx").text == (
        "Before all headings.\n\nMinutes\n\nThe board met.\n\nMoney\n\n"
        "| Coal | 5 | 5 |\n| --- | --- | --- |\n| Oil | 12 | 9 |\n\nStaff\n\nStrake keeps the light."
    )


@pytest.mark.parametrize(
    ("quote", "heading"),
    [
        ("Before", ()),
        ("board", ("Minutes",)),
        ("Oil", ("Minutes", "Money")),
        ("Strake", ("Staff",)),
    ],
)
def test_a_passage_knows_its_headings_and_no_line(quote: str, heading: tuple[str, ...]) -> None:
    location = where(read(saved(minutes()), "a.docx"), quote)
    assert (location.heading, location.line, location.page) == (heading, None, None)


def test_the_title_is_the_property_or_the_first_block_s_heading() -> None:
    made = docx.Document()
    made.add_paragraph("Annual report", style="Title")
    made.add_paragraph("words")
    assert read(saved(made), "a.docx").title == "Annual report"
    made.core_properties.title = "Report of 1922"
    assert read(saved(made), "a.docx").title == "Report of 1922"
    assert read(saved(minutes()), "a.docx").title == "a.docx"


def test_a_merged_cell_is_read_once() -> None:
    made = docx.Document()
    table = made.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "both"
    table.cell(1, 0).text, table.cell(1, 1).text = "left", "right"
    assert read(saved(made), "a.docx").text == "| both | both |\n| --- | --- |\n| left | right |"


def test_a_table_row_may_begin_late() -> None:
    made = docx.Document()
    table = made.add_table(rows=1, cols=2)
    table.cell(0, 0).text = "only"
    row = table.rows[0]._tr
    row.remove(row.tc_lst[1])
    properties = row.get_or_add_trPr()
    before = OxmlElement("w:gridBefore")
    before.set(qn("w:val"), "1")
    properties.append(before)
    assert read(saved(made), "a.docx").text == "only"


def test_an_empty_table_is_no_text() -> None:
    made = docx.Document()
    made.add_table(rows=2, cols=2)
    assert refusal(saved(made), "a.docx") == "there is no text in it"


def test_old_and_locked_files_are_named() -> None:
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512)
    assert refusal(ole, "a.docx") == "locked with a password, or an old Office file; save it in the newer format"


def test_a_broken_zip_is_named() -> None:
    whole = saved(minutes())
    assert refusal(whole[: len(whole) // 2], "a.docx") == "a broken Word file, or none"
    assert refusal(b"plain words", "a.docx") == "a broken Word file, or none"


def test_a_zip_that_is_no_word_file_is_named() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("words.txt", "words")
    assert refusal(written.getvalue(), "a.docx") == "a broken word/document: a zip without that part"


def test_a_bomb_is_refused_by_the_sizes_that_it_declares() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"word/part{number}.xml", b"\0" * 1_000_000)
    limits = LoadSettings(max_megabytes=1)
    assert len(written.getvalue()) < 20_000
    assert refusal(written.getvalue(), "a.docx", limits) == "unpacks to 5 MB, more than 4 (4 x load.max_megabytes)"


def test_every_mark_stands_where_its_block_begins() -> None:
    document = read(saved(minutes()), "a.docx")
    assert [document.text[mark.start :] for mark in document.marks] == [
        document.text[document.text.index(block) :] for block in document.text.split("\n\n")
    ]


def paragraph(text: str, properties: str = "", before: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{before}<w:r><w:t>{text}</w:t></w:r></w:p>"


def test_what_is_inserted_is_read_and_what_is_deleted_is_not() -> None:
    body = (
        "<w:p><w:r><w:t>The ferry </w:t></w:r><w:ins><w:r><w:t>always </w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>never </w:delText></w:r></w:del><w:moveFrom><w:r><w:t>gone </w:t></w:r></w:moveFrom>"
        "<w:r><w:t>leaves</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t> unseen</w:t></w:r></w:p>"
    )
    assert read(word(body), "a.docx").text == "The ferry always leaves"


def test_content_controls_links_and_fields_are_read() -> None:
    body = (
        f"<w:sdt><w:sdtContent>{paragraph('In a control.')}</w:sdtContent></w:sdt>"
        "<w:p><w:hyperlink><w:r><w:t>a link</w:t></w:r></w:hyperlink><w:r><w:instrText>PAGE</w:instrText></w:r>"
        "<w:fldSimple><w:r><w:t> of 7</w:t></w:r></w:fldSimple></w:p>"
    )
    assert read(word(body), "a.docx").text == "In a control.\n\na link of 7"


def test_a_text_box_stands_once_and_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{paragraph('In the box.')}</w:txbxContent>"
    body = (
        '<w:p xmlns:mc="m"><w:r><w:t>Before it.</w:t></w:r><w:r><mc:AlternateContent>'
        f"<mc:Choice><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert read(word(body), "a.docx").text == "Before it.\n\nIn the box."


def test_notes_follow_their_paragraph() -> None:
    notes = f'<w:footnotes {W}><w:footnote w:id="2">{paragraph("See the log.")}</w:footnote></w:footnotes>'
    body = '<w:p><w:r><w:t>It blew.</w:t><w:footnoteReference w:id="2"/></w:r></w:p>' + paragraph("It calmed.")
    assert read(word(body, footnotes=notes), "a.docx").text == "It blew.\n\nNote: See the log.\n\nIt calmed."


STYLES = (
    f'<w:styles {W}><w:style w:styleId="Kop1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>'
    '</w:pPr></w:style><w:style w:styleId="Mine"><w:name w:val="My own"/><w:basedOn w:val="Kop2"/></w:style>'
    '<w:style w:styleId="Kop2"><w:name w:val="heading 2"/><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/>'
    "</w:numPr></w:pPr></w:style></w:styles>"
)
NUMBERS = (
    f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="lowerLetter"/>'
    '<w:lvlText w:val="(%1)"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="5"><w:abstractNumId w:val="7"/></w:num>'
    '<w:num w:numId="6"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
    "</w:lvlOverride></w:num></w:numbering>"
)


def listed(text: str, number: int, level: int = 0) -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_headings_have_the_numbers_that_word_counts() -> None:
    styles = ("Kop1", "Mine", "Kop2", "Kop1", "Kop2")
    body = "".join(
        paragraph(f"Part {at}", f'<w:pStyle w:val="{style}"/>') + paragraph(f"text {at}")
        for at, style in enumerate(styles)
    )
    document = read(word(body, styles=STYLES, numbering=NUMBERS), "a.docx")
    headings = [where(document, f"text {at}").heading[-1] for at in range(5)]
    assert headings == ["1 Part 0", "1.1 Part 1", "1.2 Part 2", "2 Part 3", "2.1 Part 4"]
    assert where(document, "text 4").heading == ("2 Part 3", "2.1 Part 4")


def test_list_items_are_lines_with_their_numbers() -> None:
    body = listed("three", 5) + listed("dot", 5, 1) + listed("four", 5) + paragraph("between") + listed("anew", 6)
    text = read(word(body, styles=STYLES, numbering=NUMBERS), "a.docx").text
    assert text == "(c) three\n- dot\n(d) four\n\nbetween\n\n(a) anew"


def test_a_cell_that_spans_rows_stands_in_each_of_them() -> None:
    made = docx.Document()
    table = made.add_table(rows=3, cols=2)
    for row, text in zip(table.rows, ("one", "two", "three"), strict=True):
        row.cells[1].text = text
    table.cell(0, 0).merge(table.cell(1, 0)).text = "tall"
    assert read(saved(made), "a.docx").text.splitlines()[0::2] == ["| tall | one |", "| tall | two |"]


def test_a_table_in_a_cell_is_read_in_place() -> None:
    made = docx.Document()
    cell = made.add_table(rows=1, cols=2).rows[0].cells[1]
    cell.text = "outer"
    inner = cell.add_table(rows=1, cols=2)
    inner.rows[0].cells[0].text, inner.rows[0].cells[1].text = "a", "b"
    assert read(saved(made), "a.docx").text == "outer a, b"


def test_a_frame_of_one_cell_keeps_its_headings() -> None:
    cell = paragraph("Inside", '<w:outlineLvl w:val="0"/>') + paragraph("words")
    document = read(word(f"<w:tbl><w:tr><w:tc>{cell}</w:tc></w:tr></w:tbl>"), "a.docx")
    assert where(document, "words").heading == ("Inside",)


def test_formulas_are_read_as_tex() -> None:
    m = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    r = "<m:r><m:t>{}</m:t></m:r>"
    fraction = f"<m:f><m:num>{r.format('a')}</m:num><m:den>{r.format('b')}</m:den></m:f>"
    power = f"<m:sSup><m:e>{r.format('x')}</m:e><m:sup>{r.format('2')}</m:sup></m:sSup>"
    body = f"<w:p {m}><w:r><w:t>Area</w:t></w:r><m:oMath>{fraction}{r.format('=')}{power}</m:oMath></w:p>"
    assert read(word(body), "a.docx").text == r"Area $\frac{a}{b}=x^{2}$"


def test_tables_that_nest_without_an_end_are_refused() -> None:
    table = "<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>"
    body = "<w:p/>"
    for _ in range(70):
        body = table.format(body)
    assert "nest deeper" in refusal(word(body), "a.docx")


def test_the_strict_form_of_the_standard_is_read() -> None:
    data = word(paragraph("Strictly."))
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    old = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    parts["word/document.xml"] = parts["word/document.xml"].replace(old, strict.encode())
    assert read(packed({**parts}), "a.docx").text == "Strictly."


def test_the_styles_of_publishers_are_headings_and_programs() -> None:
    names = {"T": "ChapterTitle", "A": "HeadA", "B": "HeadB", "C": "CodeWide", "L": "CodeLabel", "S": "Subtitle"}
    styles = "".join(f'<w:style w:styleId="{key}"><w:name w:val="{name}"/></w:style>' for key, name in names.items())
    shown = [("T", "Tides"), ("A", "Spring"), ("B", "Moon"), ("L", "tide.py"), ("C", "if full:"), ("C", "    rise()")]
    shown += [("S", "below"), ("C", "one line")]
    body = "".join(paragraph(text, f'<w:pStyle w:val="{style}"/>') for style, text in shown)
    body = body.replace("<w:t>    rise", '<w:t xml:space="preserve">    rise')
    document = read(word(body, styles=f"<w:styles {W}>{styles}</w:styles>"), "a.docx")
    assert document.text == "Tides\n\nSpring\n\nMoon\n\ntide.py\n\n```\nif full:\n    rise()\n```\n\nbelow\n\none line"
    assert where(document, "rise").heading == ("Tides", "Spring", "Moon")
    assert document.title == "Tides"
