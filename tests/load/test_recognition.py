"""The text of scans and pictures: where it stands, however the picture is made, and what is said if there is none."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from contents_mail import MAIL
from contents_office import PRESENTATIONS, WORD_FILES
from PIL import Image
from reading import LIMITS, read, refusal
from scanning import DPI, HEIGHT, LETTER, WIDTH, noisy, page, saved, write

from ragtree import RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import LoadError
from ragtree.indexing.folder_changes import FolderChanges
from ragtree.load.format_contents import LATER, NO_ENGINE, PICTURES, UNREAD_LINES
from ragtree.load.parsing import VERSION, parse, scan
from ragtree.load.pool import read_files
from ragtree.load.recognition import choosing
from ragtree.load.recognition.base import NotRecognizedError, Pixels, RecognizedLine, RecognizedPage, RecognizedWord
from ragtree.load.recognition.engine import Engine
from ragtree.load.recognition.garbled import is_better, is_garbled
from ragtree.load.sources import source_of
from ragtree.settings import LoadSettings
from ragtree.store.file_records import FileRecord
from ragtree.types import Document, Span

SETTINGS = Settings.model_validate({"llm": {"model": "none"}, "embed": {"kind": "plain"}})
SENTENCE = "The ferry Dunnock sails to Tolbrack on Tuesdays at nine."
PICTURED = MAIL["text in images"]
KINDS = {
    "PNG": lambda drawn: saved(drawn),
    "JPEG": lambda drawn: saved(drawn, kind="JPEG", quality=60),
    "WEBP": lambda drawn: saved(drawn, kind="WEBP"),
    "BMP": lambda drawn: saved(drawn, kind="BMP"),
    "GIF": lambda drawn: saved(drawn, kind="GIF"),
    "TIFF": lambda drawn: saved(drawn, kind="TIFF", compression="tiff_lzw"),
    "fax": lambda drawn: saved(drawn.convert("1"), kind="TIFF", compression="group4"),
    "grey": lambda drawn: saved(drawn.convert("L")),
    "16 bits": lambda drawn: saved(Image.fromarray(np.asarray(drawn.convert("L")).astype(np.uint16) * 257)),
    "inks": lambda drawn: saved(drawn.convert("CMYK"), kind="JPEG"),
    "palette": lambda drawn: saved(drawn.convert("P")),
    "clear ground": lambda drawn: saved(clear(drawn)),
    "PDF": lambda drawn: saved(drawn, kind="PDF"),
}


def clear(drawn: Image.Image) -> Image.Image:
    """Black letters on nothing."""
    ink = Image.new("RGBA", drawn.size, (0, 0, 0, 0))
    ink.putalpha(Image.fromarray(255 - np.asarray(drawn.convert("L"))))
    return ink


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_is_read(kind: str) -> None:
    document = read(KINDS[kind](page()), "scan.pdf" if kind == "PDF" else "scan.png")
    text = " ".join(document.text.split())
    assert LETTER[0] in text and "The lamp at Maw Head burns paraffin oil" in text and SENTENCE in text
    assert document.title == LETTER[0], "the largest line"
    assert [block.page for block in document.blocks] == [1] * len(document.blocks)
    assert not document.notices


@pytest.mark.parametrize("kind", ["PNG", "PDF"])
def test_a_box_lies_over_its_words(kind: str) -> None:
    drawn = page()
    data = saved(drawn, kind="PDF") if kind == "PDF" else saved(drawn, dpi=(DPI, DPI))
    document = read(data, f"scan.{kind.lower()}")
    dark = np.asarray(drawn.convert("L")) < 128
    inside = np.zeros_like(dark)
    for block in document.blocks:
        left, top, right, bottom = (round(edge * DPI / 72) for edge in block.box)
        assert 0 <= left < right <= WIDTH and 0 <= top < bottom <= HEIGHT
        inside[top:bottom, left:right] = True
    assert (dark & inside).sum() > 0.97 * dark.sum()
    assert inside.mean() < 0.2


@pytest.mark.parametrize("angle", [-2, 1.5, 90, 180, 270, 91.5])
def test_a_page_may_lean_and_be_turned(angle: float) -> None:
    drawn = page(LETTER * 3).rotate(angle, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    document = read(saved(noisy(drawn)), "scan.png")
    assert document.text.count("The lamp at Maw Head burns paraffin oil") == 3
    assert document.text.count("Dunnock sails") == 3


def test_a_photograph_that_says_how_it_was_held_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    document = read(saved(page().rotate(90, expand=True), kind="JPEG", exif=exif), "photo.jpg")
    assert SENTENCE in document.text
    assert max(block.box.bottom for block in document.blocks) < 842 / 3, "boxes are those of the upright page"


def test_columns_are_read_one_after_the_other() -> None:
    drawn = page(["A heading over both columns"], top=100)
    write(drawn, ["The first column speaks of", "boats and of their crews,", "who live in the harbour."] * 5, top=300)
    write(drawn, ["The second one tells what", "the light costs in a year", "of oil and wicks."] * 5, left=680, top=300)
    text = "".join(read(saved(drawn), "scan.png").text.split())
    assert text.count("ofboatsandoftheircrews,wholiveintheharbour.") == 5
    assert text.rindex("firstcolumn") < text.index("secondone")


def test_a_table_is_a_table() -> None:
    drawn = page(["The stores of the year"], top=100)
    rows = [("Article", "Price", "Year"), ("Paraffin", "42", "1922"), ("Rope", "17", "1923"), ("Tar", "8", "1924")]
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            write(drawn, [cell], left=120 + 350 * column, top=250 + 60 * number)
    document = read(saved(drawn), "scan.png")
    assert "| Rope | 17 | 1923 |" in document.text


def test_pages_of_text_and_scanned_pages_stand_in_one_document() -> None:
    import fpdf

    pdf = fpdf.FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.cell(text="The first page was written with a program.")
    pdf.add_page()
    pdf.image(io.BytesIO(saved(page())), 0, 0, 210)
    document = read(bytes(pdf.output()), "both.pdf")
    assert document.text.index("written with a program") < document.text.index("Dunnock sails")
    assert {block.page for block in document.blocks} == {1, 2}


def with_wrong_letters(first: int) -> bytes:
    """A page of prose that is seen as it should be, in a font that names other letters, from this character on."""
    import fpdf

    pdf = fpdf.FPDF()
    pdf.set_compression(False)
    pdf.add_page()
    pdf.set_font("helvetica", size=14)
    pdf.multi_cell(0, text=" ".join(LETTER * 4))
    said = f"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <21> <7E> <{first:04X}> endbfrange"
    table = f"/CIDInit /ProcSet findresource begin begincmap {said} endcmap end".encode()
    added = b"99 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(table), table)
    data = bytes(pdf.output()).replace(b"/BaseFont /Helvetica", b"/BaseFont /Helvetica /ToUnicode 99 0 R")
    return data.replace(b"xref\n", added + b"xref\n", 1)


@pytest.mark.parametrize("first", [0x24, 0xE021], ids=["other letters", "no letters"])
def test_a_text_layer_that_says_something_else_is_not_used(first: int) -> None:
    data = with_wrong_letters(first)
    text = " ".join(read(data, "odd.pdf").text.split())
    assert "The lamp at Maw Head burns paraffin oil" in text and "Dunnock" in text
    try:
        assert "lamp" not in read(data, "odd.pdf", LoadSettings(ocr=False)).text
    except LoadError as error:
        assert PICTURES in error.reason


GREEK = (
    "Ο φάρος του λιμανιού χτίστηκε το 1887 και από τότε ανάβει κάθε βράδυ. Ο φύλακας ζει με την οικογένειά του στο "
    "μικρό σπίτι δίπλα στη θάλασσα, και γράφει σε ένα βιβλίο όλα τα πλοία που περνούν. Όταν έχει ομίχλη, η καμπάνα "
    "χτυπά κάθε δύο λεπτά, ώστε να μη χαθεί κανένα καράβι."
)
_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
OTHER_LETTERS = str.maketrans(_LETTERS, _LETTERS[5:] + _LETTERS[:5])


@pytest.mark.parametrize(
    ("text", "garbled"),
    [
        (" ".join(LETTER * 4), False),
        ("Die Lampe auf dem Turm brennt mit Öl, und der Wärter ist seit Jahren derselbe. " * 4, False),
        ("\u041b\u0430\u043c\u043f\u0430 \u043d\u0430 \u043c\u0430\u044f\u043a\u0435 " * 20, False),
        ("Tar 8, rope 17", False),
        (GREEK, False),
        (GREEK.translate(OTHER_LETTERS), True),
        (GREEK.encode("iso8859-7").decode("latin-1"), True),
        ("Wkh odps dw Pdz Khdg exuqv sdudiilq rlo dqg wkh nhhshu ri wkh oljkw lv Dehov " * 4, True),
    ],
    ids=[
        "English",
        "German",
        "another script",
        "little text",
        "Greek",
        "other Greek letters",
        "Latin letters",
        "shifted",
    ],
)
def test_what_hardly_has_a_word_is_garbled(text: str, garbled: bool) -> None:
    assert is_garbled(text) is garbled


def test_greek_that_was_recognized_is_better_than_other_letters() -> None:
    for said in (GREEK.translate(OTHER_LETTERS), GREEK.encode("iso8859-7").decode("latin-1")):
        assert is_better(GREEK, said) and not is_better(said, GREEK)


def test_a_line_of_a_form_is_read() -> None:
    text = read(
        saved(page(["The lamp", "Keeper: ________", "Price of the oil: ____________________"])), "scan.png"
    ).text
    assert "Keeper:" in text and "Price of the oil:" in text


def test_the_pages_of_a_tiff_are_pages_and_of_an_animation_the_first_is_read() -> None:
    pages = page(), page(["The second page is about rope.", "It is worn."])
    document = read(saved(*pages, kind="TIFF"), "scan.tiff")
    assert [block.page for block in document.blocks][-1] == 2 and "The second page is about rope." in document.text
    assert "rope" not in read(saved(*pages, kind="GIF"), "moving.gif").text


def test_a_picture_without_text_has_none() -> None:
    gradient = np.tile(np.linspace(0, 255, 400).astype(np.uint8), (300, 1))
    for drawn in (Image.new("RGB", (300, 300), "white"), Image.fromarray(gradient), Image.new("L", (1, 1))):
        assert refusal(saved(drawn), "photo.png") == "no text was found in the picture"


def huge(width: int, height: int) -> bytes:
    """A PNG of one colour, a bit a pixel, some kilobytes long."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width // 8)) for _ in range(height)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        + part(b"IDAT", rows)
        + part(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (huge(20_000, 20_000), "too many pixels"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "broken picture"),
        (b"no picture at all", "broken picture"),
        (saved(page())[:3000], "could not be read|no text"),
    ],
    ids=["bomb", "head alone", "words", "truncated"],
)
def test_what_is_no_readable_picture_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Exception, match=reason) as raised:
        parse(data, "bad.png", LIMITS)
    assert type(raised.value).__name__ == "LoadError"


