"""Tables are found in texts, whoever wrote them, with the place of every cell."""

from __future__ import annotations

import re

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from ragtree import Document
from ragtree.tables.finding import has_tables, tables_of

MARKDOWN = """# Ferry traffic 1923

Counted by the ferry company:

| Month | Passengers | Income |
|---|--:|:---|
| January | 111 | £66 |
| February | | £78 \\| paid |

After the table.
"""
RECORDS = """Stations

Town: Leith; Tide: 5.2; Remark: seen; note: by Ann
Town: Hull; Tide: 6.1
Town: Whitby; Remark: none

The end: it is here; nothing: follows.
"""


def found(text: str):
    document = Document("a.md", text)
    return document, tables_of(document)


def test_a_markdown_table_is_found_with_its_header_and_caption():
    document, (table,) = found(MARKDOWN)
    assert table.columns == ("Month", "Passengers", "Income")
    assert [[cell.text for cell in row.cells.values()] for row in table.rows] == [
        ["January", "111", "£66"], ["February", "£78 | paid"]
    ]  # fmt: skip
    assert "Counted by the ferry company:" in table.caption
    assert table.header is not None and table.header.of(document.text) == "| Month | Passengers | Income |"
    assert table.rows[0].cells[1].span.of(document.text) == "111"
    assert 1 not in table.rows[1].cells


def test_lines_that_name_their_values_are_a_table():
    document, (table,) = found(RECORDS)
    assert table.columns == ("Town", "Tide", "Remark")
    assert [row.cells[0].text for row in table.rows] == ["Leith", "Hull", "Whitby"]
    assert table.rows[0].cells[2].text == "seen; note: by Ann"
    assert table.rows[1].cells[1].span.of(document.text) == "Tide: 6.1"
    assert table.header is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Some prose: it has colons; and: semicolons.\n\nAnother: line; with: others.\n",
        "| a | b |\n| c | d |\n",
        "| Only | a header |\n|---|---|\n",
        "Time: 9; Place: Leith\n",
        "---\n\ntitle\n\n---\n",
    ],
)
def test_what_is_no_table_is_none(text):
    assert found(text)[1] == []


def unescaped(text: str) -> str:
    return re.sub(r"(\\*)\1\\\|", r"\1|", text)


CELLS = st.text(alphabet="a|:;\\ 1-", max_size=6)
ROWS = st.lists(CELLS, min_size=1, max_size=4).map(lambda cells: "| " + " | ".join(cells) + " |")
MARKDOWN_TABLES = st.tuples(ROWS, st.just("|---|:-:|"), ROWS, ROWS, ROWS).map("\n".join)
RECORD_TABLES = st.lists(st.tuples(CELLS, CELLS).map(lambda pair: f"a: {pair[0]}; b: {pair[1]}"), min_size=2).map(
    "\n".join
)


@given(st.lists(MARKDOWN_TABLES | RECORD_TABLES | CELLS, max_size=5).map("\n\n".join))
def test_every_cell_stands_where_it_says(text):
    document, tables = found(text)
    event(f"{min(len(tables), 2)} tables")
    for table in tables:
        assert has_tables(document.text)
        for row in table.rows:
            assert row.cells and max(row.cells) < len(table.columns)
            for cell in row.cells.values():
                assert row.span.start <= cell.span.start < cell.span.end <= row.span.end
                said = cell.span.of(document.text) if table.header is None else unescaped(cell.span.of(document.text))
                assert " ".join(said.split()).endswith(" ".join(cell.text.split()))


def test_a_first_column_without_a_name_is_a_column():
    document, (table,) = found("January; Leith: 5; Skye: 4\nFebruary; Leith: 6; Skye: 3\n")
    assert table.columns == ("", "Leith", "Skye")
    assert [row.cells[0].text for row in table.rows] == ["January", "February"]
    assert table.rows[1].cells[0].span.of(document.text) == "February"
    assert table.rows[1].cells[2].text == "3"


def test_two_header_rows_name_the_columns_together():
    text = "| Port | 1922 | 1922 | 1923 | 1923 |\n|---|---|---|---|---|\n| Port | In | Out | In | Out |\n"
    document, (table,) = found(text + "| Leith | 5 | 4 | 6 | 3 |\n| Skye | 1 | 2 | 3 | 4 |\n")
    assert table.columns == ("Port", "1922 In", "1922 Out", "1923 In", "1923 Out")
    assert [row.cells[3].text for row in table.rows] == ["6", "3"]
    assert table.header is not None and table.header.of(document.text).endswith("| Port | In | Out | In | Out |")


def test_a_row_of_data_below_a_repeated_name_is_no_header():
    text = "| Port | Keeper | Keeper |\n|---|---|---|\n| Leith | Ann | Brock |\n| Skye | Magnus | Strake |\n"
    _, (table,) = found(text)
    assert len(table.rows) == 2
