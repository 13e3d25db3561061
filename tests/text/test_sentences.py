from __future__ import annotations

from itertools import pairwise

import pytest
import sentencex
from hypothesis import given, settings
from hypothesis import strategies as st

from ragtree.text.sentences import sentence_spans, strip_span
from ragtree.types import Span

PIECES = [
    *[
        "Hello world.",
        "Dr. Smith went. ",
        "\r\n",
        "\n\n",
        "\n",
        "  ",
        "e.g. ",
        "日本語です。",
        "これは！",
        "“Quote.” ",
        "?!",
    ],
    *["“Quote.” ", "...", ".", "[1]", "  \t", "\ufeff", "\u200d", "\v", "\f", "\x85", "\u2028", "\u3000", "\x1c"],
    *["عربي؟ ", "ประเทศไทย ", "der 1. ", "А. ", "- item\n", "1. one\n", "| a | b |\n", "🤷\u200d♀️"],
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=15)), max_size=30).map("".join)
LANGUAGES = st.sampled_from(["auto", "en", "de", "ja", "zh", "ar", "hi", "th", "ru", "my", "xx", ""])


def pieces(text: str, language: str = "en") -> list[str]:
    return [span.of(text).strip() for span in sentence_spans(text, language)]


@settings(max_examples=300, deadline=None)
@given(TEXTS, LANGUAGES)
def test_sentences_are_a_partition_of_any_text(text: str, language: str) -> None:
    spans = sentence_spans(text, language)
    assert "".join(span.of(text) for span in spans) == text
    assert all(left.end == right.start for left, right in pairwise(spans))
    assert all(span.of(text).strip() for span in spans) or not text.strip()


def test_an_empty_text_has_no_sentences() -> None:
    assert sentence_spans("") == []
    assert sentence_spans(" \n\n ") == [Span(0, 4)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("One stands. Two sits! Does three?", ["One stands.", "Two sits!", "Does three?"]),
        ("Dr. Hoad met Mr. Vane at 3.5 knots. They spoke.", ["Dr. Hoad met Mr. Vane at 3.5 knots.", "They spoke."]),
        ("No end\n\nno beginning", ["No end", "no beginning"]),
        ("No end\r\n \t\r\nno beginning", ["No end", "no beginning"]),
        ("| a | b |\n| c | d |\n  | e | f |", ["| a | b |", "| c | d |", "| e | f |"]),
        ("| a. B | b |\r\n| c | d |", ["| a. B | b |", "| c | d |"]),
        ("今日は晴れです。明日は雨です。", ["今日は晴れです。", "明日は雨です。"]),
    ],
)
def test_examples_are_cut_where_a_reader_would(text: str, wanted: list[str]) -> None:
    assert pieces(text) == wanted


def test_the_language_brings_its_abbreviations() -> None:
    text = "Das gilt z. B. für Schiffe bzw. Boote. Sie fahren."
    assert pieces(text, "de") == ["Das gilt z. B. für Schiffe bzw. Boote.", "Sie fahren."]


@pytest.mark.parametrize(
    "wanted",
    [
        ["Am 3. Oktober kam z. B. Dr. Meier.", "Der 1. FC spielte zum 2. Mal.", "Prof. Kant sprach, d. h. er redete."],
        ["Es waren 5 Boote.", "Um 9 Uhr kam die Flut."],
        ["यह पहला वाक्य है।", "क्या यह दूसरा है?", "हाँ।"],
        ["هل هذا سؤال؟", "نعم، هذا جواب.", "وهذه جملة أخرى."],
        ["Это А. С. Пушкин.", "Он родился в 1799 г. в Москве.", "В городе жили 37,6 млн. человек."],
        ["他说了一句话。", "然后走了！", "真的吗？"],
        ["「こんにちは」と彼は言った。", "本当ですか？", "はい。"],
        ["El señor W. Haydon llegó a las nueve.", "¿Y la barca?", "No estaba."],
    ],
)
def test_a_text_shows_which_rules_are_right(wanted: list[str]) -> None:
    assert pieces(" ".join(wanted), "auto") == wanted


def test_thai_is_cut_at_the_spaces_between_clauses() -> None:
    clause = "ประเทศไทยเป็นประเทศที่ตั้งอยู่ในเอเชียตะวันออกเฉียงใต้และมีประชากรเป็นจำนวนมาก"
    assert pieces(f"{clause} {clause} {clause}", "auto") == [clause] * 3
    assert pieces(f"{clause} 70 ล้าน", "auto") == [f"{clause} 70 ล้าน"]  # a space around a number ends nothing
    assert pieces(f"ราคา 5 ดร. สมชาย {clause}", "auto")[0].startswith("ราคา 5 ดร. สมชาย")


def test_white_space_belongs_to_the_sentence_before_it() -> None:
    text = "  One stands.  Two sits.\n\n\nThree."
    assert [span.of(text) for span in sentence_spans(text)] == ["  One stands.  ", "Two sits.\n\n\n", "Three."]


@pytest.mark.parametrize("sentence", ["今日は晴れです。", "The tide turned again at nine. ", "| a | b |\n"])
def test_a_long_paragraph_is_cut_like_a_short_one(sentence: str) -> None:
    text = sentence * (100_000 // len(sentence))
    spans = sentence_spans(text)
    assert {span.of(text) for span in spans} <= {sentence, sentence * 2}
    assert len(spans) > 0.99 * (100_000 // len(sentence))


def test_the_segmenter_never_gets_a_whole_book(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time grows with the square of the length: 16 s for 300,000 characters of Japanese."""
    given_to_it: list[int] = []
    real = sentencex.segment

    def counting(language: str, text: str) -> list[str]:
        given_to_it.append(len(text))
        return list(real(language, text))

    monkeypatch.setattr(sentencex, "segment", counting)
    text = "今日は晴れです。" * 10_000
    assert len(sentence_spans(text)) == 10_000
    assert max(given_to_it) <= 20_000
    assert sum(given_to_it) < 1.1 * len(text)


def test_a_long_text_without_any_sentence_is_not_cut() -> None:
    text = "Word " * 20_000
    assert sentence_spans(text) == [Span(0, len(text))]


@given(st.text(max_size=30), st.data())
def test_a_stripped_span_holds_the_stripped_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    inside = strip_span(text, span)
    assert inside.of(text) == span.of(text).strip()
    assert span.start <= inside.start <= inside.end <= span.end


def test_a_heading_is_no_part_of_the_sentence_below_it() -> None:
    text = "---\ndate: 2024-03-05\n---\n# Minutes\nThe fee was set. It is low.\n## Present\nMr. Orr\n"
    said = [text[span.start : span.end].strip() for span in sentence_spans(text, "en")]
    assert said[-5:] == ["# Minutes", "The fee was set.", "It is low.", "## Present", "Mr. Orr"]