# --- where nothing is recognized


def test_pictures_are_left_where_that_is_wanted() -> None:
    off = LoadSettings(ocr=False)
    for kind in ("PDF", "PNG"):
        reason = refusal(saved(page(), kind=kind), f"scan.{kind.lower()}", off)
        assert reason.startswith(f"{PICTURES}: 1, not read, because load.ocr is off")


def test_without_the_engine_the_way_to_get_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "is_installed", lambda: False)
    for kind in ("PDF", "PNG"):
        reason = refusal(saved(page(), kind=kind), f"scan.{kind.lower()}")
        assert reason.startswith(f"{NO_ENGINE}: 1, not read; pip install 'ragtree[ocr]'")


class Fake:
    """A recognizer that says what it was told to."""

    def __init__(self, said: RecognizedPage | str) -> None:
        self.said = said

    def check(self) -> None:
        return

    def recognize(self, pixels: Pixels) -> RecognizedPage:
        if isinstance(self.said, str):
            raise NotRecognizedError(self.said)
        return self.said


def test_lines_in_an_unknown_script_are_counted() -> None:
    word = RecognizedWord("Lamp", (10.0, 20.0), (90.0, 20.0), 0.99, True)
    found = RecognizedPage(WIDTH, HEIGHT, (RecognizedLine((word,), 30.0),), unread=7)
    for kind in ("PDF", "PNG"):
        document = parse(saved(page(), kind=kind), f"scan.{kind.lower()}", LIMITS, Fake(found))
        assert document.text.strip() == "Lamp"
        assert document.notices[0].startswith(f"{UNREAD_LINES}: 7, not read, because their script or print")


