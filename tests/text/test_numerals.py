from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.text.numerals import counts, numbers, supported_numbers


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("He paid £1,200 and 3.5% on 3/4/1921.", "en", {"1200", "3.5", "3/4/1921"}),
        ("two hundred and five men, twenty-three dogs", "en", {"205", "23"}),
        (
            "twelve hundred; three thousand two hundred; 5 million; 3.5 million",
            "en",
            {"1200", "3200", "5000000", "3500000"},
        ),
        ("two, three and four", "en", {"2", "3", "4"}),
        ("twenty years and five", "en", {"20", "5"}),
        ("a dozen eggs", "en", {"12"}),
        ("the third of March, the 4th, the twenty-fifth", "en", {"3", "4", "25"}),
        ("First he waited a second. One of them left.", "en", set()),
        ("his second wife, the twenty-first day, one hundred and one", "en", {"2", "21", "101"}),
        ("einundzwanzig Männer am dritten Tag, zweihundert", "de", {"21", "3", "200"}),
        ("vingt-deux, dix-sept, quatre-vingt-dix", "fr", {"22", "17", "90"}),
        ("dos mil trescientos, veinte", "es", {"2000", "20"}),
        ("в двадцать три года, пяти, трёх", "ru", {"23", "5", "3"}),
        ("三十五年，一九二一年，两千三百人，十分好，一个", "zh", {"35", "1921", "2300"}),
        ("二十三年間", "ja", {"23"}),
        ("पाँच लोग १९२१ में", "hi", {"5", "1921"}),
        ("ثلاثة رجال ١٩٢١", "ar", {"3", "1921"}),
        ("１９２１年", "ja", {"1921"}),
        ("no number at all", "en", set()),
    ],
)
def test_numbers_in_figures_and_words(text: str, language: str, found: set[str]) -> None:
    assert numbers(text, language) == found


@pytest.mark.parametrize(
    ("text", "number"), [("both men", "2"), ("He fell twice.", "2"), ("a trio", "3"), ("three men", "3")]
)
def test_some_words_bear_a_number_out(text: str, number: str) -> None:
    assert number in supported_numbers(text)


def test_what_is_counted_is_the_word_behind() -> None:
    assert counts("ten floors, 3 of them, twelve feet high and four.") == [("10", "floor"), ("12", "foot")]


@given(st.integers(2, 99))
def test_a_number_in_words_is_the_number_in_figures(number: int) -> None:
    small = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    units = ["", "one", *small.split(), "eighteen", "nineteen"]
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    word = units[number] if number < 20 else f"{tens[number // 10 - 2]}-{units[number % 10]}".rstrip("-")
    assert numbers(f"{word} boats") == {str(number)}


@given(st.text(max_size=60), st.sampled_from(["en", "de", "fr", "ru", "zh", "hi", "ar", "xx"]))
def test_any_text_has_numbers(text: str, language: str) -> None:
    assert all(number for number in numbers(text, language))
    assert numbers(text, language) <= supported_numbers(text, language)
