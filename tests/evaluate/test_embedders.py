from __future__ import annotations

import json
import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from library import LIBRARY, QUESTIONS
from samples import random_units

from ragtree.embed.base import Embedder
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import DatasetError
from ragtree.evaluate.embedders import compare_embedders, jaccard_at, linear_cka, nearest, rank_similarity_at
from ragtree.text.sentences import sentence_spans
from ragtree.types import OnProgress, Progress, Vectors, no_progress


class Table:
    """An embedder whose texts are the numbers of its rows, and whose queries are those of others."""

    def __init__(self, name: str, rows: Vectors, queries: Vectors) -> None:
        self.name = name
        self.dimension = rows.shape[1]
        self._rows = rows
        self._queries = queries

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        progress(Progress("embed", len(texts), len(texts)))
        return self._rows[[int(text) for text in texts]]

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self._queries[int(text)]
        return vector


def numbers(n: int) -> list[str]:
    return [str(number) for number in range(n)]


def rotation(dimension: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(5).normal(size=(dimension, dimension)))[0].astype(np.float32)


def ranking(rows: list[list[int]]) -> np.ndarray:
    return np.array(rows, dtype=np.intp)


def library_sentences(count: int) -> list[str]:
    sentences: list[str] = []
    for path in sorted(LIBRARY.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        sentences.extend(span.of(text).strip() for span in sentence_spans(text))
    return sentences[:count]


def library_questions(count: int) -> list[str]:
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines[:count]]


def test_an_embedder_is_like_itself() -> None:
    texts, queries = random_units(300, 24), random_units(20, 24, seed=9)
    same = Table("same", texts, queries)
    found = compare_embedders(same, same, numbers(300), numbers(20))
    assert found.cka == pytest.approx(1)
    assert np.all(found.jaccard == 1)
    assert found.rank_similarity == pytest.approx(np.ones(20))
    assert found.same_top == 1
    assert (found.first, found.second, found.dimensions, found.texts, found.k) == ("same", "same", (24, 24), 300, 10)


def test_a_rotation_changes_nothing() -> None:
    texts, queries, turn = random_units(300, 24), random_units(20, 24, seed=9), rotation(24)
    found = compare_embedders(
        Table("straight", texts, queries), Table("turned", texts @ turn, queries @ turn), numbers(300), numbers(20)
    )
    assert found.cka == pytest.approx(1)
    assert np.all(found.jaccard == 1)
    assert found.rank_similarity == pytest.approx(np.ones(20))
    assert found.same_top == 1


def test_embedders_that_have_nothing_in_common_are_near_zero() -> None:
    found = compare_embedders(
        Table("one", random_units(3000, 16, seed=1), random_units(40, 16, seed=2)),
        Table("other", random_units(3000, 12, seed=3), random_units(40, 12, seed=4)),
        numbers(3000),
        numbers(40),
    )
    assert found.dimensions == (16, 12)
    assert found.cka < 0.02
    assert found.jaccard.mean() < 0.02
    assert found.rank_similarity.mean() < 0.05
    assert found.same_top <= 0.05


def test_unrelated_vectors_of_few_texts_look_alike_by_chance() -> None:
    # The reason why the docstring asks for many more texts than dimensions.
    assert linear_cka(random_units(60, 60, seed=1), random_units(60, 60, seed=2)) == pytest.approx(0.5, abs=0.03)


def test_cka_by_hand() -> None:
    # Centered columns (1, -1, 0) and (1, 0, -1): their product is 1, their squares 2 and 2.
    one, other = np.array([[1.0], [-1.0], [0.0]]), np.array([[1.0], [0.0], [-1.0]])
    assert linear_cka(one, other) == pytest.approx(1 / 4)
    assert linear_cka(one, np.array([[1.0], [1.0], [-2.0]])) == pytest.approx(0)


def test_cka_in_blocks_is_that_of_the_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ragtree.evaluate.embedders._ROWS", 100)
    rng = np.random.default_rng(6)
    first = rng.normal(size=(250, 3)) + 4
    second = np.concatenate([first[:, :2] * 3, rng.normal(size=(250, 2))], axis=1)
    one, other = first - first.mean(axis=0), second - second.mean(axis=0)
    kernels = (one @ one.T, other @ other.T)
    whole = np.sum(kernels[0] * kernels[1]) / (np.linalg.norm(kernels[0]) * np.linalg.norm(kernels[1]))
    assert linear_cka(first, second) == pytest.approx(whole)


