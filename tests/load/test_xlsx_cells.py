"""What a cell of a workbook shows: its value, as its format writes it, or its formula."""

from __future__ import annotations

import pytest
from contents_office import workbook
from hypothesis import given
from hypothesis import strategies as st
from reading import read
from test_sheets import X, cells, row

from ragtree.load.readers.xlsx_cells import column_letters, column_number, shifted

HEAD = row(1, "Berth", "Rent")


def formula(at: str, inside: str, more: str = "<v></v>", kind: str = "") -> str:
    number = "".join(filter(str.isdigit, at))
    return f'<row r="{number}"><c r="A{number}"><v>7</v></c><c r="{at}" {kind}>{inside}{more}</c></row>'


def lines(*rows: str) -> list[str]:
    return read(workbook(cells(HEAD, *rows)), "a.xlsx").text.split("\n\n")


@pytest.mark.parametrize("kept", ["", "<v></v>", "<v/>"], ids=["none", "empty", "closed"])
def test_a_formula_without_a_value_is_shown_and_told(kept: str) -> None:
    document = read(workbook(cells(HEAD, formula("B2", "<f>SUM(B3:B9)</f>", kept))), "a.xlsx")
    assert document.text == "Berth: 7; Rent: =SUM(B3:B9)"
    assert document.notices == ("formulas without a cached value: 1, shown as the formula",)


def test_a_formula_with_a_value_shows_the_value() -> None:
    document = read(workbook(cells(HEAD, formula("B2", "<f>SUM(B3:B9)</f>", "<v>200</v>"))), "a.xlsx")
    assert (document.text, document.notices) == ("Berth: 7; Rent: 200", ())


def test_a_text_that_a_formula_made_empty_is_empty() -> None:
    document = read(workbook(cells(HEAD, formula("B2", '<f>IF(A2,"","x")</f>', "<v></v>", 't="str"'))), "a.xlsx")
    assert "IF(" not in document.text
    assert document.notices == ()


def test_cells_that_share_a_formula_each_show_their_own() -> None:
    shared = [
        formula("B2", '<f t="shared" ref="B2:B4" si="0">A2*Rates!$B$1+"A2"</f>'),
        formula("B3", '<f t="shared" si="0"/>'),
        formula("B4", '<f t="shared" si="0"/>'),
    ]
    assert lines(*shared)[1:] == [
        'Berth: 7; Rent: =A3*Rates!$B$1+"A2"',
        'Berth: 7; Rent: =A4*Rates!$B$1+"A2"',
    ]


def test_an_array_formula_without_a_value_is_shown() -> None:
    assert lines(formula("B2", '<f t="array" ref="B2:B3">A2:A3*2</f>'))[0] == "Berth: 7; Rent: =A2:A3*2"


def test_a_zero_that_nobody_has_calculated_does_not_hide_the_formula() -> None:
    data = workbook(cells(HEAD, formula("B2", "<f>A2*2</f>", "<v>0</v>")))
    assert read(data, "a.xlsx").text.endswith("Rent: 0")
    asks = workbook(cells(HEAD, formula("B2", "<f>A2*2</f>", "<v>0</v>")), calculate=True)
    assert read(asks, "a.xlsx").text.endswith("Rent: 0 (=A2*2)")


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("[h]:mm:ss", "1.5", "36:00:00"),
        ("[mm]:ss", "0.0625", "1:30:00"),
        ("[h]:mm", "-0.5", "-12:00:00"),
        ("h:mm", "1.5", "12:00"),
        ("mm:ss", "0.01", "00:14:24"),
        ("d mmm yyyy", "8128.5", "1922-04-02 12:00"),
        ("mmmm", "8128", "1922-04-02"),
        ("#,##0.00\\ &quot;kg&quot;", "12.5", "12.5 kg"),
        ("[$€-407]\\ #,##0.00", "12.5", "€ 12.5"),
        ("&quot;No. &quot;0", "7", "No. 7"),
        ("#,##0_);(#,##0)", "7", "7"),
        ("0.0,,&quot;M&quot;", "12000000", "12000000"),
        ("[Red]0;[Blue]-0", "7", "7"),
        ("0.00E+00", "1234", "1234"),
        ("General", "7", "7"),
        ("@", "7", "7"),
        (";;;", "7", "7"),
        ("0%", "0.19", "19%"),
        ("yyyy", "1e300", "1e300"),
        ("h:mm", "noon", "noon"),
    ],
)
def test_a_number_is_shown_as_its_format_writes_it(code: str, value: str, text: str) -> None:
    data = workbook(cells(f'<row r="1"><c r="A1" s="1"><v>{value}</v></c></row>'), code=code)
    assert read(data, "a.xlsx").text == text


def test_one_odd_cell_costs_only_itself() -> None:
    odd = '<row r="2"><c r="A2" t="s"><v>99</v></c><c r="B2"><v>120</v></c></row>'
    document = read(workbook(cells(HEAD, odd, row(3, "South", "80"))), "a.xlsx")
    assert "Rent: 120" in document.text
    assert "Berth: South; Rent: 80" in document.text
    assert document.notices == ("invalid cells: 1, read as they are stored (A2)",)


def test_one_broken_sheet_costs_only_what_is_behind_the_break() -> None:
    document = read(workbook("<sheetData>" + HEAD + row(2, "South", "80") + "<row><c></row>"), "a.xlsx")
    assert "South" in document.text
    assert document.notices == ("broken parts of the file: 1, not read (xl/sheet.xml)",)


def test_a_thread_takes_the_place_of_the_note_for_older_programs() -> None:
    note = '<comment ref="A1"><text><t>[Threaded comment]</t></text></comment>'
    old = f"<comments {X}><commentList>{note}</commentList></comments>"
    thread = '<T xmlns="t"><threadedComment ref="A1" personId="1"><text>why?</text></threadedComment></T>'
    parts: dict[str, str | bytes] = {"xl/c.xml": old, "xl/t.xml": thread}
    data = workbook(cells(HEAD), parts, {"c": ("comments", "c.xml"), "t": ("threadedComment", "t.xml")})
    text = read(data, "a.xlsx").text
    assert "A1: Comment by Bo: why?" in text
    assert "Threaded" not in text


def test_a_comment_on_an_empty_cell_is_read() -> None:
    comment = (
        f'<comments {X}><commentList><comment ref="C9"><text><t>to do</t></text></comment></commentList></comments>'
    )
    data = workbook(cells(HEAD, row(2, "South", "80")), {"xl/c.xml": comment}, {"c": ("comments", "c.xml")})
    assert read(data, "a.xlsx").text.endswith("Berth: South; Rent: 80\n\nC9: Comment: to do")


def test_a_formula_that_makes_a_link_says_where_it_leads() -> None:
    link = formula("B2", '<f>HYPERLINK("https://f.example","fares")</f>', "<v>fares</v>", 't="str"')
    assert lines(link)[0] == "Berth: 7; Rent: fares (https://f.example)"


@given(st.integers(0, 16_383))
def test_columns_and_letters_are_the_same(column: int) -> None:
    assert column_number(column_letters(column)) == column


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_formula_that_is_moved_there_and_back_is_the_same(columns: int, rows: int) -> None:
    formula = "SUM(B2:$C$9)*'My B2'!A1+\"B2\"+LOG10(D4)+_B2"
    assert shifted(shifted(formula, columns, rows), -columns, -rows) == formula