@pytest.mark.parametrize("ending", ["docx", "pptx", "eml"])
def test_pictures_within_a_file_wait_for_the_next_sync(ending: str) -> None:
    samples = {"docx": WORD_FILES["text in pictures"], "pptx": PRESENTATIONS["text in pictures"], "eml": PICTURED}
    try:
        (said,) = parse(samples[ending][0], f"a.{ending}", LIMITS, Fake(LATER)).notices
    except LoadError as error:  # there is nothing else in the Word file
        said = error.reason.removeprefix("there is no text in it; ")
    assert said.startswith(f"{LATER}: 1, to be recognized by the next sync")


def test_pages_that_are_text_are_not_said_to_be_pictures() -> None:
    """A list of names has hardly a frequent word, and stays as it is, with and without recognition."""
    import fpdf

    names = [
        f"{first} {last}" for first in ("Abel", "Wilfred", "Magnus", "Hector") for last in "Strake Ismay Brock".split()
    ]
    pdf = fpdf.FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.multi_cell(0, text="\n".join(names * 3), new_x="LMARGIN", new_y="NEXT")
    pdf.add_page()
    pdf.line(10, 10, 200, 10)
    data = bytes(pdf.output())
    plain = parse(data, "names.pdf", LoadSettings(ocr=False))
    assert is_garbled(plain.text) and not plain.notices
    for recognizer in (Fake(LATER), Fake(RecognizedPage(WIDTH, HEIGHT, (), unread=5)), None):
        found = parse(data, "names.pdf", LIMITS, recognizer)
        assert (found.text, found.notices) == (plain.text, ())


