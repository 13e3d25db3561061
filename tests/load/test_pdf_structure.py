from __future__ import annotations

import pytest
from pdf_making import PROSE, Made
from reading import read, where

from ragtree.types import Document


def report() -> Document:
    made = Made()
    made.put(72, 80, "Report on the Light", size=20, style="B")
    y = 110.0
    for title, size in (
        ("1 The evidence", 14),
        ("1.1 The keeper's log", 12),
        ("1.2 The clocks", 12),
        ("2 Findings", 14),
    ):
        made.put(72, y, title, size=size, style="B")
        y = made.column(72, y + 20, 450, f"Under {title} it is said. " + PROSE[:300].strip()) + 14
    return read(made.data(), "report.pdf")


def test_headings_make_a_path() -> None:
    document = report()
    assert where(document, "Under 1.2 The clocks").heading == (
        "Report on the Light",
        "1 The evidence",
        "1.2 The clocks",
    )
    assert str(where(document, "Under 1.1")) == "page 1, § 1.1 The keeper's log"
    assert where(document, "Under 2 Findings").heading == ("Report on the Light", "2 Findings")
    assert [block.kind for block in document.blocks] == ["heading", *["heading", "text"] * 4]
    assert document.title == "Report on the Light"


def test_a_bold_line_is_a_heading_and_a_bold_word_is_none() -> None:
    made = Made()
    made.put(72, 100, "Fog signals", style="B")
    made.column(72, 116, 450, PROSE)
    made.put(72, 300, "Note well.", style="B")
    made.put(128, 300, "In calm weather the bell is silent, and its silence proves nothing at all.")
    document = read(made.data(), "a.pdf")
    assert where(document, "In calm weather").heading == ("Fog signals",)
    assert [block.kind for block in document.blocks] == ["heading", "text", "text"]


def test_a_heading_of_two_lines_is_one() -> None:
    made = Made()
    made.put(72, 80, "Contract for the Conveyance of Mails, Passengers and Goods", size=15)
    made.put(72, 102, "between Port Hask and Tolbrack", size=15)
    made.column(72, 140, 430, PROSE)
    found = where(read(made.data(), "a.pdf"), "The harbour lies")
    assert found.heading == (
        "Contract for the Conveyance of Mails, Passengers and Goods between Port Hask and Tolbrack",
    )


def test_the_file_s_own_outline_names_headings_that_look_like_text() -> None:
    made = Made()
    for title, level, y in (("Of the quays", 0, 100), ("Of nets upon them", 1, 250)):
        made.start_section(title, level=level)
        made.put(72, y, title)
        made.column(72, y + 24, 450, f"{title} this is laid down. " + PROSE[:200].strip())
    document = read(made.data(), "a.pdf")
    assert where(document, "Of nets upon them this").heading == ("Of the quays", "Of nets upon them")


def test_lines_of_a_paragraph_are_joined_and_broken_words_whole() -> None:
    made = Made()
    lines = (
        "The harbour-master has to see to it that nobody but the pilots ever comes ne-",
        "ar the light at night, and where somebody does all the same the harbour-",
        "master has to report it to the Clerk; whatever is well-known to him he re-",
        "ports by word of mouth. Nothing else is so well-",
        "known that it need not be written, as every pilot has been told by the Clerk.",
    )
    for number, line in enumerate(lines):
        made.put(72, 100 + 12 * number, line)
    text = read(made.data(), "a.pdf").text
    for whole in ("comes near the light", "the harbour-master has to report", "he reports by", "so well-known that"):
        assert whole in text
    assert "\n" not in text


def test_paragraphs_are_parted_by_gaps_and_by_indents() -> None:
    made = Made()
    texts = [f"Number {number} begins. " + PROSE[:260].strip() for number in range(4)]
    y = made.column(72, 100, 450, texts[0]) + 8
    y = made.column(72, y, 450, texts[1])
    for text in texts[2:]:
        made.set_font("Helvetica", size=10)
        first, *rest = made.multi_cell(432, text=text, dry_run=True, output="LINES", align="L")
        made.put(90, y, first)
        y = made.column(72, y + 12, 450, " ".join(rest))
    document = read(made.data(), "a.pdf")
    assert document.text == "\n\n".join(texts)


