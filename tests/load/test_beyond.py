"""What is left out of a file because there is too much of it is reported, whichever limit leaves it out."""

from __future__ import annotations

import pytest
from contents_office import PRESENTATIONS, WORD_FILES, WORKBOOKS
from contents_others import BOOKS, OPEN_DOCUMENTS, PAGES, PDFS
from reading import read
from test_data_files import notebook

from ragtree.load.format_contents import BEYOND

TABLES, CHARTS = "tables and merged cells", "charts"
GRID, POINTS = ("readers.spanned_cells.MOST_CELLS", 2), ("readers.drawing._MOST_POINTS", 0)
ROWS, OF_A_CHART = "1, not read (rows of a table beyond 2 cells)", "1, not read (points of a chart beyond 0)"


@pytest.mark.parametrize(
    ("name", "data", "limit", "said"),
    [
        ("a.html", PAGES[TABLES], GRID, ROWS),
        ("a.epub", BOOKS[TABLES], GRID, ROWS),
        ("a.odt", OPEN_DOCUMENTS[TABLES], GRID, ROWS),
        ("a.pptx", PRESENTATIONS[TABLES], GRID, ROWS),
        ("a.docx", WORD_FILES[CHARTS], POINTS, OF_A_CHART),
        ("a.xlsx", WORKBOOKS[CHARTS], POINTS, OF_A_CHART),
        ("a.pptx", PRESENTATIONS[CHARTS], POINTS, OF_A_CHART),
        (
            "a.xlsx",
            WORKBOOKS["comments and threads"],
            ("readers.xlsx_extras._MOST_COMMENTS", 0),
            "1, not read (comments on a sheet beyond 0)",
        ),
        (
            "a.pdf",
            PDFS["notes and comments"],
            ("layout.annotations._MOST_ANNOTATIONS", 0),
            "1, not read (notes, links and fields of a page beyond 0)",
        ),
        (
            "a.pdf",
            PDFS["data of XFA forms"],
            ("readers.pdf_parts._MOST_VALUES", 0),
            "1, not read (values of a form beyond 0)",
        ),
        (
            "a.pdf",
            PDFS["data of XFA forms"],
            ("readers.pdf_parts._MOST_BYTES", 9),
            "1, not read (data of a form beyond 9 bytes)",
        ),
        (
            "a.pdf",
            PDFS["alternative text of pictures"],
            ("layout.alternative_texts._MOST_ELEMENTS", 0),
            "1, not read (elements of a tagged page beyond 0)",
        ),
    ],
)
def test_what_is_beyond_a_limit_is_reported(
    name: str, data: tuple[bytes, str], limit: tuple[str, int], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, words = data
    whole = read(file, name)
    assert words in whole.text and not whole.notices
    monkeypatch.setattr(f"ragtree.load.{limit[0]}", limit[1])
    document = read(file, name)
    assert document.notices == (f"{BEYOND}: {said}",)
    assert len(document.text) < len(whole.text)


@pytest.mark.parametrize("output", ["word " * 500, "word\n" * 500], ids=["one line", "lines"])
def test_the_output_of_a_notebook_that_is_left_out_is_reported(output: str) -> None:
    cell = {"cell_type": "code", "source": "run()", "outputs": [{"text": output}]}
    document = read(notebook(cell), "a.ipynb")
    kept = document.text.partition("run()\n```\n\n")[2]
    assert len(kept) > 1990
    left = len(output.strip()) - len(kept)
    (notice,) = document.notices
    assert notice.startswith(f"{BEYOND}: ") and "not read (characters of an output beyond 2,000)" in notice
    assert abs(int(notice.partition(": ")[2].partition(",")[0]) - left) <= 1
