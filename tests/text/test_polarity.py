from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.text.polarity import clauses


@pytest.mark.parametrize(
    ("said", "denied", "language"),
    [
        ("He went to the harbour.", "He didn’t go to the harbour.", "en"),
        ("The harbour had a light.", "The harbour had no light.", "en"),
        ("Er ging in den Hafen.", "Er ging nie in den Hafen.", "de"),
        ("Der Hafen hatte ein Licht.", "Der Hafen hatte kein Licht.", "de"),
        ("Le port avait un phare.", "Le port n'avait pas de phare.", "fr"),
        ("El puerto tenía faro.", "El puerto no tenía faro.", "es"),
        ("В порту был маяк.", "В порту не было маяка.", "ru"),
        ("看守人喂猫。", "看守人不喂猫。", "zh"),
        ("灯台守は猫に餌をやった。", "灯台守は猫に餌をやらなかった。", "ja"),
        ("रखवाला खाना देता था।", "रखवाला खाना नहीं देता था।", "hi"),
        ("أطعم الحارس القطة.", "لم يطعم الحارس القطة.", "ar"),
    ],
)
def test_a_negation_is_seen(said: str, denied: str, language: str) -> None:
    (one,), (other,) = clauses(said, language), clauses(denied, language)
    assert one.terms & other.terms
    assert one.opposes(other) and other.opposes(one)
    assert not one.opposes(one) and not other.opposes(other)


@pytest.mark.parametrize(
    "text",
    [
        "Not only the cat slept there.",
        "No doubt the cat slept there.",
        "The cat slept there, whether or not it rained.",
    ],
)
def test_what_only_looks_like_a_negation_is_none(text: str) -> None:
    assert not any(clause.negations for clause in clauses(text))


def test_each_clause_has_its_own() -> None:
    found = clauses("The cat slept, but the dog did not bark because nobody came.")
    assert [clause.negations for clause in found] == [0, 1, 1]
    assert ["dog" in clause.terms for clause in found] == [False, True, False]


def test_what_denies_in_another_way_opposes_neither() -> None:
    (failed,), (did,), (not_done,) = (
        clauses("He failed to light it."),
        clauses("He lit it."),
        clauses("He never lit it."),
    )
    assert not failed.opposes(did) and not failed.opposes(not_done)
    assert did.opposes(not_done)


def test_two_negations_are_one_in_russian_and_two_in_english() -> None:
    assert [clause.negations for clause in clauses("Никто не пришёл в порт.", "ru")] == [1]
    assert [clause.negations for clause in clauses("That was not nothing to the keeper.")] == [2]


@given(st.text(max_size=60), st.sampled_from(["en", "de", "fr", "ru", "ja", "ar", "xx"]))
def test_no_clause_opposes_itself(text: str, language: str) -> None:
    assert not any(clause.opposes(clause) for clause in clauses(text, language))
