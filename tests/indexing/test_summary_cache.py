from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ragtree.embed.hashing import HashingEmbedder
from ragtree.indexing.summary_cache import CachedSummarizer
from ragtree.settings import SummarizeSettings
from ragtree.store.catalog import Catalog
from ragtree.summarize.base import Group, Summary
from ragtree.summarize.extractive import ExtractiveSummarizer
from ragtree.types import OnProgress, Vectors, no_progress


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


class CountingSummarizer(ExtractiveSummarizer):
    """Counts groups; dies before the group of number `dies`, and fails to write those that `fails` names."""

    def __init__(self, tokens: int = 40, dies: int = 1000, fails: Collection[int] = ()) -> None:
        super().__init__(SummarizeSettings(tokens=tokens), HashingEmbedder(), "en")
        self.calls = 0
        self.fails = fails
        self._dies = dies

    def summarize(self, groups: Iterable[Group]) -> Generator[Summary, None, None]:
        for group in groups:
            if self.calls == self._dies:
                raise KeyboardInterrupt
            (summary,) = super().summarize([group])
            self.calls += 1
            yield replace(summary, failed=self.calls - 1 in self.fails, left_out=7)


WHALES = Group(["Whales sing in the deep sea. Ünïcode 🐋 is kept.", "Bread rises slowly in the oven."])
BREAD = Group(["Bread rises slowly in the oven.", "Rye bread keeps for a week."])
CLOCKS = Group(["A pendulum swings evenly for a day.", "Marine clocks keep time at sea."])


def test_no_group_is_summarized_twice(catalog: Catalog) -> None:
    plain = CountingSummarizer()
    first = CachedSummarizer(plain, catalog)
    summaries = list(first.summarize([WHALES, BREAD, WHALES]))
    assert summaries == list(CountingSummarizer().summarize([WHALES, BREAD, WHALES]))
    assert list(CachedSummarizer(plain, catalog).summarize([BREAD, WHALES])) == [summaries[1], summaries[0]]
    assert (plain.calls, first.summarized) == (2, 2)


def test_found_and_new_groups_keep_their_order(catalog: Catalog) -> None:
    list(CachedSummarizer(CountingSummarizer(), catalog).summarize([BREAD]))
    cached = CachedSummarizer(CountingSummarizer(), catalog)
    groups = [WHALES, BREAD, CLOCKS]
    assert list(cached.summarize(groups)) == list(CountingSummarizer().summarize(groups))
    assert cached.summarized == 2


def test_other_texts_another_order_and_other_settings_are_summarized(catalog: Catalog) -> None:
    for asked, tokens in (
        (WHALES, 40),
        (Group(WHALES.texts[::-1]), 40),
        (Group(["".join(WHALES.texts)]), 40),
        (WHALES, 50),
    ):
        cached = CachedSummarizer(CountingSummarizer(tokens), catalog)
        list(cached.summarize([asked]))
        assert cached.summarized == 1


def test_what_was_summarized_before_a_crash_is_kept(catalog: Catalog) -> None:
    groups = [WHALES, BREAD, CLOCKS]
    with pytest.raises(KeyboardInterrupt):
        list(CachedSummarizer(CountingSummarizer(dies=2), catalog).summarize(groups))
    after = CachedSummarizer(CountingSummarizer(), catalog)
    list(after.summarize(groups))
    assert after.summarized == 1


def test_a_summary_is_kept_before_the_next_one_is_asked_for(catalog: Catalog) -> None:
    summaries = CachedSummarizer(CountingSummarizer(), catalog).summarize([WHALES, BREAD])
    next(summaries)
    summaries.close()
    after = CachedSummarizer(CountingSummarizer(), catalog)
    list(after.summarize([WHALES, BREAD]))
    assert after.summarized == 1


def test_what_a_model_failed_to_write_is_not_kept(catalog: Catalog) -> None:
    groups = [WHALES, BREAD, WHALES, CLOCKS]
    first = CachedSummarizer(CountingSummarizer(fails={0}), catalog)
    assert [summary.failed for summary in first.summarize(groups)] == [True, False, True, False]
    assert (first.summarized, first.unwritten) == (2, 1)
    second = CachedSummarizer(CountingSummarizer(), catalog)
    assert not any(summary.failed for summary in second.summarize(groups))
    assert (second.summarized, second.unwritten) == (1, 0)


def test_what_did_not_fit_is_counted_also_where_it_is_found(catalog: Catalog) -> None:
    for _ in range(2):
        cached = CachedSummarizer(CountingSummarizer(), catalog)
        list(cached.summarize([WHALES, BREAD]))
        assert cached.left_out == 14


def test_what_was_summarized_before_is_known_by_its_texts_in_their_order(catalog: Catalog) -> None:
    cached = CachedSummarizer(CountingSummarizer(), catalog)
    assert not cached.known(WHALES.texts)
    list(cached.summarize([WHALES]))
    assert cached.known(WHALES.texts)
    assert not cached.known(WHALES.texts[::-1])


def test_a_summary_of_an_earlier_version_is_found(catalog: Catalog) -> None:
    """It was kept with `kind` where it has `made` today."""
    first = CachedSummarizer(CountingSummarizer(), catalog)
    (summary,) = first.summarize([WHALES])
    with catalog.transaction() as db:
        db.execute("UPDATE summaries SET summary = replace(summary, '\"made\"', '\"kind\"')")
    again = CachedSummarizer(CountingSummarizer(), catalog)
    assert list(again.summarize([WHALES])) == [summary]
    assert again.summarized == 0
