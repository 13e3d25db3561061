from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import random_units

from ragtree.retrieve.rerank.token_pooling import pooled


def test_near_tokens_become_one() -> None:
    east, north = np.eye(2)
    found = pooled(np.array([north, east, north * 3, east + 0.01 * north], dtype=np.float32), 2)
    assert np.allclose(found, [north, east], atol=0.01)


def test_a_factor_of_one_keeps_every_token() -> None:
    tokens = random_units(5, 8)
    assert np.allclose(pooled(2 * tokens, 1), tokens)


@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 5))
def test_about_one_for_a_factor_of_rows_and_all_of_length_one(count: int, factor: int, seed: int) -> None:
    found = pooled(random_units(count, 8, seed), factor)
    assert 1 <= len(found) <= max(1, count // factor)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(len(found)), abs=1e-5)


def test_equal_tokens_are_joined() -> None:
    assert len(pooled(np.ones((6, 4), dtype=np.float32), 2)) <= 3
