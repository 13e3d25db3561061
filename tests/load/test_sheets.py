"""Excel, OpenDocument and CSV: rows of a sheet as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packing import R, office, packed
from reading import LIMITS, read, refusal, where

from ragtree.load.readers.outline import Outline
from ragtree.load.readers.sheet_rows import SheetRow, add_rows
from ragtree.settings import LoadSettings
from ragtree.tables.finding import tables_of

X = f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" {R}'
STRINGS = ("Port", "Tide", "Leith", "Skye", "a <r>rich</r> one")


def workbook(sheets: dict[str, str], **related: str) -> bytes:
    listed = "".join(f'<sheet name="{name}" sheetId="1" r:id="{name}"/>' for name in sheets)
    files: dict[str, str | bytes] = {
        "xl/workbook.xml": f"<workbook {X}><sheets>{listed}</sheets></workbook>",
        **{f"xl/{name}.xml": f"<worksheet {X}>{inside}</worksheet>" for name, inside in sheets.items()},
        **{f"xl/{kind}.xml": text for kind, text in related.items()},
    }
    relations = {name: ("worksheet", f"{name}.xml") for name in sheets}
    relations |= {kind: (kind, f"{kind}.xml") for kind in related}
    return office("xl/workbook.xml", files, {"xl/workbook.xml": relations})


def cells(*rows: str) -> str:
    return "<sheetData>" + "".join(rows) + "</sheetData>"


def row(at: int, *values: str, style: int = 0) -> str:
    found = []
    for column, value in zip("ABCDEFG", values, strict=False):
        number = value.replace(".", "").replace("-", "").isdigit()
        inside = f"<v>{value}</v>" if number else f"<is><t>{value}</t></is>"
        kind = "" if number else 't="inlineStr"'
        found.append(f'<c r="{column}{at}" s="{style}" {kind}>{inside}</c>' if value else "")
    return f'<row r="{at}">{"".join(found)}</row>'


TIDES = cells(row(1, "Port", "Tide"), row(2, "Leith", "5.1"), row(3, "Skye", "4.4000000000000004"))


def test_a_row_says_what_its_values_are() -> None:
    document = read(workbook({"High water": TIDES}), "a.xlsx")
    assert document.text == "High water\n\nPort: Leith; Tide: 5.1\n\nPort: Skye; Tide: 4.4"
    place = where(document, "Skye")
    assert (place.line, place.heading, document.title) == (3, ("High water",), "High water")


def test_a_name_that_the_program_gave_is_no_text() -> None:
    document = read(workbook({"Sheet1": TIDES, "Sheet2": ""}), "a.xlsx")
    assert "Sheet" not in document.text
    assert where(document, "Skye").heading == ("Sheet1",)


def test_shared_strings_are_looked_up_without_their_pronunciation() -> None:
    strings = f"<sst {X}><si><t>Port</t></si><si><r><t>Le</t></r><r><t>ith</t></r><rPh><t>リース</t></rPh></si></sst>"
    sheet = cells('<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>9</v></c></row>')
    assert read(workbook({"Sheet1": sheet}, sharedStrings=strings), "a.xlsx").text == "Leith"


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("14", "8128", "1922-04-02"),
        ("22", "8128.5", "1922-04-02 12:00"),
        ("20", "0.75", "18:00"),
        ("9", "0.25", "25%"),
        ("164", "8128", "1922-04-02"),
        ("165", "0.125", "12.5%"),
        ("166", "1922", "days 1922"),
        ("0", "8128", "8128"),
        ("14", "-1e300", "-1e300"),
    ],
)
def test_dates_and_percentages_are_shown_as_such(code: str, value: str, text: str) -> None:
    styles = (
        f'<styleSheet {X}><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" '
        f'formatCode="0.0%"/><numFmt numFmtId="166" formatCode="&quot;days&quot; 0"/></numFmts>'
        f'<cellXfs><xf numFmtId="0"/><xf numFmtId="{code}"/></cellXfs></styleSheet>'
    )
    sheet = cells(f'<row r="1"><c r="A1" s="1"><v>{value}</v></c></row>')
    assert read(workbook({"Sheet1": sheet}, styles=styles), "a.xlsx").text == text


def test_a_merged_cell_belongs_to_every_row_beside_it() -> None:
    rows = cells(row(1, "Port", "Day", "Tide"), row(2, "Leith", "Mon", "5"), row(3, "", "Tue", "6"))
    sheet = rows + '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'
    assert "Port: Leith; Day: Tue; Tide: 6" in read(workbook({"Sheet1": sheet}), "a.xlsx").text


def test_what_stands_above_a_table_is_no_header() -> None:
    rows = cells(row(1, "Tides of 1922"), row(2, "Port", "Tide"), row(3, "Leith", "5"))
    assert read(workbook({"Sheet1": rows}), "a.xlsx").text == "Tides of 1922\n\nPort: Leith; Tide: 5"


def test_a_second_table_below_has_a_header_of_its_own() -> None:
    rows = [row(1, "Port", "Tide"), row(2, "Leith", "5"), row(5, "Ship", "Tons"), row(6, "Heron", "80")]
    assert read(workbook({"Sheet1": cells(*rows)}), "a.xlsx").text.endswith("Ship: Heron; Tons: 80")


def test_an_empty_row_does_not_end_a_table_of_words() -> None:
    rows = [row(1, "Port", "Keeper"), row(2, "Leith", "Strake"), row(4, "Skye", "Vane"), row(5, "Mull", "Orr")]
    assert "Port: Skye; Keeper: Vane" in read(workbook({"Sheet1": cells(*rows)}), "a.xlsx").text


def test_tables_side_by_side_are_told_apart() -> None:
    rows = [row(1, "Port", "Tide"), row(2, "Leith", "5", "", "Ship", "Tons"), row(3, "Skye", "4", "", "Heron", "80")]
    assert read(workbook({"Sheet1": cells(*rows)}), "a.xlsx").text.split("\n\n") == [
        "Port: Leith; Tide: 5",
        "Port: Skye; Tide: 4",
        "Ship: Heron; Tons: 80",
    ]


def test_rows_without_a_header_are_rows_of_a_table() -> None:
    assert (
        read(workbook({"Sheet1": cells(row(1, "1", "2"), row(2, "3", "4"))}), "a.xlsx").text == "| 1 | 2 |\n| 3 | 4 |"
    )


def test_more_rows_than_the_limit_are_refused() -> None:
    limits = LoadSettings(max_rows=2)
    assert refusal(workbook({"Sheet1": TIDES}), "a.xlsx", limits) == "more than load.max_rows = 2 rows"
    assert refusal(b"a,b\n1,2\n3,4\n", "a.csv", limits) == "more than load.max_rows = 2 rows"
    assert read(workbook({"Sheet1": TIDES}), "a.xlsx", LoadSettings(max_rows=3)).text


def test_a_text_that_swells_by_its_header_is_refused() -> None:
    header = ",".join(f"{'name' * 15} {column}" for column in range(200))
    data = "\n".join([header, *[",".join("1" * 200)] * 100]).encode()
    assert "characters" in refusal(data, "a.csv", LoadSettings(max_megabytes=0.1))


def test_an_empty_workbook_has_no_text() -> None:
    assert refusal(workbook({"Sheet1": "", "Plans": cells()}), "a.xlsx") == "there is no text in it"


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_found(sign: str) -> None:
    rows = [("Port", "Tide"), (f"Leith{sign} old", "5.1"), ("Skye", "4")]
    text = "".join(f'"{port}"{sign}{tide}\n' for port, tide in rows)
    assert read(text, "a.csv").text.splitlines()[2] == "Port: Skye; Tide: 4"


def test_a_row_of_csv_knows_its_line() -> None:
    document = read('Port,Note\nLeith,"two\nlines"\nSkye,one\n', "a.csv")
    assert (where(document, "Leith").line, where(document, "Skye").line) == (2, 4)
    assert document.text == "Port: Leith; Note: two lines\n\nPort: Skye; Note: one"


def test_excel_s_word_on_the_separator_is_no_row() -> None:
    assert read("sep=;\nPort;Tide\nLeith;5\n", "a.csv").text == "Port: Leith; Tide: 5"


@pytest.mark.parametrize("text", ["one\ntwo\nthree\n", "A letter, and no table.\nIt ends.\n"])
def test_what_is_no_table_is_text(text: str) -> None:
    assert read(text, "a.csv").text == text


@given(st.lists(st.dictionaries(st.integers(0, 6), st.text("ab1.: ", min_size=1, max_size=5), min_size=1), max_size=12))
def test_no_cell_is_lost(rows: list[dict[int, str]]) -> None:
    outline = Outline()
    stripped = [{column: text.strip() or "x" for column, text in cells.items()} for cells in rows]
    add_rows(outline, [SheetRow(line, cells) for line, cells in enumerate(stripped, start=1)], "a", LIMITS)
    text = " ".join(outline.loaded().text.split())
    for found in stripped:
        for cell in found.values():
            assert " ".join(cell.split()).rstrip(":") in text


def test_opendocument_sheets_are_read_the_same_way() -> None:
    names = "urn:oasis:names:tc:opendocument:xmlns"
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    empty = '<table:table-cell table:number-columns-repeated="16382"/>'
    lines = [("Port", "Tide"), ("Leith", "5"), ("Skye", "4")]
    rows = "".join(f"<table:table-row>{''.join(map(cell.format, line))}{empty}</table:table-row>" for line in lines)
    rows += f'<table:table-row table:number-rows-repeated="1048573">{empty}</table:table-row>'
    content = (
        f'<o:document-content xmlns:o="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
        f'xmlns:text="{names}:text:1.0"><o:body>'
        f'<o:spreadsheet><table:table table:name="High water">{rows}</table:table></o:spreadsheet></o:body>'
        "</o:document-content>"
    )
    data = packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})
    document = read(data, "a.ods")
    assert document.text == "High water\n\nPort: Leith; Tide: 5\n\nPort: Skye; Tide: 4"
    assert where(document, "Skye").line == 3


def sheet_of(rows: list[dict[int, str]], spans: dict[int, int] | None = None) -> str:
    outline = Outline()
    listed = [SheetRow(line, cells, spans or {} if line == 1 else {}) for line, cells in enumerate(rows, start=1)]
    add_rows(outline, listed, "a.xlsx", LIMITS)
    return outline.loaded().text


IN_OUT = {0: "Port", 1: "In", 2: "Out", 3: "In", 4: "Out"}
LEITH, SKYE = {0: "Leith", 1: "5", 2: "4", 3: "6", 4: "3"}, {0: "Skye", 1: "1", 2: "2", 3: "3", 4: "4"}


@pytest.mark.parametrize("spans", [{1: 2, 3: 2}, {}], ids=["merged", "not merged"])
def test_two_header_rows_name_a_column_together(spans: dict[int, int]) -> None:
    text = sheet_of([{1: "1922", 3: "1923"}, IN_OUT, LEITH, SKYE], spans)
    assert text.startswith("Port: Leith; 1922 In: 5; 1922 Out: 4; 1923 In: 6; 1923 Out: 3")


def test_a_merged_cell_in_a_single_header_is_no_group() -> None:
    text = sheet_of([{0: "Keeper", 2: "Port"}, {0: "Ann", 1: "Brock", 2: "Leith"}, {0: "Abel", 1: "Strake", 2: "Skye"}])
    assert "Keeper Ann" not in text and "Keeper: Ann" in text


def test_a_merged_heading_over_a_workbook_s_columns_names_them_together() -> None:
    merged = '<mergeCells><mergeCell ref="B1:C1"/><mergeCell ref="D1:E1"/></mergeCells>'
    rows = (row(1, "", "Summer", "", "Winter"), row(2, "Port", "In", "Out", "In", "Out"), row(3, "Leith", *"5463"))
    document = read(workbook({"Traffic": cells(*rows, row(4, "Skye", *"1234")) + merged}), "a.xlsx")
    assert "Port: Skye; Summer In: 1; Summer Out: 2; Winter In: 3; Winter Out: 4" in document.text
    (table,) = tables_of(document)
    assert table.columns == ("Port", "Summer In", "Summer Out", "Winter In", "Winter Out")


def test_years_name_columns_and_the_first_column_needs_no_name() -> None:
    text = sheet_of([{1: "1920", 2: "1921"}, {0: "Herring", 1: "511", 2: "940"}, {0: "Cod", 1: "70", 2: "85"}])
    assert text == "Herring; 1920: 511; 1921: 940\n\nCod; 1920: 70; 1921: 85"


def test_years_of_people_are_no_header() -> None:
    rows = [{0: "Ann", 1: "1850", 2: "1921"}, {0: "Abel", 1: "1860", 2: "1931"}, {0: "Magnus", 1: "1871", 2: "1940"}]
    assert "1850: 1860" not in sheet_of(rows)
