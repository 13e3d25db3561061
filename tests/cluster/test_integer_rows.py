"""Sums of codes are exact, which is what makes groups the same on any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import random_units

from ragtree.cluster import integer_rows
from ragtree.cluster.integer_rows import EXACT_ROWS, SCALE, integer_centres, integer_codes, products, row_hashes


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 20), dimension=st.sampled_from([1, 3, 16, 384, 1536, 4096]), seed=st.integers(0, 99))
def test_products_are_exact_in_any_order(count: int, dimension: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    codes = integer_codes(random_units(count, dimension, seed))
    codes[0] = integer_codes(np.ones((1, dimension)))[0]  # all of one sign: the sums on the way are largest
    exact = codes.astype(np.int64) @ codes.astype(np.int64).T
    order = generator.permutation(dimension)
    assert np.array_equal(products(codes, codes), exact)
    assert np.array_equal(products(codes[:, order], codes[:, order]), exact)
    assert np.abs(exact).max() < 2**24
    float_codes = codes.astype(np.float32)
    one_by_one = np.add.accumulate(float_codes[0] * float_codes[-1])
    assert one_by_one[-1] == exact[0, -1]


def test_as_many_rows_as_are_promised_add_up_exactly() -> None:
    assert EXACT_ROWS * (SCALE + 1) < 2**24


def test_a_code_is_as_near_as_is_promised() -> None:
    vectors = random_units(100, 384)
    error = products(integer_codes(vectors), integer_codes(vectors)) / SCALE**2 - vectors @ vectors.T
    assert np.abs(error).max() < 5e-4
    assert error.std() < 1.1e-4


def test_length_is_nothing_and_zeros_stay() -> None:
    vectors = np.array([[3, 4], [30, 40], [0, 0]], dtype=np.float32)
    assert integer_codes(vectors).tolist() == [[2400, 3200], [2400, 3200], [0, 0]]


def test_centres_are_those_of_the_rows_however_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = integer_codes(random_units(50, 8))
    groups = [np.arange(0, 1), np.arange(1, 30), np.arange(20, 50), np.array([3, 5])]
    found = integer_centres(codes, groups)
    assert np.array_equal(found, integer_codes(np.stack([codes[group].mean(axis=0) for group in groups])))
    for block in (1, 2, 31):
        monkeypatch.setattr(integer_rows, "_BLOCK", block)
        assert np.array_equal(integer_centres(codes, groups), found)


def test_opposite_rows_have_a_centre_of_zero() -> None:
    codes = integer_codes(np.array([[1.0, 0], [-1, 0]]))
    assert integer_centres(codes, [np.arange(2)]).tolist() == [[0, 0]]


@pytest.mark.parametrize("dimension", [1, 2, 3, 4, 7, 384])
def test_dice_belong_to_the_row_and_differ_between_rows(dimension: int) -> None:
    codes = integer_codes(random_units(200, 384))[:, :dimension]
    distinct = np.unique(codes, axis=0)
    dice = row_hashes(distinct, 0)
    assert len(np.unique(dice)) == len(distinct)
    assert np.array_equal(row_hashes(distinct[::-1], 0), dice[::-1])
    assert not np.array_equal(row_hashes(distinct, 1), dice)


def test_dice_show_all_bits() -> None:
    """Every bit is set in about half of the dice, and rows that differ by one have dice that differ by half of them."""
    codes = integer_codes(random_units(4000, 16))
    changed = codes.copy()
    changed[:, 15] += 1
    bits = np.arange(64, dtype=np.uint64)
    first = (row_hashes(codes, 0)[:, None] >> bits) & np.uint64(1)
    second = (row_hashes(changed, 0)[:, None] >> bits) & np.uint64(1)
    assert 0.45 < first.mean(axis=0).min() < first.mean(axis=0).max() < 0.55
    assert (first != second).mean(axis=0).min() > 0.45
