"""A cell with a bar in it stays one cell, in every format that has tables."""

from __future__ import annotations

import docx
import pytest
from reading import read
from test_books import odt
from test_docx import saved
from test_pptx import body, frame, presentation, slide
from test_rtf import HEAD

from ragtree.tables.finding import tables_of

ROWS = (("Pipe", "Tons"), ("a|b", "5"), (r"c\|d", "7"))


def word_file() -> bytes:
    made = docx.Document()
    table = made.add_table(rows=3, cols=2)
    for at, row in enumerate(ROWS):
        for column, cell in enumerate(row):
            table.cell(at, column).text = cell
    return saved(made)


def markup(rows: str, row: str, cell: str, inside: str = "") -> str:
    """The rows, with the elements of the table, a row, a cell and the text in it."""
    begin, end = (f"<{inside}>", f"</{inside}>") if inside else ("", "")
    lines = ("".join(f"<{cell}>{begin}{text}{end}</{cell}>" for text in texts) for texts in ROWS)
    return f"<{rows}>{''.join(f'<{row}>{line}</{row}>' for line in lines)}</{rows}>"


def rich_text() -> str:
    cells = ("".join(text.replace("\\", "\\\\") + r"\cell " for text in row) for row in ROWS)
    return HEAD + "".join(rf"\trowd\pard\intbl {row}\row" for row in cells) + r"\pard\par}"


def slides() -> bytes:
    lines = ("".join(f"<a:tc>{body(text)}</a:tc>" for text in row) for row in ROWS)
    return presentation([slide(frame(f"<a:tbl>{''.join(f'<a:tr>{line}</a:tr>' for line in lines)}</a:tbl>"))])


FILES = {
    "a.html": markup("table", "tr", "td"),
    "a.xml": f"<a>{markup('table', 'tr', 'td')}</a>",
    "a.docx": word_file(),
    "a.odt": odt(markup("table:table", "table:table-row", "table:table-cell", "text:p")),
    "a.rtf": rich_text(),
    "a.pptx": slides(),
    "a.tex": r"\begin{tabular}{lr} Pipe & Tons \\ a|b & 5 \\ c\textbackslash|d & 7 \end{tabular}",
}


@pytest.mark.parametrize("name", FILES)
def test_a_cell_with_a_bar_is_one_cell(name: str) -> None:
    (table,) = tables_of(read(FILES[name], name))
    assert (table.columns, *(tuple(cell.text for cell in row.cells.values()) for row in table.rows)) == ROWS


def test_a_cell_of_a_sheet_without_a_header_is_one_cell() -> None:
    assert read("1,a|b\n2,c\n", "a.csv").text == "| 1 | a\\|b |\n| 2 | c |"