def test_cka_does_not_see_scale_and_shift() -> None:
    vectors = random_units(100, 6).astype(np.float64)
    assert linear_cka(vectors, 1e-7 * vectors + 3e-6) == pytest.approx(1)


def test_vectors_without_spread_have_nothing_to_align() -> None:
    still, moving = np.full((7, 3), 0.1, dtype=np.float32), random_units(7, 3)
    assert linear_cka(still, moving) == 0
    assert linear_cka(moving, still) == 0
    assert linear_cka(still, 2 * still) == 1
    # The mean of many equal numbers is not quite that number.
    rows = np.tile(np.random.default_rng(0).random(3), (101, 1))
    assert np.any(rows.mean(axis=0) != rows[0])
    assert linear_cka(rows, random_units(101, 3)) == 0
    assert linear_cka(moving[:1], moving[1:2]) == 1


def test_jaccard_and_rank_similarity_by_hand() -> None:
    first = ranking([[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]])
    second = ranking([[1, 2, 3], [4, 5, 6], [2, 1, 9], [1, 8, 9]])
    assert jaccard_at(first, second, 3) == pytest.approx([1, 0, 2 / 4, 1 / 5])
    # 1 and 2 stand at ranks 1, 2 and 2, 1: each counts 2 / (2 * 3), of 1 + 1/2 that they could.
    assert rank_similarity_at(first, second, 3) == pytest.approx([1, 0, (1 / 3 + 1 / 3) / 1.5, 1])


def test_what_lies_behind_k_does_not_count() -> None:
    first, second = ranking([[1, 2, 3, 4]]), ranking([[1, 9, 2, 3]])
    assert jaccard_at(first, second, 1) == pytest.approx([1])
    assert jaccard_at(first, second, 2) == pytest.approx([1 / 3])
    assert rank_similarity_at(first, second, 2) == pytest.approx([1])
    assert rank_similarity_at(first, second, 3) < 1


RANKINGS = st.integers(1, 8).flatmap(
    lambda k: st.tuples(
        *[st.lists(st.permutations(range(12)).map(lambda row: row[:k]), min_size=3, max_size=3) for _ in range(2)]
    )
)


