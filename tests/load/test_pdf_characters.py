from __future__ import annotations

import io

import pypdf
import pytest
from pdf_making import PROSE, Made, raw_pdf
from reading import read

HEBREW = [0x5E9, 0x5DC, 0x5D5, 0x5DD]  # shalom, as it is read
CODES = "!\"#$%&'()*"
"""The characters whose codes are 33 and on."""


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def shown(count: int) -> str:
    return escaped(CODES[:count])


def test_what_is_drawn_twice_is_read_once() -> None:
    twice = "BT /F 12 Tf 72 700 Td (Maw Head) Tj ET BT /F 12 Tf 72.4 700 Td (Maw Head) Tj ET"
    assert read(raw_pdf(twice), "a.pdf").text == "Maw Head"
    letters = "".join(
        f"BT /F 12 Tf {72 + 9 * number + shift} 700 Td ({letter}) Tj ET "
        for number, letter in enumerate("LIGHT")
        for shift in (0, 0.3)
    )
    assert read(raw_pdf(letters), "a.pdf").text.replace(" ", "") == "LIGHT"


def test_a_shadow_that_is_drawn_before_all_else_is_read_once() -> None:
    lines = [f"The light number {number} was lit" for number in range(12)]
    drawn = "".join(
        f"BT /F 12 Tf {72 + shift} {700 - 14 * number + shift} Td ({line}) Tj ET "
        for shift in (0, 1)
        for number, line in enumerate(lines)
    )
    text = read(raw_pdf(drawn), "a.pdf").text
    assert text.count("light") == 12


def test_two_letters_side_by_side_are_not_one_drawn_twice() -> None:
    assert read(raw_pdf("BT /F 12 Tf 72 700 Td [(Ki) (l) (l) (ing)] TJ ET"), "a.pdf").text == "Killing"


def test_invisible_text_is_read_as_scans_have_it() -> None:
    assert read(raw_pdf("BT 3 Tr /F 12 Tf 72 700 Td (Read by a machine) Tj ET"), "a.pdf").text == "Read by a machine"


def test_words_without_spaces_in_the_file_are_parted_by_their_gaps() -> None:
    content = "BT /F 10 Tf 72 700 Td [(The) -300 (light) -280 (was) -250 (out)] TJ ET"
    assert read(raw_pdf(content), "a.pdf").text == "The light was out"


def test_letters_that_are_moved_a_little_stay_one_word() -> None:
    assert read(raw_pdf("BT /F 10 Tf 72 700 Td [(W) 80 (A) 60 (V) -40 (E)] TJ ET"), "a.pdf").text == "WAVE"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0xFB01, "afix"),
        (0x00A0, "a x"),
        (0x2003, "a x"),
        (0x200B, "ax"),
        (0x0007, "ax"),
        (0xE123, "ax"),
        (0xFEFB, "a\u0644\u0627x"),
        (0x202E, "ax"),
    ],
)
def test_odd_characters_are_made_plain(code: int, text: str) -> None:
    data = raw_pdf(f"BT /F 12 Tf 72 700 Td ({shown(3)}) Tj ET", unicodes=[0x61, code, 0x78])
    assert read(data, "a.pdf").text == text


def test_hebrew_is_not_turned_around() -> None:
    visual = HEBREW[::-1]  # in the file from left to right
    word = "".join(map(chr, HEBREW))
    data = raw_pdf(f"BT /F 12 Tf 72 700 Td ({shown(4)} {shown(4)}) Tj ET", unicodes=visual)
    assert read(data, "a.pdf").text == f"{word} {word}"


def test_an_accent_over_a_letter_is_one_letter() -> None:
    content = "BT /F 12 Tf 72 700 Td (Universit) Tj ET BT /F 12 Tf 120.2 700 Td (!) Tj -1.5 0 Td (e) Tj ET"
    data = raw_pdf(content, unicodes=[0xB4])
    assert read(data, "a.pdf").text == "Universit\u00e9"


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_turned_page_is_read_as_it_is_shown(turned: int) -> None:
    made = Made()
    made.column(72, 100, 450, PROSE)
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(made.data()))
    writer.pages[0].rotate(turned)
    written = io.BytesIO()
    writer.write(written)
    document = read(written.getvalue(), "a.pdf")
    assert document.text == PROSE.strip()
    box = document.blocks[0].box
    wide, high = (842, 595) if turned in (90, 270) else (595, 842)
    corner = {0: (72, 92), 90: (high, 0), 180: (0, 0), 270: (92, 0)}[turned]
    assert 0 <= box.left < box.right <= wide
    assert 0 <= box.top < box.bottom <= high
    if turned == 0:
        assert (box.left, box.top) == corner


@pytest.mark.parametrize(
    ("matrix", "x", "y"), [("0 1 -1 0", 300, 100), ("0 -1 1 0", 300, 700), (".866 .5 -.5 .866", 200, 300)]
)
def test_turned_text_is_read(matrix: str, x: int, y: int) -> None:
    content = f"BT /F 12 Tf {matrix} {x} {y} Tm (The light went out) Tj 0 -14 Td (and was lit again) Tj ET"
    assert " ".join(read(raw_pdf(content), "a.pdf").text.split()) == "The light went out and was lit again"


def test_a_note_in_the_margin_does_not_mix_with_the_text() -> None:
    made = Made()
    made.column(72, 100, 450, PROSE)
    with made.rotation(90, x=40, y=400):
        made.text(40, 400, "Stamped by the Clerk")
    assert read(made.data(), "a.pdf").text == f"{PROSE.strip()}\n\nStamped by the Clerk"


def test_what_is_off_the_page_is_left_out() -> None:
    content = "BT /F 12 Tf 72 700 Td (On the page) Tj ET BT /F 12 Tf -500 650 Td (Off the page) Tj ET"
    assert read(raw_pdf(content), "a.pdf").text == "On the page"


def test_columns_of_east_asian_text_run_down() -> None:
    signs = "日本語港湾灯台"
    drawn = "".join(
        f"BT /F 12 Tf {400 if number < 4 else 380} {700 - 12 * (number % 4)} Td ({escaped(CODES[number])}) Tj ET "
        for number in range(7)
    )
    assert read(raw_pdf(drawn, unicodes=[ord(sign) for sign in signs]), "a.pdf").text == signs


def test_a_page_of_far_too_many_characters_is_read() -> None:
    line = "(The quick brown fox jumps over the lazy dog.) Tj T*\n"
    half = f"BT /F .5 Tf .5 TL 10 780 Td\n{line * 1500} ET"
    data = raw_pdf(f"{half} 1 0 0 1 300 0 cm {half}")
    assert read(data, "a.pdf").text.count("quick brown fox") == 3000
