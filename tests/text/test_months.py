from __future__ import annotations

import pytest

from ragtree.text.months import months


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("the price of hemp in November 1923", {11}),
        ("between March and May, not in Sept. of any year", {3, 5, 9}),
        ("They may march on.", set()),
        ("am 3. März und im Jänner", {3, 1}),
        ("en février ou en août", {2, 8}),
        ("el 3 de enero, em fevereiro, in gennaio, in maart", {1, 2, 3}),
        ("в ноябре и 1 мая", {11, 5}),
        ("тёплый май", {5}),
        ("2023年11月5日", {11}),
        ("1923-11-05, minutes/1922-07.md", {11, 7}),
        ("the season 2001-02", set()),
        ("5.11.1923", {11}),
        ("on 5/11/1923", {5, 11}),
        ("1.5 of 12.13.14, page 1923-45, 20/20", set()),
        ("decoration and Augusta", set()),
    ],
)
def test_the_months_of_a_text(text: str, wanted: set[int]) -> None:
    assert months(text) == wanted
