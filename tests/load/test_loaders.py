"""Which loader reads what, whatever the ending says."""

from __future__ import annotations

import io
import zipfile

import pytest
from packing import packed, word
from reading import loader_for, read, refusal

from ragtree.load.endings import LOADERS, OLD
from ragtree.load.loaders import signature
from ragtree.settings import LoadSettings

WORD = word("<w:p><w:r><w:t>The board met.</w:t></w:r></w:p>")
PAGE = b"  <!DOCTYPE html><html><body><p>The tide turns.</p></body></html>"


@pytest.mark.parametrize("ending", [*LOADERS.own, *sorted(OLD)])
def test_every_ending_has_its_loader(ending: str) -> None:
    name = LOADERS.own.get(ending, "load.readers.ole:OleLoader").partition(":")[2]
    assert type(loader_for(f"a.{ending.upper()}")).__name__ == name


@pytest.mark.parametrize("source", ["a.docx", "a.doc", "a.bin", "a", "a.pdf", "a.zip", "a.txt"])
def test_a_word_file_is_one_under_any_name(source: str) -> None:
    assert read(WORD, source).text == "The board met."


@pytest.mark.parametrize("source", ["a.html", "a.doc", "a.xls", "a.txt", "a"])
def test_a_page_is_one_where_the_ending_is_wrong(source: str) -> None:
    assert read(PAGE, source).text == "The tide turns."


@pytest.mark.parametrize("source", ["a.md", "a.vue", "a.php", "a.rst"])
def test_texts_that_may_begin_like_a_page_stay_what_they_are(source: str) -> None:
    assert "<p>" in read(PAGE, source).text


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (b"%PDF-1.7", "pdf"),
        (b"\xef\xbb\xbf {\\rtf1", "rtf"),
        (b"<HTML>", "html"),
        (b"<htmlx>", ""),
        (packed({"mimetype": "application/epub+zip"}), "epub"),
        (packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "ods"),
        (packed({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "xlsx"),
        (packed({"[Content_Types].xml": "", "ppt/presentation.xml": ""}), "pptx"),
        (packed({"word/notes.txt": "an archive of a folder of that name"}), ""),
        (b"PK\x03\x04 broken", ""),
        (b"PK is a name", ""),
        (b"", ""),
    ],
)
def test_first_bytes_that_are_sure(data: bytes, ending: str) -> None:
    assert signature(data) == ending


def test_an_ending_that_nobody_knows_is_tried_as_text() -> None:
    assert loader_for("a.unknown", b"words") is None
    assert read(b"words", "a.unknown").text == "words"
    assert refusal(bytes(range(256)), "a.unknown") == ".unknown is not a format that is read"


def test_what_is_no_plain_text_is_told_by_its_bytes_too() -> None:
    assert type(loader_for("a.md", b"words")).__name__ == "MarkdownLoader"
    assert type(loader_for("a.txt", b"%PDF-1.7")).__name__ == "PdfLoader"
    assert type(loader_for("a.txt", WORD)).__name__ == "DocxLoader"
    assert type(loader_for("a.py", b"words")).__name__ == "CodeLoader"


OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def old(stream: str, first: bytes = b"") -> bytes:
    return OLE + bytes(504) + first.ljust(512, b"\0") + stream.encode("utf-16-le") + bytes(64)


@pytest.mark.parametrize(
    ("data", "source", "reason"),
    [
        (old("WordDocument"), "a.doc", "an old Word file; save it as .docx"),
        (old("WordDocument", bytes.fromhex("eca5c1000380150400000013")), "a.doc", "locked with a password"),
        (old("Workbook"), "a.xls", "an old Excel file; save it as .xlsx"),
        (
            old("Workbook", bytes.fromhex("090804000102030400002f000600")[:8] + b"\x2f\0"),
            "a.xls",
            "locked with a password",
        ),
        (old("PowerPoint Document"), "a.ppt", "an old PowerPoint file; save it as .pptx"),
        (old("__substg1.0_0037001F"), "a.msg", "an Outlook message; save it as .eml"),
        (old("EncryptedPackage"), "a.docx", "locked with a password"),
        (old("EncryptedPackage"), "a.xlsx", "locked with a password"),
    ],
)
def test_the_old_formats_say_what_to_do(data: bytes, source: str, reason: str) -> None:
    assert refusal(data, source) == reason


def test_a_doc_that_is_text_is_read_as_text() -> None:
    assert read(b"just words", "README.doc").text == "just words"


def test_a_locked_zip_says_so() -> None:
    data = bytearray(WORD)
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert refusal(bytes(data), "a.docx") == "locked with a password"


@pytest.mark.parametrize("source", ["a.docx", "a.pptx", "a.xlsx", "a.odt", "a.epub"])
def test_every_kind_of_package_refuses_a_bomb(source: str) -> None:
    data = packed({f"part{number}.xml": b"\0" * 1_000_000 for number in range(5)})
    assert len(data) < 20_000
    assert "unpacks to 5 MB" in refusal(data, source, LoadSettings(max_megabytes=1))


def test_a_size_that_is_too_small_to_be_true_cuts_the_part() -> None:
    """The directory may lie: then no more is unpacked than it says, and the checksum tells."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * 1_000_000)
    data = bytearray(written.getvalue())
    for signed, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.index(signed) + offset
        data[at : at + 4] = (10).to_bytes(4, "little")
    assert refusal(bytes(data), "a.docx") == "broken: its part 'word/document.xml' cannot be unpacked"


def test_a_package_of_too_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ragtree.load.readers.package.MOST_PARTS", 20)
    data = packed({f"{number}": b"" for number in range(21)})
    assert "no honest" in refusal(data, "a.docx")


def test_other_methods_of_packing_are_not_unpacked() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("word/document.xml", b"\0" * 1_000_000)
    assert "without that part" in refusal(written.getvalue(), "a.docx")