def smudged(drawn: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """The page with a part of it as from a bad fax."""
    part = drawn.crop(box)
    small = part.resize((part.width // 6, part.height // 6))
    worse = drawn.copy()
    worse.paste(small.resize(part.size), box)
    return worse


FERRY = (200, 319, 330, 369)
"""The place of the words "ferry Dunnock" on the letter."""


def test_a_quote_names_the_words_that_may_be_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "letter.png").write_bytes(saved(smudged(page(), FERRY), dpi=(DPI, DPI)))
    with opened(tmp_path) as tree:
        tree.sync(folder)
        letter = tree.document("letter.png")
        assert letter is not None
        start = letter.text.index("to Tolbrack")
        cited = letter.cite(Span(letter.text.rindex("The", 0, start), len(letter.text)))
        assert cited.unsure and any("Dunnock" in word or "f" in word for word in cited.unsure)
        assert f"unsure of “{cited.unsure[0]}”" in str(cited)
        sure = letter.cite(Span(letter.text.index("The lamp"), letter.text.index("stove")))
        assert not sure.unsure and "unsure" not in str(sure)
        answer = tree.ask("When does the ferry sail to Tolbrack?")
        assert any(one.unsure for one in answer.citations)


def recognized_line(y: float, *words: tuple[str, float]) -> RecognizedLine:
    """Words of 100 pixels beside each other, each with its confidence."""
    places = enumerate(words)
    return RecognizedLine(
        tuple(
            RecognizedWord(text, (100.0 + 110 * place, y), (200.0 + 110 * place, y), sure, True)
            for place, (text, sure) in places
        ),
        30.0,
    )


def test_of_equal_words_the_unsure_one_is_found() -> None:
    lines = (
        recognized_line(200, ("The", 0.9), ("stove", 0.9), ("smokes", 0.9)),
        recognized_line(240, ("when", 0.9), ("stove", 0.3), ("doors", 0.9)),
        recognized_line(280, ("close", 0.9), ("stove", 0.9), ("pipes,", 0.69)),
    )
    data = saved(Image.new("RGB", (WIDTH, HEIGHT), "white"), dpi=(DPI, DPI))
    found = parse(data, "a.png", LIMITS, Fake(RecognizedPage(WIDTH, HEIGHT, lines)))
    unsure = [span for block in found.blocks for span in block.unsure]
    assert [span.of(found.text) for span in unsure] == ["stove", "pipes,"]
    assert unsure[0].start == found.text.index("stove", found.text.index("when"))


def test_each_word_has_the_confidence_of_its_own_letters() -> None:
    """RapidOCR gives the second word that of the first one's second letter."""
    found = Engine().recognize(np.asarray(smudged(page(), FERRY)))
    (line,) = [line for line in found.lines if any(word.text == "Tolbrack" for word in line.words)]
    sure = {word.text: word.confidence for word in line.words}
    assert min(sure, key=lambda word: sure[word]) not in ("Tolbrack", "Tuesdays", "nine.")
    assert min(sure.values()) < 0.7 < min(sure["Tolbrack"], sure["Tuesdays"], sure["nine."])


def test_a_recognized_page_is_kept_as_it_was() -> None:
    words = tuple(RecognizedWord(text, (1.5, 2.0), (3.0, 4.0), 0.5, bool(text)) for text in ("größer", "灯塔"))
    found = RecognizedPage(20, 30, (RecognizedLine(words, 7.5),), 3)
    assert RecognizedPage.from_json(found.to_json()) == found
    for wrong in ("", "[]", '{"width": "x"}', found.to_json()[:-3]):
        with pytest.raises(ValueError):
            RecognizedPage.from_json(wrong)


# --- over a folder


class Kept:
    """Known pages in memory."""

    def __init__(self, time: bool = True) -> None:
        self.pages: dict[str, str] = {}
        self.time = time
        self.asked = 0

    def get(self, key: str) -> str:
        self.asked += 1
        return self.pages.get(key, "")

    def put(self, key: str, page: str) -> None:
        assert key not in self.pages, "it was recognized again"
        self.pages[key] = page

    def has_time(self) -> bool:
        return self.time


def texts(folder: Path, kept: Kept) -> Iterator[str]:
    for _, item in read_files(scan(folder), LIMITS, pages=kept):
        if isinstance(item, Document):
            yield item.text


def test_a_page_is_recognized_once_in_whatever_file_it_is(tmp_path: Path) -> None:
    first, second = page(), page(["Another page, about rope.", "It is worn."])
    (tmp_path / "a.pdf").write_bytes(saved(first, second, kind="PDF"))
    kept = Kept()
    before = list(texts(tmp_path, kept))
    assert len(kept.pages) == 2 and "Dunnock" in before[0]
    (tmp_path / "a.pdf").write_bytes(saved(first, second, first, kind="PDF"))
    kept.time = False
    after = list(texts(tmp_path, kept))
    assert after[0].count("Dunnock") == 2 and len(kept.pages) == 2


def test_what_there_is_no_time_for_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(saved(*[page([f"The page of {number}."]) for number in range(3)], kind="PDF"))
    kept = Kept(time=False)
    (item, _) = [item for _, item in read_files(scan(tmp_path), LIMITS, pages=kept)]
    assert not isinstance(item, Document) and item.reason.startswith(f"{LATER}: 3, to be recognized by the next sync")
    assert kept.asked == 1, "the first answer holds for the file"


def opened(tmp_path: Path, ocr: bool = True) -> RagTree:
    settings = SETTINGS.model_copy(update={"load": LoadSettings(ocr=ocr)})
    return RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder(64))


def with_a_scan(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "note.md").write_text("The note says that rope is dear.\n")
    (folder / "scan.pdf").write_bytes(saved(page(), kind="PDF"))
    return folder


def test_scans_are_read_as_soon_as_they_can_be(tmp_path: Path) -> None:
    folder = with_a_scan(tmp_path)
    with opened(tmp_path, ocr=False) as tree:
        report = tree.sync(folder)
        assert report.added == ("note.md",)
        assert [one.source for one in report.skipped] == ["scan.pdf"]
    with opened(tmp_path) as tree:
        assert tree.sync(folder).added == ("scan.pdf",)
        document = tree.document("scan.pdf")
        assert document is not None and "Dunnock" in document.text
        again = tree.sync(folder)
        assert not again.changed and not again.added and not again.skipped


def test_a_sync_without_time_leaves_scans_to_the_next_one(tmp_path: Path) -> None:
    folder = with_a_scan(tmp_path)
    with opened(tmp_path) as tree:
        catalog = tree._catalog
        late = FolderChanges(source_of(folder), catalog, LIMITS, lambda: False)
        (record,) = [one for one in late.read() if isinstance(one, FileRecord) and one.id == "scan.pdf"]
        assert record.unrecognized and record.skipped and not record.limits
        assert not record.holds(VERSION, late._limits_hash)
        assert tree.sync(folder).added == ("note.md", "scan.pdf")


def test_a_purge_leaves_nothing_of_a_scan(tmp_path: Path) -> None:
    folder = with_a_scan(tmp_path)
    with opened(tmp_path) as tree:
        tree.sync(folder)
        assert tree.purge().dropped.get("recognized pages") is None, "it stands in the tree"
        (folder / "scan.pdf").unlink()
        tree.sync(folder)
        report = tree.purge()
        assert report.dropped["recognized pages"] == 1 and not report.found
    for path in (tmp_path / "index").rglob("*"):
        assert not path.is_file() or b"Dunnock" not in path.read_bytes(), path
