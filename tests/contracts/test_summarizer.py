"""What every summarizer promises."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import summary_of

from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat
from ragtree.settings import SummarizeSettings
from ragtree.summarize.abstractive import AbstractiveSummarizer
from ragtree.summarize.base import Group, Summarizer
from ragtree.summarize.extractive import ExtractiveSummarizer
from ragtree.summarize.hybrid import HybridSummarizer
from ragtree.text.tokens import count_tokens

BUDGET = 48
TEXTS = [
    "Ada Venn kept the lighthouse at Skerry Point for 31 years.  She wrote down\nevery ship that passed.",
    "In 1907 the lamp was changed from oil to gas. The oil tanks were sold in the town.",
    "# Storms\n\nThe storm of 1911 broke two windows of the tower, and Ada Venn mended them herself.",
]


@pytest.fixture(params=["extractive", "abstractive", "hybrid", "bundled"])
def summarizer(request: pytest.FixtureRequest) -> Summarizer:
    limits = SummarizeSettings(tokens=BUDGET)
    if request.param == "extractive":
        return ExtractiveSummarizer(limits, HashingEmbedder(), "en")
    if request.param in ("abstractive", "hybrid"):
        said = "In 1907 the lamp was changed from oil to gas. The oil tanks were sold in the town. A king came by."
        written = AbstractiveSummarizer if request.param == "abstractive" else HybridSummarizer
        return written(limits, ScriptedChat([said]), HashingEmbedder(), "en")
    return HybridSummarizer(
        limits, request.getfixturevalue("bundled_chat"), request.getfixturevalue("bundled_embedder"), "en"
    )


def test_a_summary_has_sentences_within_its_budget(summarizer: Summarizer) -> None:
    summary = summary_of(summarizer, TEXTS)
    assert summary.sentences
    assert all(sentence.text.strip() for sentence in summary.sentences)
    assert count_tokens(" ".join(sentence.text for sentence in summary.sentences)) <= BUDGET


def test_sources_are_spans_of_the_texts(summarizer: Summarizer) -> None:
    for sentence in summary_of(summarizer, TEXTS).sentences:
        assert sentence.sources
        assert 0 <= sentence.score <= 1
        for source in sentence.sources:
            text = TEXTS[source.text]
            assert 0 <= source.span.start < source.span.end <= len(text)
            assert source.span.of(text).strip() == source.span.of(text) != ""


def test_the_same_texts_have_the_same_summary(summarizer: Summarizer) -> None:
    first = summary_of(summarizer, TEXTS)
    summary_of(summarizer, ["Something else was said in between."])
    assert summary_of(summarizer, TEXTS) == first


def test_other_texts_have_another_summary(summarizer: Summarizer) -> None:
    other = ["Rye bread keeps for a whole week in the pantry.", "Wheat bread dries out a good deal sooner."]
    assert summary_of(summarizer, other).sentences != summary_of(summarizer, TEXTS).sentences


def test_many_groups_have_the_summaries_that_each_has_alone(summarizer: Summarizer) -> None:
    groups = [TEXTS, TEXTS[:1], TEXTS, TEXTS[1:]]
    alone = [summary_of(summarizer, group) for group in groups]
    together = list(summarizer.summarize(map(Group, groups)))
    for one, other in zip(together, alone, strict=True):
        # A batch of other sentences is another sum: the last digits of a score differ.
        assert [sentence.score for sentence in one.sentences] == pytest.approx(
            [sentence.score for sentence in other.sentences], abs=0.01
        )
        assert [(sentence.text, sentence.sources) for sentence in one.sentences] == [
            (sentence.text, sentence.sources) for sentence in other.sentences
        ]
    assert list(summarizer.summarize([])) == []


def test_what_is_stopped_can_begin_again(summarizer: Summarizer) -> None:
    summaries = summarizer.summarize([Group(TEXTS), Group(TEXTS[1:])])
    first = next(summaries)
    summaries.close()
    assert summary_of(summarizer, TEXTS) == first


def test_texts_that_are_hardly_texts_have_summaries(summarizer: Summarizer, request: pytest.FixtureRequest) -> None:
    texts = ["日本" * 100, "x", "Ah.", "# Title", "| a | b |", "123", "word " * 300, "W" * 2000]
    for text in texts[:1] if "bundled" in request.node.name else texts:
        summary = summary_of(summarizer, [text])
        assert summary.sentences
        assert count_tokens(" ".join(sentence.text for sentence in summary.sentences)) <= BUDGET


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(min_size=1, max_size=400).filter(str.strip), min_size=1, max_size=4))
def test_extracts_of_any_texts_are_their_own_words(texts: list[str]) -> None:
    summary = summary_of(ExtractiveSummarizer(SummarizeSettings(tokens=BUDGET), HashingEmbedder(), "en"), texts)
    assert summary.sentences
    assert count_tokens(" ".join(sentence.text for sentence in summary.sentences)) <= BUDGET
    for sentence in summary.sentences:
        (source,) = sentence.sources
        assert " ".join(source.span.of(texts[source.text]).split()) == sentence.text


def test_the_fingerprint_changes_with_the_budget() -> None:
    embedder = HashingEmbedder()
    prints = {ExtractiveSummarizer(SummarizeSettings(tokens=n), embedder, "en").fingerprint for n in (50, 60)}
    assert len(prints) == 2
