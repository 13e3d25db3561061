from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from ragtree.embed.hashing import HashingEmbedder
from ragtree.grow.caches import CachedEmbedder, CachedSummarizer
from ragtree.settings import SummarizeSettings
from ragtree.store.catalog import Catalog
from ragtree.summarize.base import Summary
from ragtree.summarize.extractive import ExtractiveSummarizer
from ragtree.types import OnProgress, Progress, Vectors, no_progress


class CountingEmbedder(HashingEmbedder):
    """Notes every text; fails after `lives` batches, where it is told to."""

    def __init__(self, lives: int = 1000, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.texts: list[str] = []
        self.lives = lives

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        self.lives -= 1
        if self.lives < 0:
            raise KeyboardInterrupt
        self.texts.extend(texts)
        return super().embed(texts, progress)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


def test_no_text_is_embedded_twice(catalog: Catalog) -> None:
    embedder = CountingEmbedder()
    cached = CachedEmbedder(embedder, catalog)
    cached.embed(["a", "b", "a"])
    cached.embed(["b", "c"])
    assert sorted(embedder.texts) == ["a", "b", "c"]
    assert cached.embedded == 3
    again = CachedEmbedder(embedder, catalog)
    again.embed(["c", "a"])
    assert again.embedded == 0
    assert again.missing(["a", "d", "d"]) == ["d"]


def test_cached_vectors_are_those_of_the_embedder_in_order(catalog: Catalog) -> None:
    texts = ["some words", "other words", "some words", "last"]
    cached = CachedEmbedder(HashingEmbedder(), catalog)
    for _ in range(2):
        assert np.array_equal(cached.embed(texts), HashingEmbedder().embed(texts))
    assert len(cached.embed([])) == 0


def test_another_embedder_has_vectors_of_its_own(catalog: Catalog) -> None:
    CachedEmbedder(HashingEmbedder(16), catalog).embed(["a"])
    assert CachedEmbedder(HashingEmbedder(32), catalog).embed(["a"]).shape == (1, 32)


def test_what_was_embedded_before_a_crash_is_kept(catalog: Catalog) -> None:
    texts = [f"text {number}" for number in range(600)]
    embedder = CountingEmbedder(lives=2)
    with pytest.raises(KeyboardInterrupt):
        CachedEmbedder(embedder, catalog).embed(texts)
    done = len(embedder.texts)
    embedder.lives = 1000
    after = CachedEmbedder(embedder, catalog)
    after.embed(texts)
    assert 0 < done < 600
    assert after.embedded == 600 - done
    assert len(set(embedder.texts)) == len(embedder.texts) == 600


def test_progress_counts_over_all_batches(catalog: Catalog) -> None:
    steps: list[Progress] = []
    CachedEmbedder(HashingEmbedder(), catalog).embed([f"text {number}" for number in range(300)], steps.append)
    assert steps[-1] == Progress("embed", 300, 300)


class CountingSummarizer(ExtractiveSummarizer):
    calls = 0

    def summarize(self, texts: Sequence[str]) -> Summary:
        self.calls += 1
        return super().summarize(texts)


def summarizer(tokens: int = 40) -> CountingSummarizer:
    return CountingSummarizer(SummarizeSettings(tokens=tokens), HashingEmbedder(), "en")


def test_no_group_is_summarized_twice(catalog: Catalog) -> None:
    texts = ["Whales sing in the deep sea. Ünïcode 🐋 is kept.", "Bread rises slowly in the oven."]
    plain = summarizer()
    first = CachedSummarizer(plain, catalog)
    summary = first.summarize(texts)
    assert summary == summarizer().summarize(texts)
    assert CachedSummarizer(plain, catalog).summarize(texts) == summary
    assert (plain.calls, first.summarized) == (1, 1)


def test_other_texts_another_order_and_other_settings_are_summarized(catalog: Catalog) -> None:
    texts = ["Whales sing in the deep sea.", "Bread rises slowly in the oven."]
    for asked, tokens in ((texts, 40), (texts[::-1], 40), (["".join(texts)], 40), (texts, 50)):
        cached = CachedSummarizer(summarizer(tokens), catalog)
        cached.summarize(asked)
        assert cached.summarized == 1
