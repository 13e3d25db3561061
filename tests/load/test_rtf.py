from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read, where

from ragtree.errors import LoadError
from ragtree.load.parsing import parse
from ragtree.settings import LoadSettings

HEAD = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 MS Mincho;}}"


def rtf(body: str) -> str:
    return read(HEAD + body + "}", "a.rtf").text


def test_paragraphs_and_their_marks() -> None:
    styles = r"{\stylesheet{\s0 Normal;}{\s1\b heading 1;}{\s2 heading 2;}}"
    body = styles + r"\pard\s1 Tides\par\pard They turn.\par\pard\s2 Spring\par\pard Higher.\par"
    document = read(HEAD + body + "}", "a.rtf")
    assert document.text == "Tides\n\nThey turn.\n\nSpring\n\nHigher."
    assert (where(document, "Higher").heading, document.title) == (("Tides", "Spring"), "Tides")


def test_what_the_file_says_of_itself() -> None:
    document = read(HEAD + r"{\info{\title The \'abtides\'bb}{\author A. Vane}}words\par}", "a.rtf")
    assert (document.title, document.metadata, document.text) == ("The «tides»", {"author": "A. Vane"}, "words")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"caf\'e9", "café"),
        (r"\f1 \'d2\'e8\'f8\'e5", "Тише"),
        (r"\f2 \'93\'fa\'96\'7b", "日本"),
        (r"\f2 \'93\'fa\'96{", "日"),
        (r"\uc1\u26085?\u26412?", "日本"),
        (r"\uc2\u233\'c3\'a9s", "és"),
        (r"\uc0\u233 s", "és"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"\ldblquote so\rdblquote\emdash no\~more\line then", "“so”—no more\nthen"),
        (r"a\{b\}\\c", r"a{b}\c"),
        (r"one\tab two", "one two"),
    ],
)
def test_characters(body: str, text: str) -> None:
    assert rtf(body).rstrip("�") == text


@pytest.mark.parametrize(
    "body",
    [
        r"{\header page head\par}words",
        r"{\*\unknown secret}words",
        r"{\pict\wmetafile8 0102030405}words",
        r"words{\v hidden}",
        r"words{\deleted gone}",
        r"{\field{\*\fldinst HYPERLINK x}{\fldrslt words}}",
        r"words{\object{\*\objdata 0102}}",
    ],
)
def test_what_is_no_text_is_left_out(body: str) -> None:
    assert rtf(body) == "words"


def test_raw_bytes_are_passed_over() -> None:
    assert rtf("one {\\pict\\bin6 }}}{{{}two") == "one two"


def test_a_text_box_and_a_note_are_read() -> None:
    assert rtf(r"{\shp{\*\shpinst{\sp{\sn x}{\sv 7}}{\shptxt in the box\par}}}after\par") == "in the box\n\nafter"
    assert rtf(r"It blew{\footnote See the log.} hard.") == "It blew (Note: See the log.) hard."


def test_tables_are_markdown() -> None:
    body = r"\trowd\pard\intbl Port\cell Tide\cell\row\trowd\pard\intbl Leith\par old\cell 5\cell\row\pard after\par"
    assert rtf(body) == "| Port | Tide |\n| --- | --- |\n| Leith old | 5 |\n\nafter"


def test_a_doc_that_is_rtf_is_read_as_such() -> None:
    assert read(HEAD + "words}", "old.doc").text == "words"


def test_ten_thousand_groups_are_no_trouble() -> None:
    assert rtf("{" * 10_000 + "deep" + "}" * 10_000) == "deep"


@given(st.lists(st.sampled_from(["{", "}", "\\par ", "\\'e9", "\\u233?", "x", "\\", "\\bin3 ", "\\cell", "\\row\n"])))
def test_a_broken_file_is_read_or_refused(pieces: list[str]) -> None:
    try:
        parse((HEAD + "".join(pieces)).encode(), "a.rtf", LoadSettings())
    except LoadError as error:
        assert "no text" in error.reason
