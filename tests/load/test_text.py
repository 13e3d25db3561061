from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import LIMITS, read, refusal, where

from ragtree.errors import LoadError
from ragtree.load.endings import LOADERS
from ragtree.load.parsing import parse
from ragtree.types import Span

GERMAN = "Die Häuser sind größer als früher.\nÜber die Straße ging ein Mädchen.\n"
FRENCH = "Le garçon a mangé une crêpe à la fête.\nL'été dernier, il était déjà allé là-bas avec son frère aîné.\n"


def test_utf8_is_read_as_it_stands() -> None:
    document = read("Grüße\naus Köln\n", "notes/a.txt")
    assert document.text == "Grüße\naus Köln\n"
    assert (document.id, document.source, document.title) == ("notes/a.txt", "notes/a.txt", "notes/a.txt")


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "latin-1", "cp1252", "utf-8"]
)
def test_an_encoding_is_recognized(encoding: str) -> None:
    assert read(GERMAN.encode(encoding), "a.txt").text == GERMAN


def test_a_few_lines_of_french_in_latin_1_are_recognized() -> None:
    assert read(FRENCH.encode("latin-1"), "a.txt").text == FRENCH


def test_russian_is_recognized_without_a_mark() -> None:
    text = "Однажды, в студёную зимнюю пору, я из лесу вышел; был сильный мороз. " * 3
    assert read(text.encode("cp1251"), "a.txt").text == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("iso2022_jp", "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"),
        ("utf-16-le", "吾輩は猫である。名前はまだ無い。\nどこで生れたかとんと見当がつかぬ。"),
        ("utf-32-be", "Die Häuser sind größer als früher. Über die Straße ging ein Mädchen. 𝄞"),
        ("utf-32-le", "Die Häuser sind größer als früher. Über die Straße ging ein Mädchen. 𝄞"),
        ("shift_jis", "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"),
        ("gb18030", "学而时习之,不亦说乎?有朋自远方来,不亦乐乎?人不知而不愠,不亦君子乎?"),
        ("koi8-r", "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему."),
        ("iso-8859-7", "Στην αρχή ήταν η λέξη και η λέξη ήταν κοντά στον άνθρωπο, και όλα έγιναν με αυτήν."),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy, a proto byl odveden zpátky do stáje."),
    ],
)
def test_encodings_of_the_world_are_recognized(encoding: str, text: str) -> None:
    assert read(f"{text}\n{text}\n".encode(encoding), "a.txt").text == f"{text}\n{text}\n"


def test_one_bad_byte_does_not_make_utf8_into_another_encoding() -> None:
    data = (GERMAN * 20).encode()
    assert read(data[:200] + b"\xff" + data[200:], "a.txt").text.replace("\ufffd", "") == GERMAN * 20


def test_a_long_file_whose_foreign_letters_come_late_is_recognized() -> None:
    text = "Plain words only. " * 20_000 + FRENCH
    assert read(text.encode("cp1252"), "a.txt").text == text


def test_crlf_stays_and_spans_read_back() -> None:
    data = b"one\r\ntwo\r\n\r\nthree\r\n"
    document = read(data, "a.txt")
    assert document.text.encode() == data
    start = document.text.index("three")
    assert data[start : start + 5] == b"three"
    assert where(document, "three").line == 4
    assert where(document, "one").line == 1


def test_a_location_begins_behind_white_space() -> None:
    document = read("one\n\n\n  two\n", "a.txt")
    assert document.locate(Span(3, len(document.text))).line == 4


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b" \r\n\t ", "there is no text in it"),
        (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", "zero bytes"),
        (b"text\0text", "zero bytes"),
        (b"a\0\0\0", "zero bytes"),
        (b"\x01\x02\x03\x04 some words", "control characters"),
        (b"\xff\xfea\0b", "its mark says utf-16"),
    ],
)
def test_what_is_not_text_is_refused(data: bytes, reason: str) -> None:
    assert reason in refusal(data, "a.txt")


def test_an_unknown_ending_is_read_when_it_is_text() -> None:
    document = read("name,age\nAda,36\n", "people.dat")
    assert document.text == "name,age\nAda,36\n"
    assert where(document, "Ada").line == 2


@pytest.mark.parametrize(("source", "kind"), [("film.MOV", ".MOV"), ("program", "this kind of file")])
def test_an_unknown_binary_ending_is_named(source: str, kind: str) -> None:
    assert refusal(b"\xff\xd8\xff\xe0\0\x10JFIF", source) == f"{kind} is not a format that is read"


def test_the_hash_is_that_of_the_bytes() -> None:
    document = read(GERMAN.encode("utf-16"), "a.txt")
    assert document.text == GERMAN
    assert document.sha256 == hashlib.sha256(GERMAN.encode("utf-16")).hexdigest()


SUFFIXES = sorted({f".{ending}" for ending in LOADERS.own} | {".bin", ".doc", ""})
BEGINNINGS = [b"", b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", b"# ", b"\xff\xfe", b"\xef\xbb\xbf", b"---\n"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=40, deadline=None)
@given(beginning=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=300))
def test_any_bytes_give_a_document_or_a_load_error(suffix: str, beginning: bytes, rest: bytes) -> None:
    data = beginning + rest
    try:
        document = parse(data, "file" + suffix, LIMITS)
    except LoadError as error:
        assert error.reason
    else:
        assert document.text.strip()
        document.text.encode("utf-8")
        assert all(0 <= mark.start < len(document.text) for mark in document.marks)
        assert [mark.start for mark in document.marks] == sorted(mark.start for mark in document.marks)


@pytest.mark.parametrize("suffix", [".html", ".md", ".txt"])
@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from("<>/ph1litdr&;#x-=\"'\r\n *`|aé\v\x85\u2028"), max_size=120))
def test_any_markup_gives_a_document_or_a_load_error(suffix: str, text: str) -> None:
    try:
        document = parse(text.encode(), "file" + suffix, LIMITS)
    except LoadError:
        return
    assert document.text.strip()
    if suffix != ".html":
        assert document.text == text
