from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.text.languages import language_of, prevailing_language

TEXTS = {
    "en": "The tide turned at nine and the ferry was late.",
    "de": "Die Ebbe kam um neun und die Fähre war nicht da.",
    "fr": "La marée est basse et le bac ne part pas.",
    "es": "La marea es baja y el barco no sale por la tarde.",
    "it": "La marea è bassa e il traghetto non parte per la notte.",
    "pt": "A maré está baixa e o barco não sai com os passageiros.",
    "nl": "Het tij is laag en de boot vaart niet op zondag.",
    "pl": "Prom nie odpływa w niedzielę, bo woda jest za niska i się cofa.",
    "ru": "Паром не уходит в воскресенье, потому что вода низкая.",
    "uk": "Пором не відходить у неділю, та це не біда для міста.",
    "ja": "渡し船は日曜日には出ません。",
    "zh": "渡船星期天不开。",
    "ko": "일요일에는 배가 뜨지 않습니다.",
    "th": "เรือไม่ออกวันอาทิตย์",
    "hi": "नाव रविवार को नहीं चलती।",
    "ar": "العبّارة لا تعمل يوم الأحد.",
    "he": "המעבורת אינה יוצאת ביום ראשון.",
    "el": "Το πλοίο δεν φεύγει την Κυριακή.",
}


@pytest.mark.parametrize("code", TEXTS)
def test_a_sentence_shows_its_language(code: str) -> None:
    assert language_of(TEXTS[code]) == code


@pytest.mark.parametrize(
    "text", ["", "42", "Kawann Short", "x = 3;", "Vin de table; 12 | " + "Article 7, 40.50 | " * 20, "…"]
)
def test_what_tells_nothing_is_english(text: str) -> None:
    assert language_of(text) == "en"


def test_a_setting_is_taken_at_its_word() -> None:
    assert language_of(TEXTS["en"], "ja") == "ja"
    assert prevailing_language([TEXTS["en"]], "ja") == "ja"


def test_a_few_foreign_words_decide_nothing() -> None:
    assert language_of(TEXTS["en"] + " The sign said 渡船 and Паром.") == "en"
    assert language_of(TEXTS["ja"] + " (Port Hask)") == "ja"


def test_the_language_of_most_texts_prevails() -> None:
    assert prevailing_language([TEXTS["de"], TEXTS["en"], TEXTS["de"]]) == "de"
    assert prevailing_language([]) == "en"


@given(st.text(max_size=60))
def test_any_text_has_a_language(text: str) -> None:
    assert language_of(text)
