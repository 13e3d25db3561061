"""CSV whose rows are not all as they should be: an odd one costs only itself, and is told by its line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read, where

from ragtree.load.readers.separated import separated_rows

HEAD = "name,port,notes\nAda,Leith,early\n"
TAIL = "Cyd,Wick,late\nDee,Oban,never\n"
READ = (
    "name: Ada; port: Leith; notes: early",
    "name: Cyd; port: Wick; notes: late",
    "name: Dee; port: Oban; notes: never",
)
QUOTE = "rows with an unclosed or misplaced quote: 1, split at every separator of the line (line 3)"
FEWER = "rows with fewer cells than the others: 1, read as they stand (line 3)"
MORE = "rows with more cells than the others: 1, the extra cells are at the end of the row (line 3)"


@pytest.mark.parametrize(
    ("odd", "row", "notice"),
    [
        (f'Bob,Ayr,"{"word " * 30_000}"', f"name: Bob; port: Ayr; notes: {'word ' * 29_999}word", ""),
        ('Bob,Ayr,"' + "one, two\n" * 20_000 + '"', "notes: one, two one, two", ""),
        ('Bob,Ayr,"note', 'name: Bob; port: Ayr; notes: "note', QUOTE),
        ('Bob,"Ayr,note', 'name: Bob; port: "Ayr; notes: note', QUOTE),
        ('Bob,"Ayr" and "Troon",note', 'name: Bob; port: "Ayr" and "Troon"; notes: note', QUOTE),
        ("Bob,Ayr", "name: Bob; port: Ayr", FEWER),
        ("Bob", "Bob", FEWER),
        ("Bob,Ayr,note,,more,", "name: Bob; port: Ayr; notes: note; more", MORE),
        ("Bob,Ayr,note,,,", "name: Bob; port: Ayr; notes: note", ""),
        (
            f"Bob,Ayr,note{',x' * 50_000}",
            "name: Bob; port: Ayr; notes: note; x; x",
            MORE,
        ),
        ("Bob,A\0yr,no\0te", "name: Bob; port: Ayr; notes: note", "zero bytes: 2, left out (line 3, line 3)"),
        ('"Orr, Bob" jun.,Ayr,note', 'name: "Orr, Bob" jun.; port: Ayr; notes: note', ""),
        ('Bob, "Ayr, west" , "a ""note"""', 'name: Bob; port: Ayr, west; notes: a "note"', ""),
        (r'Bob,"Ayr, \"west\"",note', 'name: Bob; port: Ayr, "west"; notes: note', ""),
        (r'Bob,"C:\Ayr\",note', r"name: Bob; port: C:\Ayr\; notes: note", ""),
        ('Bob,6" pipe,5"', 'name: Bob; port: 6" pipe; notes: 5"', ""),
        ("\rBob,Ayr,note\r\n", "name: Bob; port: Ayr; notes: note", ""),
    ],
)
def test_an_odd_row_costs_only_itself(odd: str, row: str, notice: str) -> None:
    document = read(f"{HEAD}{odd}\n{TAIL}", "a.csv")
    assert all(document.text.count(other) == 1 for other in READ)
    assert row in document.text
    assert document.notices == ((notice,) if notice else ())


def test_lines_are_right_after_an_odd_row() -> None:
    document = read(f'{HEAD}Bob,"Ayr\r\nby the sea\r",x\r\n\nEve,"Ayr\n{TAIL}', "a.csv")
    assert (where(document, "Cyd").line, where(document, "Dee").line) == (8, 9)


def test_a_header_with_an_open_quote_still_names_the_columns() -> None:
    document = read(f'name,port,"notes\n{HEAD.splitlines()[1]}\n{TAIL}', "a.csv")
    assert "name: Cyd; port: Wick; " in document.text
    assert document.notices == (QUOTE.replace("line 3", "line 1"),)


def test_a_last_row_that_breaks_off_is_read() -> None:
    document = read(f'{HEAD}{TAIL}Eve,Ayr,"the li', "a.csv")
    assert document.text.endswith('name: Eve; port: Ayr; notes: "the li')


def test_many_odd_rows_are_one_notice() -> None:
    document = read(HEAD + TAIL * 10 + "Bob,Ayr\n" * 9, "a.csv")
    assert document.notices == (
        "rows with fewer cells than the others: 9, read as they stand (line 23, line 24, line 25, line 26, line 27)",
    )


def test_a_small_table_with_two_odd_rows_is_a_table() -> None:
    document = read("name,port,notes\nAda,Leith,early\nBob,Ayr\nCyd,Wick,late,more\n", "a.csv")
    assert document.text.startswith(READ[0] + "\n\nname: Bob; port: Ayr\n\nname: Cyd")


CELL = st.text("ab ,;\"'\n\r\\é", max_size=6)


@given(
    st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_is_read_again(rows: list[list[str]], sign: str, quoting: int, line_end: str) -> None:
    written = io.StringIO(newline="")
    # A cell that begins with a space may be quoted after it, which Python's writer takes for plain text.
    rows = [[cell.strip(" ").replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in rows]
    csv.writer(written, delimiter=sign, quoting=quoting, lineterminator=line_end).writerows(rows)  # type: ignore[arg-type]
    found = list(separated_rows(written.getvalue(), sign))
    assert [list(row.cells) for row in found] == rows
    assert not any(row.is_broken for row in found)


@given(st.text('ab,"\n\r\\', max_size=40))
def test_no_cell_is_lost_whatever_the_quotes_are(text: str) -> None:
    found = list(separated_rows(text, ","))
    assert sum(cell.count("a") for row in found for cell in row.cells) == text.count("a")
    lines = [row.line for row in found]
    assert lines == sorted(set(lines))


def test_a_row_that_breaks_at_its_end_is_not_read_for_each_line() -> None:
    text = '"a\nb",' * 20_000 + '"x'
    rows = list(separated_rows(text, ","))
    assert len(rows) == text.count("\n") + 1
    assert rows[0].is_broken
