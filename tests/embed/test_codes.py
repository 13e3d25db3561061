"""Vectors as codes."""

from __future__ import annotations

import numpy as np
import pytest
import vector_codes as codes
from vector_codes import binary_codes, hamming, int8_codes, int8_scores, nearest, rescore

from ragtree.embed.base import unit_rows

ROWS = unit_rows(np.random.default_rng(0).normal(size=(500, 50)))
QUERY = unit_rows(ROWS[3] + 0.1 * ROWS[4])[0]


def test_eight_bits_keep_similarities_to_the_third_digit() -> None:
    made = int8_codes(ROWS)
    assert made.numbers.dtype == np.int8
    assert np.abs(int8_scores(made, QUERY) - ROWS @ QUERY).max() < 0.005


def test_a_row_of_zeros_has_a_code() -> None:
    made = int8_codes(np.zeros((1, 8), dtype=np.float32))
    assert int8_scores(made, np.ones(8, dtype=np.float32)).tolist() == [0]


def test_rows_are_scored_in_parts_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = int8_scores(int8_codes(ROWS), QUERY)
    monkeypatch.setattr(codes, "_ROWS", 7)
    assert np.allclose(int8_scores(int8_codes(ROWS), QUERY), whole, atol=1e-6)


@pytest.mark.parametrize("counts", [True, False])
def test_hamming_counts_the_signs_that_differ(counts: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not counts:
        monkeypatch.delattr(np, "bitwise_count", raising=False)
    distances = hamming(binary_codes(ROWS), binary_codes(QUERY))
    assert distances.tolist() == ((ROWS > 0) != (QUERY > 0)).sum(axis=1).tolist()


def test_nearest_are_in_order_and_equals_in_theirs() -> None:
    assert nearest(np.array([1.0, 3.0, 2.0, 3.0]), 3).tolist() == [1, 3, 2]
    assert nearest(np.array([1, 2]), 9).tolist() == [1, 0]
    assert nearest(np.array([1, 2]), 0).tolist() == []
    assert nearest(np.array([]), 5).tolist() == []


def test_rescored_candidates_stand_as_by_the_full_vectors() -> None:
    candidates = nearest(-hamming(binary_codes(ROWS), binary_codes(QUERY)), 100)
    found = rescore(candidates, ROWS, QUERY, 5)
    assert found[0] == 3
    scores = ROWS[found] @ QUERY
    assert (np.diff(scores) <= 0).all()
    assert scores[-1] == np.sort(ROWS[candidates] @ QUERY)[-5]
