from __future__ import annotations

import importlib.util
import warnings

import numpy as np
import pytest
from samples import planted, random_units

from ragtree.cluster import reduce
from ragtree.cluster.reduce import Reduction, umap_reduction
from ragtree.errors import MissingExtraError

KINDS = ("none", "pca", "whiten", "umap")


@pytest.fixture(params=KINDS)
def reduction(request: pytest.FixtureRequest) -> Reduction:
    if request.param == "umap":
        pytest.importorskip("umap")
    return Reduction(request.param, 3, 0)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 11, 12, 13, 60])
def test_any_number_of_rows_has_finite_points(reduction: Reduction, count: int) -> None:
    for points in (reduction.points(random_units(count)), reduction.directions(random_units(count))):
        assert len(points) == count
        assert np.isfinite(points).all()
        assert reduction.kind == "none" or points.shape[1] <= 4 or not count


@pytest.mark.parametrize("neighbours", [None, 1, 2, 500])
def test_any_number_of_neighbours_will_do(reduction: Reduction, neighbours: int | None) -> None:
    assert np.isfinite(reduction.points(random_units(30), neighbours)).all()


def test_copies_are_one_point(reduction: Reduction) -> None:
    vectors = random_units(40)[np.arange(120) % 40]
    points = reduction.points(vectors)
    assert np.allclose(points[:40], points[40:80], atol=1e-5)
    assert np.isfinite(reduction.directions(np.repeat(vectors[:1], 500, axis=0))).all()


def test_rows_of_zeros_do_no_harm(reduction: Reduction) -> None:
    vectors = random_units(40)
    vectors[5:] = 0
    assert np.isfinite(reduction.directions(vectors)).all()
    vectors[0] = 0
    assert np.isfinite(reduction.directions(vectors)).all()


def test_planted_clusters_stay_apart(reduction: Reduction) -> None:
    vectors = planted(3, 30, spread=0.05)
    points = reduction.directions(vectors)
    points = points / np.linalg.norm(points, axis=1, keepdims=True)
    nearest = points @ points.T - 2 * np.eye(90)
    assert np.array_equal(nearest.argmax(axis=1) // 30, np.arange(90) // 30)


def test_the_same_vectors_have_the_same_points(reduction: Reduction) -> None:
    vectors = random_units(80)
    assert np.array_equal(reduction.points(vectors), reduction.points(vectors.copy()))


def test_umap_says_nothing_on_any_level(recwarn: pytest.WarningsRecorder) -> None:
    pytest.importorskip("umap")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Reduction("umap", 4, 0).points(planted(5, 10, spread=0.001))


def test_neighbours_do_not_grow_with_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(vectors: np.ndarray, dimensions: int, neighbours: int, seed: int) -> np.ndarray:
        asked.append(neighbours)
        return np.zeros((len(vectors), dimensions), dtype=np.float32)

    monkeypatch.setattr(reduce, "_umap_points", counted)
    umap = Reduction("umap", 3, 0)
    for count in (20, 101, 901, 20_000):
        umap.points(random_units(count, dimension=4))
    assert asked == [4, 10, 30, 50]
    asked.clear()
    umap.points(random_units(20), 10)
    umap.points(random_units(8), 10)
    assert asked == [10, 7]


def test_principal_components_have_their_variance_in_their_order() -> None:
    vectors = random_units(500, 20) * np.linspace(2, 0.1, 20, dtype=np.float32)
    plain, white = (Reduction(kind, 5, 0).points(vectors).std(axis=0) for kind in ("pca", "whiten"))
    assert np.all(np.diff(plain) < 0)
    assert plain[0] == pytest.approx(1, abs=0.01)
    assert white == pytest.approx(np.ones(5), abs=0.01)
    exact = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False)[:5]
    assert plain == pytest.approx(exact / exact[0], rel=0.01)


def test_fewer_rows_than_numbers_have_the_same_components(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = random_units(15, 40)
    points = Reduction("pca", 5, 0).points(vectors)
    centred = vectors - vectors.mean(axis=0)
    sides, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    wanted = sides[:, :5] * lengths[:5] / (lengths[0] / np.sqrt(14))
    assert np.abs(points) == pytest.approx(np.abs(wanted), abs=1e-4)


def test_whitening_does_not_blow_up_noise() -> None:
    vectors = np.zeros((50, 6), dtype=np.float32)
    vectors[:, 0] = np.linspace(-1, 1, 50)
    vectors[:, 1] = 1e-6 * np.sin(np.arange(50))
    assert Reduction("whiten", 3, 0).points(vectors)[:, 1].std() < 1e-3


def test_on_a_cap_of_a_sphere_the_nearest_point_has_the_highest_cosine(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(0).uniform(5, 9, (200, 3)).astype(np.float32)  # far from UMAP's origin
    monkeypatch.setattr(Reduction, "_umap", lambda self, vectors, neighbours: points)
    rows = Reduction("umap", 3, 0).directions(random_units(200))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    distance = np.linalg.norm(points[:, None] - points[None], axis=2) + 99 * np.eye(200)
    agreed = distance.argmin(axis=1) == (rows @ rows.T - 9 * np.eye(200)).argmax(axis=1)
    assert agreed.mean() > 0.9


def test_without_umap_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"tree\.cluster = gmm-umap.*pip install 'ragtree\[umap\]'"):
        umap_reduction()


def test_the_fingerprint_tells_what_decides() -> None:
    made = [Reduction(kind, dimensions, seed) for kind in KINDS for dimensions in (3, 4) for seed in (0, 1)]
    assert len({each.fingerprint for each in made}) == 1 + 3 * 4
