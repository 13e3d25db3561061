"""Which sentences are asked about, and the words that tell them from others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.evaluate.making.base import Reason
from ragtree.evaluate.making.prose import goes_on, sentences, unfit
from ragtree.evaluate.making.script_words import telling_words
from ragtree.types import Span


def of(text: str, language: str = "en") -> list[str]:
    return [span.of(text) for span, _ in sentences(text, language)]


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The wheel of the mill at Orrin turned again on 3 May 1905.", None),
        ("“The wheel of the mill at Orrin turned again in the spring.”", None),
        ("**14 May.** The wheel of the mill at Orrin turned again.", None),
        ("2.1 The miller shall keep the sluice of the mill at Orrin shut.", None),
        ("- The miller shall keep the sluice of the mill at Orrin shut.", None),
        ("修道院は北側の石壁の下に十一個の蜜蜂の巣箱を設置している。", None),
        ("मठ की घंटी शादी के दिन टूट गई और उसे फिर से ढाला गया था।", None),
        ("It turned again on 3 May, and the flour went to the priory.", Reason.LEANING),
        ("But the wheel of the mill at Orrin turned again in May 1905.", Reason.LEANING),
        ("“This,” said the miller of Orrin, “is how a wheel should turn.”", Reason.LEANING),
        ("3. Dieses Rad der alten Mühle am Wehr drehte sich wieder im Mai.", Reason.LEANING),
        ("これは北側の石壁の下にある十一個の蜜蜂の巣箱である。", Reason.LEANING),
        ("The wheel turned.", Reason.LENGTH),
        ("The wheel turned " + "and the wheel turned " * 30 + "again.", Reason.LENGTH),
        ("# The wheel of the mill at Orrin turned again in the spring.", Reason.PROSE),
        ("The wheel of the mill at Orrin and how it turned again", Reason.PROSE),
        ("| The wheel of the mill | turned again in the spring. |", Reason.PROSE),
        ("turned again on 3 May, and the first flour went to the priory.", Reason.PROSE),
        ("THE WHEEL OF THE MILL AT ORRIN TURNED AGAIN IN THE SPRING.", Reason.PROSE),
        ("Wheel 12 14 17 22 31 44 and 5 11 18 29 43 55 61 70 88 91 97.", Reason.PROSE),
        ("See https://orrin.example/mill/wheel for the wheel of the mill.", Reason.PROSE),
        ("The mill\nThe wheel of the mill at Orrin turned again in the spring of the year.", Reason.PROSE),
    ],
)
def test_a_person_asks_about_prose_that_stands_alone(sentence: str, reason: Reason | None) -> None:
    assert unfit(sentence, Span(0, len(sentence))) is reason


def test_a_line_end_at_the_margin_is_no_fault() -> None:
    text = "The bell cracked. The wheel of the mill\nturned again in May and the flour went\nto the priory."
    start = text.index("The wheel")
    assert unfit(text, Span(start, len(text))) is None


def test_numbered_paragraphs_without_blank_lines_are_cut() -> None:
    text = "The lease runs for 3 years\n1.1 The miller shall pay in\n2.5 barrels a year.\n# Heading\n- an item"
    assert of(text) == [
        "The lease runs for 3 years",
        "1.1 The miller shall pay in\n2.5 barrels a year.",
        "# Heading",
        "- an item",
    ]


@given(st.text(max_size=60), st.sampled_from(["en", "ja"]))
def test_sentences_are_all_that_is_not_white_space(text: str, language: str) -> None:
    spans = [span for span, _ in sentences(text, language)]
    assert [*spans] == sorted(spans)
    assert all(span.of(text) == span.of(text).strip() != "" for span in spans)
    assert "".join("".join(span.of(text).split()) for span in spans) == "".join(text.split())


def test_a_blank_line_ends_a_paragraph() -> None:
    text = "One stands. Two sits.\n \nThree lies."
    assert [is_last for _, is_last in sentences(text, "en")] == [False, True, False]


@pytest.mark.parametrize("sentence", ["She weighs nine pounds.", "“Its bell cracked.”", "Sie wiegt neun Pfund."])
def test_a_pronoun_goes_on_about_what_was_before(sentence: str) -> None:
    assert goes_on(sentence)
    assert not goes_on("Brother Cuddy weighs them.")
    assert not goes_on("But the bees weigh nothing.")


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        (
            "The baker's two-inch loaf of 1905 cost £2 8½d.",
            "en",
            ["baker", "two-inch", "loaf", "1905", "cost", "£2", "8½"],
        ),
        ("Die Mühle und das Wehr am Fluß", "de", ["mühle", "wehr", "fluss"]),
        ("東京タワーは1958年に完成した", "ja", ["東京", "タワー", "1958", "完成"]),
        ("भारत की राजधानी", "hi", ["भारत", "राजधानी"]),
        ("กรุงเทพมหานคร", "th", []),
        ("", "en", []),
    ],
)
def test_words_of_any_script(text: str, language: str, words: list[str]) -> None:
    found = [word.key for word in telling_words(text, language)]
    assert [word for word in found if word not in ("year",)] == words


@given(st.text(max_size=40), st.sampled_from(["en", "de", "ja"]))
def test_words_stand_where_they_say(text: str, language: str) -> None:
    last = 0
    for word in telling_words(text, language):
        assert last <= word.start < word.end <= len(text)
        assert word.key
        last = word.end
