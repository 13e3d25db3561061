from __future__ import annotations

from fpdf import FPDF
from pdf_making import PROSE, Made, raw_pdf
from reading import read

HEAD = ("Vessel", "Tons", "Built")
ROWS = (("Marigold", "138", "1894"), ("Dunnock | two", "412", "1901"), ("Good Intent", "19", ""))
MARKDOWN = """| Vessel | Tons | Built |
| --- | --- | --- |
| Marigold | 138 | 1894 |
| Dunnock \\| two | 412 | 1901 |
| Good Intent | 19 |  |"""


def test_a_ruled_table_is_markdown() -> None:
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=11)
    made.multi_cell(0, text="The vessels are these.", new_x="LMARGIN", new_y="NEXT")
    with made.table() as table:
        for row in (HEAD, *ROWS):
            table.row(row)
    made.multi_cell(0, text="No other vessel may lie there.", new_x="LMARGIN", new_y="NEXT")
    document = read(bytes(made.output()), "a.pdf")
    assert document.text == f"The vessels are these.\n\n{MARKDOWN}\n\nNo other vessel may lie there."
    assert [block.kind for block in document.blocks] == ["text", "table", "text"]


def test_a_cell_of_several_lines_is_one_cell() -> None:
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=11)
    with made.table(col_widths=(30, 70)) as table:
        table.row(("Reef", "What is known of it"))
        table.row(("The Deacons", PROSE[:240].strip()))
        table.row(("Skell", "Nothing"))
    lines = read(bytes(made.output()), "a.pdf").text.split("\n")
    assert lines[2] == f"| The Deacons | {PROSE[:240].strip()} |"
    assert len(lines) == 4


def test_rows_between_two_rules_stay_rows() -> None:
    made = Made()
    for y in (90, 106, 170):
        made.line(72, y, 372, y)
    for x in (72, 172, 272, 372):
        made.line(x, 90, x, 170)
    for number, row in enumerate((HEAD, *ROWS)):
        for x, text in zip((76, 176, 276), row, strict=True):
            made.put(x, 102 + 16 * number, text)
    assert read(made.data(), "a.pdf").text == MARKDOWN


def test_cells_without_a_rule_between_them_are_one() -> None:
    made = Made()
    for y in (90, 110, 130, 150):
        made.line(72, y, 272, y)
    for x in (72, 272):
        made.line(x, 90, x, 150)
    made.line(172, 110, 172, 150)
    made.put(130, 104, "Dues of the quay")
    for y, row in ((124, ("Carts", "2d.")), (144, ("Coffins", "Free"))):
        made.put(76, y, row[0])
        made.put(176, y, row[1])
    assert (
        read(made.data(), "a.pdf").text == "| Dues of the quay |  |\n| --- | --- |\n| Carts | 2d. |\n| Coffins | Free |"
    )


def test_cells_that_stand_under_each_other_are_a_table() -> None:
    made = Made()
    made.put(
        72, 80, "The vessels are these, as the register has them at the end of the year, in the order of the berths."
    )
    for number, row in enumerate((HEAD, *ROWS)):
        for x, text in zip((72, 220, 330), row, strict=True):
            made.put(x, 110 + 14 * number, text)
    assert read(made.data(), "a.pdf").text.split("\n\n")[1] == MARKDOWN


def test_a_frame_around_a_text_is_no_table() -> None:
    made = Made()
    made.rect(60, 80, 460, 200)
    made.column(72, 100, 430, PROSE)
    assert read(made.data(), "a.pdf").text == PROSE.strip()


def test_a_page_of_drawings_costs_no_more_than_its_text() -> None:
    grid = "".join(f"{x} 0 m {x} 792 l S 0 {x} m 612 {x} l S\n" for x in range(0, 4000))
    data = raw_pdf(f"{grid} BT /F 12 Tf 72 700 Td (Only this is written) Tj ET")
    assert read(data, "a.pdf").text == "Only this is written"


def test_a_label_between_two_rows_does_not_divide_the_table() -> None:
    made = Made()
    rows = (("Boat", "Tons", "Built"), ("138", "1894", "Leith"), ("412", "1901", "Hask"), ("19", "1888", "Skell"))
    for number, row in enumerate(rows):
        for x, text in zip((180, 280, 380), row, strict=True):
            made.put(x, 100 + 11 * number, text)
    made.put(72, 128, "Both steamers")
    text = read(made.data(), "a.pdf").text
    assert text.count("---") == 4
    assert "| Both steamers | 19 | 1888 | Skell |" in text
