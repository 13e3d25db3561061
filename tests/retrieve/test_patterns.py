from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.errors import QueryError
from ragtree.retrieve.exhaustive.patterns import PATTERNS, make_pattern


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("dates", "On 3 April 1923 and April 4th, 1923, not in May.", ["3 April 1923", "April 4th, 1923"]),
        (
            "dates",
            "2024-05-31, 31.5.2024; 12 December; June 1920; page 12",
            ["2024-05-31", "31.5.2024", "12 December", "June 1920"],
        ),
        ("amounts", "It cost £1,200.50, or $3 million; nine pounds ten.", ["£1,200.50", "$3 million", "nine pounds"]),
        ("amounts", "20 EUR, 5 €, twenty-five shillings and 3 cats", ["20 EUR", "5 €", "twenty-five shillings"]),
        ("emails", "To ann.lee@mail.example.org, not to @ann or a@b.", ["ann.lee@mail.example.org"]),
        ("names", "The Harbour Office wrote to Ada Venn of Port Hask.", ["Harbour Office", "Ada Venn of Port Hask"]),
        ("names", "The man. It rains. He said so.", []),
        (r"No\. \d+", "No. 4 and No. 17", ["No. 4", "No. 17"]),
        ("x*", "ab", []),
    ],
)
def test_what_a_pattern_finds(kind: str, text: str, found: list[str]) -> None:
    assert [span.of(text) for span in make_pattern(kind).find(text)] == found


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("dates", "3 April 1923", "April 3rd, 1923"),
        ("dates", "3 April 1923", "3 Apr. 1923"),
        ("amounts", "£1,200", "£ 1200"),
        ("amounts", "Two Pounds", "two  pounds"),
        ("names", "Ada Venn", "ADA VENN"),
    ],
)
def test_two_ways_to_write_a_thing_are_one(kind: str, one: str, other: str) -> None:
    assert PATTERNS[kind].key(one) == PATTERNS[kind].key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("3 April 1923", "3 April 1924"), ("3 April", "13 April"), ("May 1920", "1 May 1920")]
)
def test_different_dates_are_different(one: str, other: str) -> None:
    assert PATTERNS["dates"].key(one) != PATTERNS["dates"].key(other)


@given(st.sampled_from(sorted(PATTERNS)), st.text(max_size=200))
def test_finds_are_in_order_and_not_empty(kind: str, text: str) -> None:
    spans = list(PATTERNS[kind].find(text))
    assert all(span.of(text).strip() for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    for span in spans:
        PATTERNS[kind].key(span.of(text))


def test_a_broken_expression_is_refused() -> None:
    with pytest.raises(QueryError, match=r"'\(' is neither a regular expression .*dates, amounts, emails, names"):
        make_pattern("(")
