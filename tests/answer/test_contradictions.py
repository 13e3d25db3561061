from __future__ import annotations

import numpy as np
import pytest

from ragtree.answer.contradictions import find_contradictions
from ragtree.answer.passages import Quote
from ragtree.types import Citation, Location, Span

ALIKE = np.full((2, 2), np.sqrt(0.5), dtype=np.float32)


def contradict(one: str, other: str) -> bool:
    quotes = [Quote(text, Citation(name, name, Span(0, len(text)), text)) for name, text in (("a", one), ("b", other))]
    return find_contradictions([0], quotes, ALIKE) == [(0, 1)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The schooner carried sixty barrels of tar.", "The schooner carried seventy barrels of Stockholm tar."),
        ("The schooner carried 60 barrels of tar.", "The schooner carried fifty-two barrels of tar."),
        ("Der Schoner trug sechzig Fässer Teer für die Stadt.", "Der Schoner trug 70 Fässer Teer für die Stadt."),
        ("The keeper Strake had the middle watch.", "The keeper Strake did not have the middle watch."),
    ],
)
def test_other_numbers_and_denials_contradict(one: str, other: str) -> None:
    assert contradict(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The schooner carried sixty barrels of tar.", "The schooner carried 60 barrels of tar."),
        ("The schooner carried sixty barrels of tar.", "The schooner carried eleven tons of oil cake."),
        ("The rope cost 11 pence a fathom in March 1923.", "The rope cost 13 pence a fathom in April 1923."),
        ("Captain Brock counted fifty-two barrels there.", "Captain Verhoef counted sixty barrels there."),
        ("Strake kept the light for 23 years.", "The harbour was dredged for 4 years."),
        ("Quill did not sleep at all.", "The cat did sleep on the ledgers."),
    ],
)
def test_what_may_both_be_true_is_no_contradiction(one: str, other: str) -> None:
    assert not contradict(one, other)


def test_sentences_that_are_not_near_are_not_compared() -> None:
    texts = ["The schooner carried sixty barrels of tar.", "The schooner carried seventy barrels of tar."]
    quotes = [Quote(text, Citation("d", "d", Span(0, len(text)), text)) for text in texts]
    assert find_contradictions([0], quotes, np.eye(2, dtype=np.float32)) == []


def test_what_a_model_says_of_a_picture_contradicts_nothing() -> None:
    texts = ("The harbour held 40 fishing boats in 1921.", "The harbour held 90 fishing boats in 1921.")
    own, described = (
        Quote(text, Citation("a", "a", Span(0, len(text)), text, Location(described=described)))
        for text, described in zip(texts, (False, True), strict=True)
    )
    assert find_contradictions([0, 1], [own, described], ALIKE) == []
    assert find_contradictions([0], [own, Quote(texts[1], Citation("b", "b", Span(0, 9), texts[1]))], ALIKE)
