"""A text is read as the same text, however an editor or a shell saved it."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.text_files import decoded, open_text, read_text, text_lines

WAYS = {
    "plain": ("utf-8", "\n"),
    "notepad": ("utf-8-sig", "\r\n"),
    "old mac": ("utf-8-sig", "\r"),
    "powershell": ("utf-16", "\r\n"),
    "big endian": ("utf-16-be", "\r\n"),
    "wide": ("utf-32", "\n"),
}
LINES = ["One", "", "Zwölf 鐘", "end"]


def saved(path: Path, lines: list[str], way: str) -> Path:
    encoding, end = WAYS[way]
    mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
    path.write_bytes(mark + end.join([*lines, ""]).encode(encoding))
    return path


@pytest.mark.parametrize("way", WAYS)
def test_a_file_says_the_same_however_it_was_saved(tmp_path: Path, way: str) -> None:
    path = saved(tmp_path / "a.txt", LINES, way)
    assert read_text(path) == "One\n\nZwölf 鐘\nend\n"
    assert list(text_lines(path)) == list(enumerate(LINES, start=1))
    with open_text(path) as file:
        assert file.read() == "One\n\nZwölf 鐘\nend\n"


def test_a_mark_in_the_middle_of_joined_files_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "joined.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\xef\xbb\xbf1\r\n\xef\xbb\xbf2\r\n")
    assert list(text_lines(path)) == [(1, "1"), (2, "2")]
    assert read_text(path).startswith("1")


def test_letters_that_other_programs_break_lines_at_break_none(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\u2028b\x85c\n", encoding="utf-8")
    assert list(text_lines(tmp_path / "a.txt")) == [(1, "a\u2028b\x85c")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"one\r\ncaf\xe9\r\n", "line 2: not UTF-8: byte 3 is 0xe9; save it as UTF-8"),
        (b"\xff\xfea", "not utf-16-le, as its byte order mark says; save it as UTF-8"),
        ("[a]\n".encode("utf-16-le"), "zero bytes, as UTF-16 without a byte order mark does"),
    ],
)
def test_undecodable_text_is_reported_with_its_line(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(ValueError, match=r"save it as UTF-8") as caught:
        read_text(tmp_path / "a.txt")
    assert said in str(caught.value)
    with pytest.raises(ValueError, match=r"save it as UTF-8"):
        list(text_lines(tmp_path / "a.txt"))


@given(st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"])))
def test_every_text_comes_back_from_every_encoding(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        assert decoded(text.encode(encoding)) == text


@given(st.binary(max_size=40), st.sampled_from([b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF32_BE]))
def test_any_bytes_are_text_or_a_value_error(data: bytes, mark: bytes) -> None:
    try:
        assert "\0" not in decoded(mark + data)
    except ValueError as error:
        assert "save it as UTF-8" in str(error)
