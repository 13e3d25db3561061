"""Each row of docs/formats.md, shown with a small file: it is in the text, or it is not, or a notice tells of it."""

from __future__ import annotations

import pytest
from contents_mail import CALENDARS, MAIL, TABLES, TEXTS
from contents_office import PRESENTATIONS, WORD_FILES, WORKBOOKS
from contents_others import BOOKS, OPEN_DOCUMENTS, PAGES, PDFS
from contents_pictures import PICTURES as IMAGES
from reading import read

from ragtree.load.format_contents import (
    BEYOND,
    FIGURES,
    FIGURES_LATER,
    FORMATS,
    LATER,
    NO_ENGINE,
    PICTURES,
    UNREAD_LINES,
    Handling,
    NoticeCollector,
)

ELSEWHERE = (PICTURES, NO_ENGINE, LATER, UNREAD_LINES, BEYOND, FIGURES, FIGURES_LATER)
"""What depends on more than the file, as test_recognition.py and indexing/test_figures.py show, or on a very large one:
test_beyond.py."""

SAMPLES = {
    ("PDF", "pdf"): PDFS,
    ("PNG", "png"): IMAGES,
    ("DOCX", "docx"): WORD_FILES,
    ("XLSX", "xlsx"): WORKBOOKS,
    ("PPTX", "pptx"): PRESENTATIONS,
    ("HTML", "html"): PAGES,
    ("EPUB", "epub"): BOOKS,
    ("ODF", "odt"): OPEN_DOCUMENTS,
    ("EML", "eml"): MAIL,
    ("ICS", "ics"): CALENDARS,
    ("CSV", "csv"): TABLES,
    ("TXT", "txt"): TEXTS,
}
"""Format and ending -> what is held -> a file that holds it, and words: those that are read, or must not be."""

ROWS = [
    pytest.param(ending, held, *samples[held.what], id=f"{name}: {held.what}")
    for (name, ending), samples in SAMPLES.items()
    for held in FORMATS[name]
    if held.what in samples
]


@pytest.mark.parametrize(("ending", "held", "data", "words"), ROWS)
def test_a_row_of_the_table_is_true(ending: str, held: tuple[str, Handling, str], data: bytes, words: str) -> None:
    what, handling, how = held
    document = read(data, "a.mbox" if b"From - " in data[:9] else f"a.{ending}")
    notices = [notice for notice in document.notices if notice.startswith(f"{what}: ")]
    if handling is Handling.REPORTED:
        assert len(notices) == 1
        assert f", {how}" in notices[0]
        shown = how != "not read" and how != "not checked"
        assert (words in document.text) is shown
    elif handling is Handling.READ:
        assert words in document.text or words in document.metadata.values()
        assert not document.notices
    else:
        assert words not in document.text
        assert "Anchor" in document.text
        assert not document.notices


@pytest.mark.parametrize("name", FORMATS)
def test_every_row_has_a_sample(name: str) -> None:
    samples = next(found for (format_name, _), found in SAMPLES.items() if format_name == name)
    assert list(samples) == [held.what for held in FORMATS[name] if held.what not in ELSEWHERE]


def test_only_kinds_in_the_table_can_be_reported() -> None:
    with pytest.raises(KeyError, match="FORMATS"):
        NoticeCollector("HTML").add("footnotes")


def test_a_notice_counts_and_names_a_few() -> None:
    told = NoticeCollector("PDF")
    for number in range(7):
        told.add("attached files", f"part {number}.csv")
    told.add("digital signatures")
    assert told.notices() == (
        "attached files: 7, not read (part 0.csv, part 1.csv, part 2.csv, part 3.csv, part 4.csv)",
        "digital signatures: 1, not checked",
    )
