"""Are cells of tables found, and numbers computed? Questions made from tables of real files.

The files of folder-office and folder-parsetruth are indexed together, but for the longest. For each of up to 20 tables
ten questions ask for the cell of a column and a row, and up to four for the sum, mean, highest and lowest of a column.
An answer is right if it says the value, and citations have the cell and the name of its column. Wanted: .9 of the
cells.

The questions are worded as by people who know the table; the share for those who do not is lower.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ragtree import Answer, Document, RagTree, Settings
from ragtree.errors import LoadError
from ragtree.load.parsing import parse
from ragtree.settings import LoadSettings
from ragtree.tables.base import Table
from ragtree.tables.computing import column_figures
from ragtree.tables.finding import tables_of

DATA = Path(__file__).parents[3] / "shared" / "data"
FOLDERS = ("folder-office", "folder-parsetruth")
TABLES, CELLS = 20, 10
LONGEST = 50_000
"""Characters of a text: a few books among the files would take most of the time."""
WORDINGS = ("What is the {column} of {row}?", "{column} {row}", "What was the {column} for {row}?", "{row}: {column}?")
COMPUTED = {
    "sum": "What is the total of {column}?",
    "mean": "What is the average {column}?",
    "highest": "What is the highest {column}?",
    "lowest": "What is the lowest {column}?",
}


def documents() -> Iterator[Document]:
    """Every text once."""
    seen: set[str] = set()
    for folder in FOLDERS:
        for path in sorted((DATA / folder / "files").rglob("*")):
            if not path.is_file() or path.stat().st_size > 3e6:
                continue
            name = path.relative_to(DATA).as_posix()
            try:
                document = parse(path.read_bytes(), name, LoadSettings(ocr=False))
            except LoadError:
                continue
            if document.text not in seen and len(document.text) < LONGEST:
                seen.add(document.text)
                yield document


def key_column(table: Table) -> int | None:
    """The first column whose cells are words, and name their rows."""
    for column in range(len(table.columns)):
        cells = [row.cells[column].text for row in table.rows if column in row.cells]
        words = all(re.search(r"[^\W\d_]{2}", text) and len(text) < 60 for text in cells)
        if len(cells) == len(set(cells)) > 2 and words:
            return column
    return None


def usable(found: list[Document]) -> list[tuple[Document, Table, int]]:
    chosen = []
    for document in found:
        tables = [(table, key_column(table)) for table in tables_of(document)]
        ready = [(table, key) for table, key in tables if key is not None and len(table.columns) > 1]
        if ready:
            table, key = max(ready, key=lambda one: len(one[0].rows) * len(one[0].columns))
            chosen.append((document, table, key))
    return chosen


def is_right(answer: Answer, value: str, column: str) -> bool:
    said = [answer.text, *(citation.quote for citation in answer.citations)]
    return (
        value in answer.text and any(value in quote for quote in said[1:]) and any(column in text for text in said[1:])
    )


def test_cells_and_numbers(report: Callable[[str], None], tmp_path: Path) -> None:
    if not (DATA / FOLDERS[0]).exists():
        pytest.skip("the files are not here")
    found = list(documents())
    chosen = usable(found)
    draw = random.Random(0)
    settings = Settings.model_validate({"llm": {"model": "none"}})
    right: dict[str, list[bool]] = defaultdict(list)
    with RagTree.open(tmp_path / "index", settings) as tree:
        tree.add(found)
        for document, table, key in sorted(chosen, key=lambda one: -len(one[1].rows) * len(one[1].columns))[:TABLES]:
            cells = [
                (row.cells[key].text, table.columns[column], cell.text)
                for row in table.rows
                if key in row.cells
                for column, cell in row.cells.items()
                if column != key and table.columns[column].strip()
            ]
            for row, column, value in draw.sample(cells, min(CELLS, len(cells))):
                question = draw.choice(WORDINGS).format(row=row, column=column)
                answer = tree.ask(question)
                right["cells"].append(is_right(answer, value, column))
                if not right["cells"][-1]:
                    report(f"  {document.source}: {question} wanted {value!r}, said {answer.text[:100]!r}")
            for operation, wording in COMPUTED.items():
                numbers = [
                    (column, figures)
                    for column in range(len(table.columns))
                    if column != key and (figures := column_figures(table, column)) and table.columns[column].strip()
                ]
                if not numbers:
                    continue
                column, figures = draw.choice(numbers)
                values = [value for value in figures.values if value is not None]
                wanted = {
                    "sum": sum(values),
                    "mean": sum(values) / len(values),
                    "highest": max(values),
                    "lowest": min(values),
                }
                question = wording.format(column=table.columns[column])
                answer = tree.ask(f"{question[:-1]} in {document.title}?")
                written = {figures.written(wanted[operation], 2 * (operation == "mean"))}
                if operation in ("highest", "lowest"):
                    values_of = zip(table.rows, figures.values, strict=True)
                    written |= {row.cells[column].text for row, value in values_of if value == wanted[operation]}
                right["numbers"].append(any(text in answer.text for text in written))
                if not right["numbers"][-1]:
                    report(f"  {document.source}: {question} wanted {wanted[operation]}, said {answer.text[:100]!r}")
    for kind, results in right.items():
        report(f"{kind}: {sum(results) / len(results):.2f} of {len(results)} right ({len(chosen)} tables)")
