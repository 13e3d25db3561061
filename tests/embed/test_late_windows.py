"""Windows over a document: every span is read whole where that is possible, once, and with context at both sides."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.embed.token_windows import Window, WindowPiece, inner_ranges, plan_windows, token_ranges
from ragtree.types import Span


@st.composite
def documents(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    """A number of tokens, and ranges that partition them."""
    count = draw(st.integers(1, 400))
    cuts = sorted(draw(st.sets(st.integers(1, count), max_size=30)) | {0, count})
    return count, list(pairwise(cuts))


def pooled(windows: list[Window]) -> dict[int, list[tuple[int, int]]]:
    """By span the tokens of the document that are pooled into it."""
    found: dict[int, list[tuple[int, int]]] = {}
    for window in windows:
        for piece in window.pieces:
            found.setdefault(piece.row, []).append((window.start + piece.start, window.start + piece.end))
    return found


@given(document=documents(), size=st.integers(4, 120), margin=st.integers(0, 40))
def test_every_token_of_a_span_is_pooled_once(
    document: tuple[int, list[tuple[int, int]]], size: int, margin: int
) -> None:
    count, ranges = document
    windows = plan_windows(count, ranges, size, margin)
    assert all(0 <= window.start < window.end <= count and window.end - window.start <= size for window in windows)
    for row, parts in pooled(windows).items():
        parts.sort()
        assert (parts[0][0], parts[-1][1]) == ranges[row]
        assert all(left[1] == right[0] for left, right in pairwise(parts))
        first, last = ranges[row]
        assert len(parts) == -(-(last - first) // size), "a span that fits into a window is read whole"


@given(document=documents(), size=st.integers(40, 120), margin=st.integers(0, 10))
def test_a_span_has_its_margin_at_both_sides(
    document: tuple[int, list[tuple[int, int]]], size: int, margin: int
) -> None:
    count, ranges = document
    for window in plan_windows(count, ranges, size, margin):
        for piece in window.pieces:
            if piece.end - piece.start + 2 * margin > size:
                continue
            left, right = piece.start, window.end - window.start - piece.end
            assert left >= margin or window.start == 0 or window.start + piece.start < margin
            assert right >= margin or window.end == count


def test_a_document_that_fits_is_read_at_once() -> None:
    (window,) = plan_windows(90, [(0, 50), (50, 90)], size=100, margin=32)
    assert (window.start, window.end, len(window.pieces)) == (0, 90, 2)


@pytest.mark.parametrize("length", [50, 100, 250])
def test_context_costs_little(length: int) -> None:
    ranges = [(start, start + length) for start in range(0, 20_000, length)]
    read = sum(window.end - window.start for window in plan_windows(20_000, ranges, size=510, margin=32))
    assert read < 1.3 * 20_000


def test_nothing_is_read_of_nothing() -> None:
    assert plan_windows(0, [], size=100, margin=32) == []


def test_a_text_without_tokens_is_a_window_of_marks() -> None:
    assert plan_windows(0, [(0, 0)], 100, 32) == [Window(0, 0, (WindowPiece(0, 0, 0),))]


def test_tokens_belong_to_the_span_that_they_begin_in() -> None:
    tokens = [Span(0, 3), Span(4, 9), Span(9, 10), Span(12, 20)]
    assert token_ranges(tokens, [Span(0, 4), Span(4, 11), Span(11, 20)]) == [(0, 1), (1, 3), (3, 4)]


def test_a_span_without_a_token_takes_the_one_before_it() -> None:
    tokens = [Span(0, 3), Span(8, 9)]
    assert token_ranges(tokens, [Span(0, 3), Span(4, 7), Span(8, 9)]) == [(0, 1), (0, 1), (1, 2)]
    assert token_ranges(tokens, [Span(20, 25)]) == [(1, 2)]
    assert token_ranges([], [Span(0, 3)]) == [(0, 0)]


def test_a_sentence_stays_within_its_chunk() -> None:
    tokens = [Span(0, 3), Span(4, 9), Span(9, 10), Span(12, 20)]
    chunks = [(0, 2), (2, 4)]
    assert inner_ranges(tokens, [Span(0, 4), Span(4, 20), Span(12, 20)], [0, 0, 1], chunks) == [(0, 1), (1, 2), (3, 4)]


def test_a_sentence_without_tokens_gets_those_of_its_chunk() -> None:
    tokens = [Span(0, 3), Span(8, 9)]
    assert inner_ranges(tokens, [Span(4, 7), Span(0, 0)], [0, 1], [(0, 1), (1, 2)]) == [(0, 1), (1, 2)]
