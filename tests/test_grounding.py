from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.grounding import Support, check_support, content_words, stem

SOURCES = [
    "The lighthouse at Brannay was lit on 3 March 1921 by Keeper Strake.",
    "The board met twice a year in Kirkwall and paid 3.5% to its owners.",
    "Mrs Aldous received a pension of £1,200 from the company.",
]
NEAR_FIRST = [0.9, 0.2, 0.1]


def support(sentence: str, similarity: list[float], sources: list[str] = SOURCES, threshold: float = 0.5) -> Support:
    return check_support(sentence, sources, np.array(similarity), threshold)


@pytest.mark.parametrize(
    ("sentence", "similarity", "sources"),
    [
        (SOURCES[0], NEAR_FIRST, (0,)),
        ("On 3 March 1921, Strake lit the lighthouse of Brannay.", NEAR_FIRST, (0,)),
        ("The company's pension for Mrs Aldous was £1200.", [0.1, 0.2, 0.8], (2,)),
        ("Lighting began in Brannay when Keeper Strake lit the lighthouse.", NEAR_FIRST, (0,)),
        ("The lighthouse was lit, and the board met twice a year.", [0.70, 0.68, 0.1], (0, 1)),
        ("The lighthouse was lit, and the board met twice a year.", [0.68, 0.70, 0.1], (1, 0)),
    ],
)
def test_a_paraphrase_is_supported_by_its_sources_best_first(
    sentence: str, similarity: list[float], sources: tuple[int, ...]
) -> None:
    found = support(sentence, similarity)
    assert found.sources == sources
    assert found.score == pytest.approx(max(similarity))


@pytest.mark.parametrize(
    "sentence",
    [
        "Keeper Strake lit the lighthouse on 4 March 1921.",
        "Keeper Strake lit the lighthouse on 3 March 1912.",
        "Keeper Vane lit the lighthouse on 3 March 1921.",
        "The lighthouse at Kirkwall was lit on 3 March 1921 by Keeper Strake.",
        "Aldous lit the lighthouse at Brannay on 3 March 1921.",
        "Strake lit the lighthouse because sailors drowned near dangerous rocks.",
        "Whales eat krill.",
    ],
)
def test_a_wrong_number_name_or_claim_is_not_supported(sentence: str) -> None:
    assert support(sentence, NEAR_FIRST) == Support((), 0.0)


@pytest.mark.parametrize("share", ["35%", "3.4%", "3.55%", "3%", "3,5%"])
def test_a_number_is_the_whole_number(share: str) -> None:
    assert support("The board paid 3.5% to its owners.", [0.1, 0.9, 0.1]).sources == (1,)
    assert support(f"The board paid {share} to its owners.", [0.1, 0.9, 0.1]).sources == ()


def test_thousands_may_be_written_with_a_comma_and_decimals_are_no_thousands() -> None:
    assert support("He paid 1,200,000.", [0.9], ["He paid 1200000."]).sources == (0,)
    assert support("He paid 3,5.", [0.9], ["He paid 35."]).sources == ()


def test_a_sentence_from_elsewhere_is_not_supported() -> None:
    """Its source is in the list, but others are far more similar: words alone do not decide."""
    assert support(SOURCES[2], NEAR_FIRST).sources == ()


def test_below_the_threshold_nothing_is_supported() -> None:
    assert support(SOURCES[0], [0.49, 0.1, 0.1]) == Support((), pytest.approx(0.49))
    assert support(SOURCES[0], [0.50, 0.1, 0.1]).sources == (0,)
    assert support(SOURCES[0], [-0.3, -0.4, -0.5]) == Support((), 0.0)


def test_without_sources_nothing_is_supported() -> None:
    assert support("Anything.", [], []) == Support((), 0.0)


def test_a_source_that_brings_nothing_is_not_named() -> None:
    again = [SOURCES[0], SOURCES[0], SOURCES[1]]
    assert support("Strake lit the lighthouse.", [0.90, 0.89, 0.88], again).sources == (0,)


def test_three_sources_at_most_are_put_together() -> None:
    parts = ["The cat slept.", "The dog barked.", "The cow drank.", "The pig danced."]
    assert support("The cat slept, the dog barked, the cow drank.", [0.9] * 4, parts).sources == (0, 1, 2)
    assert support("The cat slept in 1921.", [0.9] * 4, [*parts[:3], "It was 1921."]).sources == ()


@given(st.text(max_size=40), st.lists(st.tuples(st.text(max_size=30), st.floats(-1, 1)), max_size=5))
def test_any_text_gets_a_score_and_sources_that_exist(sentence: str, pairs: list[tuple[str, float]]) -> None:
    found = support(sentence, [number for _, number in pairs], [text for text, _ in pairs])
    assert 0 <= found.score <= 1
    assert len(set(found.sources)) == len(found.sources) <= 3
    assert all(0 <= index < len(pairs) for index in found.sources)


def test_words_that_every_text_has_are_no_content() -> None:
    assert content_words("The keeper's lamp was not on the rock, I say") == ["keeper's", "lamp", "rock", "say"]


@pytest.mark.parametrize(
    ("one", "other"), [("Light", "light's"), ("lighthouse", "LIGHTS"), ("company’s", "companies"), ("met", "met's")]
)
def test_inflections_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_different_words_have_different_stems() -> None:
    assert len({stem(word) for word in ("light", "lamp", "keeper", "keep", "board")}) == 5