def test_lists_keep_their_lines() -> None:
    made = Made()
    made.put(72, 100, "The signals are these:")
    items = [
        "One ball: the harbour is open and there is water at the bar for ten feet, and more at springs when the "
        "wind has been in the south",
        "Two balls: water for thirteen feet",
        "A basket: the harbour-master is at dinner",
    ]
    y = 120.0
    for item in items:
        made.put(80, y, "-")
        y = made.column(92, y, 380, item)
    for number, item in enumerate(("First of all, speed", "Secondly, the look-out"), start=1):
        made.put(80, y + 14 * number, f"{number}. {item}")
    document = read(made.data(), "a.pdf")
    assert document.text.split("\n\n")[1] == "\n".join(f"- {item}" for item in items)
    assert document.text.endswith("1. First of all, speed\n2. Secondly, the look-out")
    assert [block.kind for block in document.blocks] == ["text", "list", "list"]


def test_lines_that_stand_for_themselves_are_not_joined() -> None:
    made = Made()
    lines = (
        "Store 0342, Old Quay",
        "Cashier: E. Lamb",
        "Rope, hempen, 3 fathoms",
        "1 at 3s. 6d.",
        "Lamp oil",
        "2 at 4d.",
    )
    for number, line in enumerate(lines):
        made.put(72, 100 + 12 * number, line)
    assert read(made.data(), "a.pdf").text == "\n".join(lines)


def test_a_table_of_contents_keeps_its_lines() -> None:
    made = Made()
    for number, name in enumerate(("Of the quays", "Of nets upon them", "Of dues"), start=1):
        made.put(72, 100 + 12 * number, f"{name} " + "." * 60 + f" {number}")
    assert [line.split(" .")[0] for line in read(made.data(), "a.pdf").text.splitlines()] == [
        "Of the quays",
        "Of nets upon them",
        "Of dues",
    ]


def book(pages: int, head: str = "The Harbour Handbook", foot: str = "Page {}") -> Made:
    made = Made()
    for number in range(1, pages + 1):
        if number > 1:
            made.add_page()
        made.put(72, 40, head)
        made.put(280, 810, foot.format(number))
        made.column(72, 100, 450, f"Leaf {'abcdefgh'[number - 1]} says this. " + PROSE)
    return made


@pytest.mark.parametrize("foot", ["Page {}", "{}", "- {} -", "{} of 5", "Harbour Board \u00b7 {}"])
def test_what_stands_on_every_page_is_left_out(foot: str) -> None:
    text = read(book(5, foot=foot).data(), "a.pdf").text
    assert text.count("The Harbour Handbook") == 1
    assert text.startswith("The Harbour Handbook\n\nLeaf a")
    assert "Page" not in text
    assert not any(line.strip("- ").isdigit() or line.endswith(" of 5") for line in text.splitlines())
    assert text.count("says this") == 5


def test_on_two_pages_only_their_numbers_are_left_out() -> None:
    text = read(book(2).data(), "a.pdf").text
    assert text.count("The Harbour Handbook") == 2
    assert "Page" not in text


def test_what_stands_in_the_middle_of_every_page_stays() -> None:
    made = Made()
    for number in range(4):
        if number:
            made.add_page()
        made.put(72, 300, "Signed and sealed")
        made.column(72, 400, 450, f"Leaf {'abcd'[number]} says this. " + PROSE[:80])
    assert read(made.data(), "a.pdf").text.count("Signed and sealed") == 4


def test_program_code_keeps_its_lines_and_indents() -> None:
    made = Made()
    made.column(72, 100, 450, PROSE)
    made.set_font("Courier", size=9)
    for number, (indent, line) in enumerate(((0, "def light(hour):"), (4, "if hour > 18:"), (8, "return True"))):
        made.set_font("Courier", size=9)
        made.text(72 + indent * 5.4, 300 + 11 * number, line)
    text = read(made.data(), "a.pdf").text
    assert text.endswith("def light(hour):\n    if hour > 18:\n        return True")
