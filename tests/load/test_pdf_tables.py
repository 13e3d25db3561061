from __future__ import annotations

import pytest
from fpdf import FPDF
from pdf_making import PROSE, Made, raw_pdf
from reading import read

from ragtree.chunk.context import HeadingContext
from ragtree.chunk.structure import StructureChunker
from ragtree.settings import ChunkSettings
from ragtree.tables.finding import tables_of

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


def test_an_empty_grid_is_no_table() -> None:
    made = Made()
    for x in (72, 172):
        for y in (300, 320):
            made.rect(x, y, 100, 20)
    made.put(72, 100, "The form below has not been filled in.")
    assert read(made.data(), "a.pdf").text == "The form below has not been filled in."


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


PORTS = [(f"Port {number}", str(1000 + 7 * number), f"Keeper {number % 9}") for number in range(90)]
PORT_HEAD = ("Port", "Dues", "Keeper")


def over_pages(repeat_head: bool, *, ruled: bool = True, between: str = "", tail: int = 90) -> bytes:
    """A table of ports that runs over pages."""
    made = Made()
    made.put(72, 60, "The dues of the ports, as they were paid in the year, stand in this table.")
    y, first = 90.0, True
    for row in PORTS[:tail]:
        if y > 760:
            made.add_page()
            y, first = 72.0, repeat_head
            if between:
                made.put(72, 60, between)
                y = 84.0
        if first:
            _row(made, y, PORT_HEAD, ruled)
            y, first = y + 18, False
        _row(made, y, row, ruled)
        y += 18
    made.put(72, y + 40, "All of it was paid into the box of the harbour board in good time.")
    return made.data()


def _row(made: Made, y: float, row: tuple[str, ...], ruled: bool) -> None:
    for x, text in zip((72, 192, 312), row, strict=True):
        if ruled:
            made.rect(x, y - 12, 120, 18)
        made.put(x + 4, y, text)


def rows_of(data: bytes) -> tuple[list[str], list[int]]:
    """The lines of the only table, and the page of each."""
    document = read(data, "a.pdf")
    (table,) = tables_of(document)
    assert table.columns == PORT_HEAD
    return [row.span.of(document.text) for row in table.rows], [
        document.locate(row.span).page or 0 for row in table.rows
    ]


@pytest.mark.parametrize("ruled", [True, False], ids=["ruled", "aligned"])
@pytest.mark.parametrize("repeat_head", [True, False], ids=["header repeated", "no header"])
def test_a_table_that_runs_over_pages_is_one(ruled: bool, repeat_head: bool) -> None:
    lines, pages = rows_of(over_pages(repeat_head, ruled=ruled))
    assert lines == [f"| {' | '.join(row)} |" for row in PORTS]
    assert pages == sorted(pages) and set(pages) == {1, 2, 3}
    document = read(over_pages(repeat_head, ruled=ruled), "a.pdf")
    assert [block.page for block in document.blocks if block.kind == "table"] == [1, 2, 3]


def test_a_note_that_a_table_goes_on_does_not_divide_it() -> None:
    lines, _ = rows_of(over_pages(True, between="Table 1 (continued)"))
    assert lines == [f"| {' | '.join(row)} |" for row in PORTS]


def test_a_sentence_with_such_a_word_is_no_note() -> None:
    document = read(over_pages(True, between="The suite on the top floor sleeps four."), "a.pdf")
    assert len(tables_of(document)) > 1


@pytest.mark.parametrize("ruled", [True, False], ids=["ruled", "aligned"])
def test_a_last_row_on_a_page_of_its_own_belongs_to_the_table(ruled: bool) -> None:
    lines, pages = rows_of(over_pages(False, ruled=ruled, tail=38))
    assert len(lines) == 38 and pages[-2:] == [1, 2]


def test_two_tables_on_two_pages_stay_two() -> None:
    made = Made()
    for page, head in enumerate((PORT_HEAD, ("Boat", "Crew", "Master"))):
        if page:
            made.add_page()
        for number, row in enumerate((head, *PORTS[20 * page : 20 * page + 38])):
            _row(made, 72 + 18 * number, row, ruled=True)
    document = read(made.data(), "a.pdf")
    assert [table.columns for table in tables_of(document)] == [PORT_HEAD, ("Boat", "Crew", "Master")]


def test_a_cell_on_the_second_page_keeps_its_header_in_chunks() -> None:
    document = read(over_pages(False), "a.pdf")
    chunker, context = StructureChunker(ChunkSettings(tokens=64)), HeadingContext(ChunkSettings(tokens=64))
    spans = chunker.chunk(document)
    for span, before in zip(spans, context.before(document, spans), strict=True):
        if "| Port 60 |" in span.of(document.text):
            assert "| Port | Dues | Keeper |" in before
            return
    raise AssertionError("no chunk has the row")
