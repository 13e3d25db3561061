from __future__ import annotations

import pytest
from pdf_making import PROSE, Made
from reading import read
from word_measures import order_recall, words


def parts(count: int) -> list[str]:
    """The prose in as many texts, each with words of its own."""
    sentences = [sentence.strip() + "." for sentence in PROSE.split(".") if sentence.strip()]
    size = -(-len(sentences) // count)
    return [" ".join(sentences[start : start + size]) * 2 for start in range(0, len(sentences), size)]


def columns(texts: list[str], gutter: float, offset: float = 0.0, title: str = "") -> bytes:
    made = Made()
    width = (451 - gutter * (len(texts) - 1)) / len(texts)
    if title:
        made.put(120, 80, title, size=18, style="B")
    for number, text in enumerate(texts):
        made.column(72 + number * (width + gutter), 120 + offset * number, width, text)
    return made.data()


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("offset", [0.0, 5.0])
@pytest.mark.parametrize("gutter", [14, 24])
def test_columns_are_read_one_after_the_other(count: int, offset: float, gutter: float) -> None:
    texts = parts(count)
    found = read(columns(texts, gutter, offset), "a.pdf").text
    assert order_recall(" ".join(texts), found) == 1.0
    assert words(found) == words(" ".join(texts))


def test_a_title_over_both_columns_comes_first() -> None:
    texts = parts(2)
    document = read(columns(texts, 20, title="A Handbook for Masters and Pilots"), "a.pdf")
    assert document.text.startswith("A Handbook for Masters and Pilots\n\n" + texts[0][:30])
    assert order_recall(" ".join(texts), document.text) == 1.0


def test_a_line_over_both_columns_divides_them() -> None:
    above, below = parts(2)
    made = Made()
    for x, text in ((72, above), (310, above.upper())):
        made.column(x, 100, 215, text)
    over = "Here a line of text goes over the whole width of the page, from one side of it to the other."
    made.put(72, 420, over)
    for x, text in ((72, below), (310, below.upper())):
        made.column(x, 440, 215, text)
    found = words(read(made.data(), "a.pdf").text)
    places = [found.index("bight"), len(found) - 1 - found[::-1].index("fathoms"), found.index("whole")]
    assert places == sorted(places)
    assert found.count("whole") == 1
    assert order_recall(f"{above} {above} {over}", " ".join(found)) == 1.0
    assert order_recall(f"{below} {below}", " ".join(found)) == 1.0


def test_one_column_is_left_whole() -> None:
    made = Made()
    made.column(72, 100, 450, PROSE * 3)
    assert words(read(made.data(), "a.pdf").text) == words(PROSE * 3)


def test_names_and_values_are_read_row_by_row() -> None:
    made = Made()
    rows = [("Tonnage", "138 tons"), ("Built", "1894 at Leith"), ("Master", "Captain Dace"), ("Berth", "Old Quay"),
            ("Survey", "February"), ("Passengers", "160 in summer")]  # fmt: skip
    for number, (name, value) in enumerate(rows):
        made.put(72, 100 + 14 * number, name)
        made.put(320, 100 + 14 * number, value)
    found = words(read(made.data(), "a.pdf").text)
    assert found == words(" ".join(f"{name} {value}" for name, value in rows))


def test_a_paragraph_goes_on_in_the_next_column_and_is_not_broken() -> None:
    text = PROSE * 3
    made = Made()
    made.set_font("Helvetica", size=10)
    lines = made.multi_cell(215, text=text, dry_run=True, output="LINES", align="L")
    half = len(lines) // 2
    assert lines[half][0].islower()
    for number, line in enumerate(lines):
        made.put(72 if number < half else 310, 60 + 12 * (number % half if number < 2 * half else half), line)
    document = read(made.data(), "a.pdf")
    assert document.text == " ".join(text.split())
    assert len(document.blocks) == 2
    assert document.blocks[0].box.right < document.blocks[1].box.left


def test_a_footnote_does_not_stand_in_a_sentence() -> None:
    made = Made()
    made.set_font("Helvetica", size=10)
    lines = made.multi_cell(450, text=PROSE * 2, dry_run=True, output="LINES", align="L")
    for number, line in enumerate(lines[:7]):
        made.put(72, 100 + 12 * number, line)
    made.put(72, 700, "1 The clerk was asked about this and had no answer to give.", size=8)
    made.add_page()
    for number, line in enumerate(lines[7:]):
        made.put(72, 100 + 12 * number, line)
    document = read(made.data(), "a.pdf")
    assert " ".join((PROSE * 2).split()) in document.text
    assert [block.page for block in document.blocks] == [1, 2, 1]
    assert document.text.endswith("answer to give.")
