from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.text.titles import DocumentName, Number, describe, roman, split_name, tokens
from ragtree.types import Document, Location, Mark


def named(path: str, title: str = "", text: str = "Some words are here.", **metadata: str) -> DocumentName:
    return describe(Document(path, text, title, metadata=metadata))


def test_a_name_in_one_line() -> None:
    name = named("minutes/board-minutes-1922-1923.docx", "Harbour Board: Minutes, November 1922 to April 1923")
    assert name.line == (
        "Harbour Board: Minutes, November 1922 to April 1923 · minutes · 1922-11 – 1923-04 · "
        "minutes/board-minutes-1922-1923.docx"
    )
    assert named("a/notes.txt").line == "a/notes.txt"


@pytest.mark.parametrize(
    ("path", "title", "kind"),
    [
        ("minutes/board-minutes-1922.md", "Harbour Board: Minutes", "minutes"),
        ("letters/hoad-insurer-letters.docx", "Letters of Mr. Hoad", "letters"),
        ("letters/report-on-the-light.docx", "Report upon the Illumination", "report"),
        ("invoices/117.pdf", "", "invoices"),
        ("notes/2024-03-01.md", "Shopping", "notes"),
        ("price-lists/price-list-2023.xlsx", "", "price lists"),
        ("pep-0249.rst", "PEP 249: Database API", "pep"),
        ("src/ch13-01-closures.md", "Closures", "ch"),
        ("manual/catalogue-of-buoys.md", "Catalogue of the Buoys and Marks", "catalogue"),
        ("x.md", "Keeper's Log, October 1922", "log"),
        ("x.md", "Protokoll der Sitzung vom 3. Mai 1923", "protokoll"),
        ("src/data-types.md", "Data Types", ""),
        ("docs/index.html", "Welcome", ""),
        ("people/school-essay-the-harbour-cat.txt", "THE HARBOUR CAT", ""),
        ("postmortem-2024-03-12-login.md", "Postmortem: nobody could log in, 12 March 2024", "postmortem"),
        ("kassenbericht-2024.md", "Kassenbericht für das Jahr 2024 und die Sitzung der Mitglieder", "kassenbericht"),
    ],
)
def test_the_kind_is_said_and_not_guessed(path: str, title: str, kind: str) -> None:
    german = "für" in title or "der" in title
    text = "Das Protokoll der Sitzung ist nicht für die Leser" if german else "The text of it is this."
    assert named(path, title, text).kind == kind


def test_what_the_metadata_say_is_the_kind() -> None:
    assert named("letters/a-letter.md", "A letter", kind="memorandum").kind == "memorandum"


@pytest.mark.parametrize(
    ("path", "title", "text", "metadata", "date"),
    [
        ("a.md", "Minutes of 1923", "", {"date": "1923-06-02"}, "1923-06-02"),
        ("pep-0001.rst", "PEP 1: Guidelines", "", {"created": "13-Jun-2000"}, "2000-06-13"),
        ("a.docx", "Letters", "", {"date": "2024-06-28"}, ""),
        ("a.docx", "Letters of 1922", "", {"date": "2024-06-28"}, "1922"),
        ("logs/log-1923-1924.md", "The log", "", {}, "1923/1924"),
        ("archive/1922/log.md", "The log", "", {}, "1922"),
        (
            "a.txt",
            "",
            "LETTERS\n\nMaw Head, 9 October 1922\n\nSirs\n\nMaw Head, 12 May 1923\n\nSirs",
            {},
            "1922-10-09/1923-05-12",
        ),
        (
            "a.txt",
            "",
            "THE CAT\n\nBy Ida Marsh, May 1923.\n\n" + "She came\nin 1920 and\nin June 1921\nhas gone.",
            {},
            "1923-05",
        ),
        ("a.txt", "LETTERS, 1921 TO 1923", "Maw Head\n\n9 October 1922\n\nSirs", {}, "1922-10-09"),
        ("a.md", "The history of 1066 stones", "In 1990 it was. In 2001 again.", {}, ""),
    ],
)
def test_the_date_is_what_the_document_says(
    path: str, title: str, text: str, metadata: dict[str, str], date: str
) -> None:
    assert named(path, title, text or "Some words.", **metadata).date == date


