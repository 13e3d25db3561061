"""A cell of any text stays one cell, and its text comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree import Document
from ragtree.tables.finding import tables_of
from ragtree.text.table_rows import cell_text, table_row

CELLS = st.text(alphabet="a|\\ \n1-", max_size=6)


@pytest.mark.parametrize(
    ("cell", "row"),
    [("a|b", "| a\\|b |"), ("a\nb", "| a b |"), ("a\\|b", "| a\\\\\\|b |"), ("a\\b", "| a\\b |"), ("a\\", "| a\\ |")],
)
def test_bars_and_line_ends_do_not_end_a_cell(cell: str, row: str) -> None:
    assert table_row([cell]) == row


@given(st.lists(st.tuples(CELLS, CELLS), min_size=2))
def test_the_cells_of_a_table_come_back(rows: list[tuple[str, str]]) -> None:
    lines = [table_row(["Left", "Right"]), "| --- | --- |", *(table_row(row) for row in rows)]
    wanted = [[" ".join(cell.split()) for cell in row] for row in rows if any(map(str.strip, row))]
    tables = tables_of(Document("a.md", "\n".join(lines)))
    assert [table.columns for table in tables] == [("Left", "Right")] * (len(wanted) > 1)
    for table in tables:
        found = [[row.cells[at].text if at in row.cells else "" for at in (0, 1)] for row in table.rows]
        assert found == wanted or table.is_doubtful or len(found) == len(wanted) - 1  # without a total


@given(CELLS)
def test_a_written_cell_has_its_text(cell: str) -> None:
    assert cell_text(table_row([cell])[2:-2]) == " ".join(cell.split())
