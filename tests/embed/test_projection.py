"""Shorter vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragtree.embed.base import unit_rows
from ragtree.embed.projection import Projection, Way, learn_projection
from ragtree.errors import IndexDamagedError, SettingsError
from ragtree.types import Vectors

WAYS: list[Way] = ["truncate", "pca", "whiten"]


def vectors(count: int, dimension: int = 12, rank: int | None = None, seed: int = 0) -> Vectors:
    """Unit rows that lie in `rank` directions, those that come first spread the widest."""
    random = np.random.default_rng(seed)
    rank = rank or dimension
    basis = np.linalg.qr(random.normal(size=(dimension, rank)))[0]
    return unit_rows(random.normal(size=(count, rank)) / np.arange(1, rank + 1) @ basis.T)


@pytest.mark.parametrize("way", WAYS)
@given(count=st.integers(1, 40), kept=st.integers(1, 12), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_any_number_of_vectors_gives_finite_unit_rows(way: Way, count: int, kept: int, seed: int) -> None:
    rows = vectors(count, seed=seed)
    reduced = learn_projection(rows, kept, way).apply(rows)
    assert reduced.shape == (count, kept)
    assert reduced.dtype == np.float32
    assert np.allclose(np.linalg.norm(reduced, axis=1), 1, atol=1e-5)


def test_truncation_is_the_first_numbers_at_length_one() -> None:
    rows = vectors(5)
    assert np.allclose(learn_projection(rows, 4, "truncate").apply(rows), unit_rows(rows[:, :4]), atol=1e-6)


def test_pca_keeps_every_similarity_where_the_vectors_have_no_more_directions() -> None:
    rows = vectors(50, rank=3)
    reduced = learn_projection(rows, 3, "pca").apply(rows)
    assert np.allclose(reduced @ reduced.T, rows @ rows.T, atol=1e-5)
    cut = learn_projection(rows, 3, "truncate").apply(rows)
    assert not np.allclose(cut @ cut.T, rows @ rows.T, atol=0.05)


def test_whitening_makes_all_directions_equally_wide() -> None:
    rows = vectors(4000)
    projection = learn_projection(rows, 6, "whiten")
    spread = ((rows - projection.mean) @ projection.components).std(axis=0)
    assert spread.max() / spread.min() < 1.2
    before = learn_projection(rows, 6, "pca")
    wide = (rows @ before.components).std(axis=0)
    assert wide.max() / wide.min() > 2


@pytest.mark.parametrize("way", WAYS)
def test_one_vector_goes_the_way_of_many(way: Way) -> None:
    rows = vectors(30)
    projection = learn_projection(rows, 5, way)
    assert projection.apply(rows[7]).shape == (5,)
    assert np.allclose(projection.apply(rows[7]), projection.apply(rows)[7], atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_a_projection_is_read_back_as_it_was(way: Way) -> None:
    projection = learn_projection(vectors(30), 5, way)
    again = Projection.from_bytes(projection.to_bytes())
    assert again.digest == projection.digest
    assert np.array_equal(again.mean, projection.mean)
    assert np.array_equal(again.components, projection.components)
    assert again.learned_from == (0 if way == "truncate" else 30)


def test_other_vectors_give_another_digest() -> None:
    digests = {learn_projection(vectors(30, seed=seed), 5, way).digest for way in WAYS for seed in (0, 1)}
    assert len(digests) == 5  # truncation learns nothing


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", Projection(np.ones(2), np.ones((2, 1)), 1).to_bytes()[:-40]])
def test_bytes_that_are_no_projection_are_a_damaged_index(data: bytes) -> None:
    with pytest.raises(IndexDamagedError, match="projection"):
        Projection.from_bytes(data)


@pytest.mark.parametrize("kept", [0, 13])
def test_a_length_that_cannot_be_says_what_can(kept: int) -> None:
    with pytest.raises(SettingsError, match=rf"embed\.dim is {kept}.* 1 to 12"):
        learn_projection(vectors(5), kept, "pca")