@settings(deadline=None)
@given(RANKINGS)
def test_what_is_found_is_compared_the_same_way_round_and_lies_between_0_and_1(
    pair: tuple[list[list[int]], list[list[int]]],
) -> None:
    first, second = ranking(pair[0]), ranking(pair[1])
    k = first.shape[1]
    for measure in (jaccard_at, rank_similarity_at):
        there = measure(first, second, k)
        assert np.all((there >= 0) & (there <= 1))
        assert there == pytest.approx(measure(second, first, k))
        assert measure(first, first, k) == pytest.approx(np.ones(3))
    # Both are 0 for the same queries: those with nothing in common.
    assert np.array_equal(jaccard_at(first, second, k) == 0, rank_similarity_at(first, second, k) == 0)


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 5), st.integers(1, 5), st.integers(0, 10_000))
def test_cka_lies_between_0_and_1_and_is_the_same_way_round(n: int, left: int, right: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(-2, 3, (n, left)).astype(float), rng.integers(-2, 3, (n, right)).astype(float)
    assert 0 <= linear_cka(first, second) <= 1
    assert linear_cka(first, second) == pytest.approx(linear_cka(second, first))
    assert linear_cka(first, first) == pytest.approx(1)


def test_the_nearest_come_first_and_of_equals_the_earlier_one() -> None:
    texts = np.array([[0, 1], [1, 0], [0.6, 0.8], [1, 0], [-1, 0]], dtype=np.float32)
    assert nearest(np.array([[1, 0], [0, 1]], dtype=np.float32), texts, 3).tolist() == [[1, 3, 2], [0, 2, 1]]
    # Three are equally near, and there is room for two.
    assert nearest(np.array([[1, 0]], dtype=np.float32), texts[[0, 1, 3, 1]], 2).tolist() == [[1, 2]]


def test_fewer_texts_than_k_are_all_found() -> None:
    assert sorted(nearest(random_units(1, 4), random_units(3, 4), 10)[0].tolist()) == [0, 1, 2]
    same = Table("same", random_units(3, 4), random_units(2, 4))
    assert compare_embedders(same, same, numbers(3), numbers(2)).k == 3


def test_many_texts_are_searched_in_blocks() -> None:
    texts, queries = random_units(100_000, 4), random_units(400, 4, seed=1)
    tracemalloc.start()
    try:
        found = nearest(queries, texts, 5)
        assert linear_cka(texts, texts) == pytest.approx(1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # All similarities at once would take 160 MB, and a kernel of all texts 80 GB.
    assert peak < 60_000_000
    assert found[[0, 399]].tolist() == [np.argsort(-(texts @ queries[row]))[:5].tolist() for row in (0, 399)]


def test_the_queries_that_changed_most_are_named_with_what_they_find() -> None:
    texts = np.eye(6, dtype=np.float32)
    queries = np.array([[6, 5, 4, 3, 2, 1], [6, 5, 4, 3, 2, 1], [6, 5, 4, 3, 2, 1]], dtype=np.float32)
    others = np.array([[6, 5, 4, 3, 2, 1], [1, 2, 3, 4, 5, 6], [5, 6, 4, 3, 2, 1]], dtype=np.float32)
    found = compare_embedders(Table("a", texts, queries), Table("b", texts, others), numbers(6), numbers(3), k=3)
    assert found.jaccard.tolist() == [1, 0, 1]
    assert found.same_top == pytest.approx(1 / 3)
    worst, next_worst = found.most_changed(2)
    assert worst == (1, 0.0, (0, 1, 2), (5, 4, 3))
    # The third query finds the same texts in another order, the first one finds just the same.
    assert next_worst == (2, 1.0, (0, 1, 2), (1, 0, 2))
    assert len(found.most_changed()) == 3


def test_a_text_that_comes_again_counts_once() -> None:
    first, second = random_units(5, 8), random_units(5, 8, seed=2)
    queries = random_units(3, 8, seed=3)
    once = compare_embedders(Table("a", first, queries), Table("b", second, queries), numbers(5), numbers(3), k=2)
    texts = ["0", "0", "1", "2", "1", "3", "4", "4"]
    twice = compare_embedders(Table("a", first, queries), Table("b", second, queries), texts, numbers(3), k=2)
    assert twice.texts == 5
    assert twice.cka == once.cka
    # Rows are those of the texts as they were given.
    where = np.array([texts.index(number) for number in numbers(5)])
    assert np.array_equal(twice.found_first, where[once.found_first])
    assert np.array_equal(twice.found_second, where[once.found_second])


def test_progress_goes_through_both_embedders() -> None:
    steps: list[Progress] = []
    compare_embedders(HashingEmbedder(8), HashingEmbedder(16), ["a b", "c d", "e"], ["a"], progress=steps.append)
    assert steps == [Progress("embed", 3, 6), Progress("embed", 6, 6)]


def test_nothing_to_compare_is_said() -> None:
    fake = HashingEmbedder(8)
    with pytest.raises(DatasetError, match="0 texts and 1 queries"):
        compare_embedders(fake, fake, [], ["a"])
    with pytest.raises(DatasetError, match="1 texts and 0 queries"):
        compare_embedders(fake, fake, ["a"], [])
    with pytest.raises(DatasetError, match="k is 0"):
        compare_embedders(fake, fake, ["a"], ["a"], k=0)
    with pytest.raises(DatasetError, match="first has 3 vectors, second has 2"):
        linear_cka(np.ones((3, 2)), np.ones((2, 2)))
    with pytest.raises(DatasetError, match="first has 2 queries, second has 1"):
        jaccard_at(ranking([[1], [2]]), ranking([[1]]), 1)
    with pytest.raises(DatasetError, match="first has 0 queries, second has 0"):
        rank_similarity_at(np.zeros((0, 3), dtype=np.intp), np.zeros((0, 3), dtype=np.intp), 3)


def test_on_the_library_words_alone_find_something_else_than_a_language_model(bundled_embedder: Embedder) -> None:
    sentences, questions = library_sentences(60), library_questions(6)
    found = compare_embedders(bundled_embedder, HashingEmbedder(256), sentences, questions)
    assert (found.first, found.second) == (bundled_embedder.name, "hashing-256")
    assert found.dimensions == (bundled_embedder.dimension, 256)
    assert 0.02 < found.jaccard.mean() < 0.6
    worst = found.most_changed(1)[0]
    assert worst.jaccard == found.jaccard.min()
    assert len(set(worst.first) | set(worst.second)) > 10
    # Two that count words differ less from each other than from one that reads them.
    alike = compare_embedders(HashingEmbedder(1024), HashingEmbedder(256), sentences, questions)
    assert alike.cka > found.cka + 0.1
    assert alike.jaccard.mean() > found.jaccard.mean() + 0.1
    assert alike.rank_similarity.mean() > found.rank_similarity.mean()
