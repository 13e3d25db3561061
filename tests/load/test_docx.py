from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
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
        "Before all headings.\n\nMinutes\n\nThe board met.\n\nMoney\n\n| Coal | 5 | 5 |\n| Oil | 12 | 9 |\n\n"
        "Staff\n\nStrake keeps the light."
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
    assert read(saved(made), "a.docx").text == "| both |\n| left | right |"


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
    assert read(saved(made), "a.docx").text == "| only |"


def test_an_empty_table_is_no_text() -> None:
    made = docx.Document()
    made.add_table(rows=2, cols=2)
    assert refusal(saved(made), "a.docx") == "there is no text in it"


def test_old_and_locked_files_are_named() -> None:
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512)
    assert refusal(ole, "a.docx") == "locked with a password, or an old .doc file"


def test_a_broken_zip_is_named() -> None:
    whole = saved(minutes())
    assert refusal(whole[: len(whole) // 2], "a.docx") == "a broken Word file, or none"
    assert refusal(b"plain words", "a.docx") == "a broken Word file, or none"


def test_a_zip_that_is_no_word_file_is_named() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("words.txt", "words")
    assert "could not be read as DOCX" in refusal(written.getvalue(), "a.docx")


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
