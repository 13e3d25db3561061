from __future__ import annotations

import io
from datetime import UTC, datetime

import pypdf
import pytest
from fpdf import FPDF
from reading import read, refusal, where

from ragtree.settings import LoadSettings
from ragtree.types import Span


def pdf(*pages: str, title: str = "") -> bytes:
    made = FPDF()
    made.set_font("Helvetica", size=12)
    if title:
        made.set_title(title)
    for text in pages:
        made.add_page()
        if text:
            made.multi_cell(0, text=text, new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


def locked(data: bytes, user: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(user_password=user, owner_password="owner", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


REPORT = pdf("The lamp was lit.", "", "The keeper went", "home at nine.", title="Report on the light")


def test_a_passage_knows_its_page() -> None:
    document = read(REPORT, "a.PDF")
    assert [where(document, quote).page for quote in ("lamp", "keeper", "home")] == [1, 3, 4]
    assert where(document, "home").line is None
    assert str(where(document, "home")) == "page 4"


def test_the_title_is_the_file_s_own() -> None:
    assert read(REPORT, "a.pdf").title == "Report on the light"
    assert read(pdf("words"), "a.pdf").title == "a.pdf"


def test_a_sentence_runs_over_the_page_and_paragraphs_do_not() -> None:
    assert read(REPORT, "a.pdf").text == "The lamp was lit.\n\nThe keeper went home at nine."


def test_a_span_over_a_page_break_is_located_where_its_words_begin() -> None:
    document = read(REPORT, "a.pdf")
    end_of_first = document.text.index("\n\n")
    assert document.locate(Span(end_of_first, len(document.text))).page == 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7 and then nothing", "a broken PDF"),
        (REPORT[: len(REPORT) // 3], "a broken PDF"),
        (b"plain words", "a broken PDF"),
        (pdf("", ""), "no text in it"),
        (locked(REPORT, "secret"), "locked with a password"),
    ],
)
def test_what_cannot_be_read_is_named(data: bytes, reason: str) -> None:
    assert reason in refusal(data, "a.pdf")


def test_a_file_that_only_forbids_printing_is_read() -> None:
    assert "The lamp was lit." in read(locked(REPORT, ""), "a.pdf").text


def test_too_many_pages_are_left_out() -> None:
    assert refusal(REPORT, "a.pdf", LoadSettings(max_pages=3)) == "4 pages, more than load.max_pages = 3"
    assert read(REPORT, "a.pdf", LoadSettings(max_pages=4)).text


def test_a_broken_page_costs_itself() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("One.", "Two.", "Three.")))
    writer.pages[1][pypdf.generic.NameObject("/Type")] = pypdf.generic.NameObject("/Font")
    written = io.BytesIO()
    writer.write(written)
    document = read(written.getvalue(), "a.pdf")
    assert document.text == "One.\n\nThree."
    assert document.metadata["broken_pages"] == "2"
    assert where(document, "Three").page == 3


def test_author_and_dates_are_metadata() -> None:
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=12)
    made.set_author("M. Lorne")
    made.set_creation_date(datetime(1999, 3, 14, tzinfo=UTC))
    made.cell(text="words")
    assert dict(read(bytes(made.output()), "a.pdf").metadata) == {"author": "M. Lorne", "created": "1999-03-14"}


@pytest.mark.parametrize("title", ["Microsoft Word - draft7.doc", "untitled", "scan_0001.pdf", ""])
def test_a_title_that_is_none_is_not_taken(title: str) -> None:
    assert read(pdf("words", title=title), "a.pdf").title == "a.pdf"
