"""Numbers as people write them, and what is computed of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ragtree import Document
from ragtree.tables.base import Operation, Table, TableRequest
from ragtree.tables.computing import compute_answer
from ragtree.tables.figures import figures_of
from ragtree.tables.finding import tables_of


def table_of(*rows: str, names: str = "Town | Region | Sales") -> Table:
    lines = [f"| {names} |", "|" + "---|" * (names.count("|") + 1), *(f"| {row} |" for row in rows)]
    (table,) = tables_of(Document("a.md", "\n".join(lines)))
    return table


@pytest.mark.parametrize(
    ("cells", "values", "written"),
    [
        (["1", "2,5", "10"], ["1", "2.5", "10"], "13,5"),
        (["£1,200.50", "£3"], ["1200.5", "3"], "£1,203.50"),
        (["1.200,50 €", "3 €"], ["1200.5", "3"], "1.203,50 €"),
        (["1,200", "12,300"], ["1200", "12300"], "13,500"),
        (["12 %", "3 %"], ["12", "3"], "15 %"),
        (["(300)", "100"], ["-300", "100"], "-200"),
        (["-1.5", "−0.5"], ["-1.5", "-0.5"], "-2.0"),
        (["1 200", "800"], ["1200", "800"], "2 000"),
        (["5", "", "–", "n/a", "7"], ["5", None, None, None, "7"], "12"),
        (["0.1", "0.2"], ["0.1", "0.2"], "0.3"),
        (["0,125", "0,250"], ["0.125", "0.25"], "0,375"),
        (["1.234.567", "890"], ["1234567", "890"], "1.235.457"),
        (["1,234", "5.5"], ["1234", "5.5"], "1,239.5"),
        (["–5", "10"], ["-5", "10"], "5"),
        (["EUR 5", "EUR 7"], ["5", "7"], "EUR 12"),
    ],
)
def test_numbers_are_read_and_written_as_their_column_does(cells, values, written):
    figures = figures_of(cells)
    assert figures is not None
    assert list(figures.values) == [None if value is None else Decimal(value) for value in values]
    total = sum((value for value in figures.values if value is not None), Decimal(0))
    assert figures.written(total).rstrip("0").rstrip(".") == written.rstrip("0").rstrip(".")


@pytest.mark.parametrize(
    "cells",
    [
        ["1.234", "950", "2.500"],
        ["0.125", "1,5"],
        ["1.2M", "900,000", "30"],
        ["2 million", "500"],
        ["$1k", "$900"],
        ["100-", "50"],
        ["<5", "100"],
        ["3½", "4"],
        ["Room 12", "Room 7"],
        ["03.05", "12.04"],
        ["1" * 30, "2"],
        ["10", "20", "30", "40", "2 x 500"],
        ["1,200 (1999)", "3,000"],
        ["£5", "$6"],
        ["5 m", "6 km"],
        ["Leith", "Hull"],
        ["1923-05-01", "1923-05-02"],
        ["£66 16s.", "£7 3s."],
        [""],
    ],
)
def test_what_are_no_numbers_of_one_unit_is_not_computed(cells):
    assert figures_of(cells) is None


SALES = ("Leith | Coast | 10", "Hull | Coast | 25", "York | Vale | 7", "Ripon | Vale | 25")


@pytest.mark.parametrize(
    ("operation", "conditions", "text", "counted", "rows"),
    [
        ("sum", {}, "67", 4, 4),
        ("sum", {1: frozenset({"Vale"})}, "32", 2, 2),
        ("mean", {}, "16.75", 4, 4),
        ("highest", {}, "25", 4, 2),
        ("lowest", {1: frozenset({"Coast"})}, "10", 2, 1),
    ],
)
def test_sums_means_and_ends(operation: Operation, conditions, text, counted, rows):
    found = compute_answer(table_of(*SALES), TableRequest(operation, (2,), conditions))
    assert found is not None
    assert (found.text, found.counted, len(found.rows)) == (text, counted, rows)


def test_a_row_of_totals_is_not_counted_again():
    with_total = table_of(*SALES, "Total |  | 67")
    for operation, text in (("sum", "67"), ("highest", "25"), ("mean", "16.75")):
        found = compute_answer(with_total, TableRequest(operation, (2,), {}))
        assert found is not None and found.text == text
    counted = compute_answer(with_total, TableRequest("count", (), {}))
    assert counted is not None and counted.counted == 4


@pytest.mark.parametrize(
    "rows",
    [
        ("A | x | 1", "B | x | 2", "C | x | 3"),  # C may be the total
        ("A | x | 48", "All | x | 48"),
        ("A | x | 33.3", "B | x | 33.3", "C | x | 33.3", "All | x | 100"),  # rounded
        ("A | x | 10", "B | x | 25", "Coast | x | 35", "C | y | 4", "D | y | 7", "Vale | y | 11"),
    ],
)
def test_nothing_is_computed_where_a_row_may_be_the_sum_of_others(rows):
    operations: tuple[Operation, ...] = ("sum", "mean", "highest", "count")
    for operation in operations:
        columns = () if operation == "count" else (2,)
        assert compute_answer(table_of(*rows), TableRequest(operation, columns, {})) is None
    assert compute_answer(table_of(*rows), TableRequest("value", (2,), {0: frozenset({"A"})})) is not None


def test_the_sum_of_one_row_is_its_value():
    found = compute_answer(table_of(*SALES), TableRequest("sum", (2,), {0: frozenset({"Hull"})}))
    assert found is not None
    assert (found.request.operation, found.value, len(found.rows)) == ("value", None, 1)


def test_values_are_given_of_a_few_rows_alone():
    found = compute_answer(table_of(*SALES), TableRequest("value", (2,), {0: frozenset({"Hull"})}))
    assert found is not None and [row.cells[2].text for row in found.rows] == ["25"]
    assert compute_answer(table_of(*SALES), TableRequest("value", (2,), {})) is None
    assert compute_answer(table_of(*SALES), TableRequest("sum", (1,), {})) is None


def test_the_row_that_is_the_sum_of_the_others_is_kept_beside_them() -> None:
    rows = [f"Town {number} | Coast | {number}" for number in range(1, 7)]
    table = table_of(*rows, "Total | | 21", names="Town | Region | Sales")
    assert len(table.rows) == 6 or table.is_doubtful
    (found,) = tables_of(
        Document(
            "a.md",
            "| Town | Sales |\n|---|---|\n" + "\n".join(f"| T{n} | {n} |" for n in range(1, 9)) + "\n| Total | 36 |",
        )
    )
    assert len(found.rows) == 8 and [row.cells[1].text for row in found.totals] == ["36"]


def test_sums_inside_a_long_table_are_seen_as_well_as_in_a_short_one() -> None:
    block = [*(f"T{number} | {number}" for number in range(1, 5)), "All | 10"]
    assert table_of(*block, *block, names="Town | Sales").is_doubtful
    many = [f"T{number} | {number * number + 7}" for number in range(3000)]
    assert not table_of(*many, names="Town | Sales").is_doubtful