def test_headings_with_dates_are_its_time() -> None:
    marks = tuple(
        Mark(start, Location(heading=(text,)))
        for start, text in (
            (0, "To the Clerk, 12 December 1922"),
            (5, "2 May 1923"),
            (9, "What happened in the old house of the family of Brock before 4 May 1911"),
        )
    )
    assert describe(Document("letters.docx", "x" * 20, "Letters", marks=marks)).date == "1922-12-12/1923-05-02"


@pytest.mark.parametrize(
    ("path", "title", "numbers"),
    [
        ("pep-0249.rst", "PEP 249: Python Database API v2.0", [("pep", ("249",))]),
        ("src/ch13-01-closures.md", "Closures", [("ch", ("13", "1"))]),
        ("chapter13.docx", "", [("chapter", ("13",))]),
        ("appendix_a.docx", "Appendix A: Keywords", [("appendix", ("a",))]),
        ("x.md", "Part IV: The Sea", [("part", ("iv",)), ("part", ("4",))]),
        ("kapitel-03.md", "3. Kapitel", [("kapitel", ("3",))]),
        ("x.md", "第13章: 闭包", [("章", ("13",))]),
        ("minutes-1923.md", "Minutes 1923", []),
        ("pep-2026.rst", "PEP 2026: Calendar versioning", [("pep", ("2026",))]),
        ("x.md", "Exceptions in Python 3.0", []),
    ],
)
def test_numbers_with_their_words(path: str, title: str, numbers: list[tuple[str, tuple[str, ...]]]) -> None:
    found = named(path, title).numbers
    assert [number for number in found if number in [Number(*one) for one in numbers]] == [
        Number(*one) for one in numbers
    ]
    assert bool(found) == bool(numbers)


def test_a_title_is_a_heading_or_a_first_paragraph_where_none_is_given() -> None:
    marks = (Mark(0, Location(heading=("Operators and Symbols",))),)
    assert describe(Document("appendix_b.docx", "text", marks=marks)).title == "Operators and Symbols"
    assert (
        named("a.txt", text="LETTERS OF ABEL STRAKE, TO THE\nBOARD\n\nSirs, ...").title
        == "LETTERS OF ABEL STRAKE, TO THE BOARD"
    )
    assert named("dir/a.txt", text="It was a dark night.\n\nIt rained.").title == "a.txt"
    assert named("a.txt", text="USER MANUAL\n===========\n\nPress it.").title == "USER MANUAL"
    assert named("a.txt", text="Invoice 10234\n\nFor the pump.").title == "Invoice 10234"
    assert named("a.txt", text="Hanna Brand\nKirchweg 12, 77999 Weiler\n\nSirs, ...").title == "a.txt"


def test_a_row_of_a_table_is_no_title_and_a_sign_of_a_heading_is_no_part_of_one() -> None:
    assert describe(Document("a.txt", "| one | two |\n\n| three | four |\n")).title == "a.txt"
    assert describe(Document("a.txt", "# Ferry traffic\n\nCounted every month.\n")).title == "Ferry traffic"


def test_words_of_names() -> None:
    assert [token.text for token in tokens("The Keeper's pep-0249, Café 3rd ch13")] == [
        *("the", "keeper", "pep", "249", "cafe", "3", "ch", "13"),
    ]
    assert [token.text for token in tokens("第13章 संधि")] == ["第", "13", "章", "संधि"]
    assert split_name("a/QuarterlyReport2023.tar.gz") == ("Quarterly Report2023.tar", "gz")
    assert split_name("a/.bashrc") == (".bashrc", "")
    assert [roman(text) for text in ("iv", "xiii", "xxxix", "", "mix", "il")] == ["4", "13", "39", "", "", ""]


@given(
    st.text(min_size=1), st.text(), st.text(), st.dictionaries(st.sampled_from(["kind", "date", "created"]), st.text())
)
def test_every_document_has_a_name(path: str, title: str, text: str, metadata: dict[str, str]) -> None:
    document = Document(path, text, title, metadata=metadata)
    name = describe(document)
    assert name == describe(document)
    assert name.path == path and name.line
