from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.text.terms import content_words, names, opening_words, same_name, seems_a_name, stem, term, terms, words


def test_words_that_every_text_has_are_no_content() -> None:
    assert content_words("The keeper's lamp was not on the rock, I say") == ["keeper's", "lamp", "rock", "say"]


@pytest.mark.parametrize(
    ("one", "other"), [("Light", "light's"), ("lighthouse", "LIGHTS"), ("company’s", "companies"), ("met", "met's")]
)
def test_inflections_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_different_words_have_different_stems() -> None:
    assert len({stem(word) for word in ("light", "lamp", "keeper", "keep", "board")}) == 5


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("cats", "cat", "en"),
        ("stopped", "stop", "en"),
        ("went", "going", "en"),
        ("told", "tells", "en"),
        ("Türme", "Turm", "de"),
        ("дома", "дом", "ru"),
        ("ёлка", "елки", "ru"),
        ("المنارة", "منارة", "ar"),
        ("casa", "casas", "es"),
    ],
)
def test_forms_of_a_word_are_one_term(one: str, other: str, language: str) -> None:
    assert term(one, language) == term(other, language)


@pytest.mark.parametrize(("one", "other"), [("king", "kin"), ("ring", "rung"), ("glass", "glad"), ("lamp", "lame")])
def test_other_words_are_other_terms(one: str, other: str) -> None:
    assert term(one) != term(other)


def test_vowel_signs_are_parts_of_words() -> None:
    assert words("नहीं दीपघर") == ["नहीं", "दीपघर"]
    assert words("L’été ne dure pas") == ["l'été", "ne", "dure", "pas"]


def test_scripts_without_spaces_have_pairs() -> None:
    assert terms("看守人的猫", "zh") == ["看守", "守人", "猫"]
    assert terms("ブランネイ島の灯台を点灯した", "ja") == ["ブランネイ", "島", "灯台", "点灯"]
    assert terms("Strake 喂猫", "zh") == ["strak", "喂猫"]


@pytest.mark.parametrize(
    ("sentence", "language", "found"),
    [
        ("Yesterday Keeper Strake's cat left Brannay, and I'm sad.", "en", ["Keeper", "Strake's", "Brannay"]),
        ("Er gab dem Wärter Strake eine Lampe aus Kirkwall.", "de", ["Strake", "Kirkwall"]),
        ("Le bac partit en mars.", "fr", ["mars"]),
        ("ストレイクは灯台に行った", "ja", ["ストレイク"]),
        ("He said: The cat is here.", "en", []),
    ],
)
def test_names_stand_inside_a_sentence(sentence: str, language: str, found: list[str]) -> None:
    assert names(sentence, language) == found


def test_words_that_open_a_sentence_or_a_speech() -> None:
    assert opening_words("Vane left. He said, “Strake knows.”") == ["Vane", "Strake"]


@pytest.mark.parametrize(
    ("word", "is_name"), [("Vane", True), ("Lighting", False), ("Meanwhile", False), ("Mr", False)]
)
def test_what_opens_a_sentence_may_be_a_name(word: str, is_name: bool) -> None:
    assert seems_a_name(word) == is_name
    assert not seems_a_name(word, "de")


@pytest.mark.parametrize(
    ("one", "other"), [("bogan", "bogans"), ("vane's", "vane"), ("brazil", "brazilian"), ("иванов", "ивановым")]
)
def test_a_name_has_forms(one: str, other: str) -> None:
    assert same_name(one, other) and same_name(other, one)


@pytest.mark.parametrize(("one", "other"), [("vane", "vain"), ("jo", "john"), ("mark", "marketing"), ("tom", "tim")])
def test_other_names_are_other_names(one: str, other: str) -> None:
    assert not same_name(one, other)


@given(st.text(max_size=60), st.sampled_from(["en", "de", "ru", "ja", "ar", "xx"]))
def test_any_text_has_terms(text: str, language: str) -> None:
    assert all(terms(text, language))
    assert all(names(text, language))
