from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.text.dates import bounds, dates, spanning
from ragtree.text.months import NUMBERS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Minutes, September 1921 to November 1922", ["1921-09/1922-11"]),
        ("October and November 1922", ["1922-10/1922-11"]),
        ("January to December 1923", ["1923-01/1923-12"]),
        ("1921 TO 1923", ["1921/1923"]),
        ("board-minutes-1921-1922", ["1921/1922"]),
        ("the year to 31 March 1923", ["1923-03-31"]),
        ("13-Jun-2000", ["2000-06-13"]),
        ("June 2nd, 1923", ["1923-06-02"]),
        ("20230915_report", ["2023-09-15"]),
        ("2023_04_01", ["2023-04-01"]),
        ("2023-06", ["2023-06"]),
        ("annual report 2021-22, 2001-02, 2019/20", ["2021/2022", "2001/2002", "2019/2020"]),
        ("30/4/1923 and 4/30/1923, but 3/4/1923", ["1923-04-30", "1923-04-30", "1923"]),
        ("2. Juni 1923, le 2 juin 1923, 2 de junio de 1923, 2 июня 1923", ["1923-06-02"] * 4),
        ("1923年6月2日", ["1923-06-02"]),
        ("一九二三年", ["1923"]),
        ("१९२३", ["1923"]),
        ("1923년 6월", ["1923-06"]),
        ("£1923, v1.1999, cp1252, 12345, 3.1923", []),
        ("no date in May", []),
    ],
)
def test_dates(text: str, found: list[str]) -> None:
    assert [one.iso for one in dates(text)] == found


def test_a_date_says_where_it_stands() -> None:
    text = "Letters, 29 August 1921, of the engineer"
    (found,) = dates(text)
    assert text[found.start : found.end] == "29 August 1921"


def test_the_range_of_several_dates() -> None:
    assert spanning(["1923", "1922-05/1923-02"]) == "1922-05/1923"
    assert spanning(["1923-06-02"]) == "1923-06-02"
    assert spanning([]) == ""


def test_bounds_are_the_first_and_the_last_day() -> None:
    assert bounds("1921/1922-02") == (19210101, 19220231)
    assert bounds("1923-06-02") == (19230602, 19230602)


@given(st.dates(date(1100, 1, 1), date(2099, 12, 31)), st.sampled_from(sorted(NUMBERS)))
def test_a_day_is_read_in_every_form(day: date, name: str) -> None:
    named = day.replace(day=min(day.day, 28), month=NUMBERS[name])
    iso = day.isoformat()
    assert [one.iso for one in dates(f"on {iso}.")] == [iso]
    assert [one.iso for one in dates(f"{named.day} {name} {named.year}")] == [named.isoformat()]
    assert [one.iso for one in dates(f"{name.upper()} {named.day}, {named.year}")] == [named.isoformat()]


@given(st.text() | st.text("0123456789-/. to年月日may"))
def test_any_text_has_dates_in_it_or_not(text: str) -> None:
    found = dates(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    for one in found:
        first, last = bounds(one.iso)
        assert first <= last
        assert spanning([one.iso]) == one.iso
