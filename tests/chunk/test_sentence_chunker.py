"""ragtree/chunk/sentences.py; named apart from tests/text/test_sentences.py, as pytest wants one name a module."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragtree.chunk.sentences import SentenceChunker
from ragtree.settings import ChunkSettings
from ragtree.text.tokens import count_tokens
from ragtree.types import Document, Span

PIECES = [
    "Hello world.",
    "Dr. Smith went. ",
    "\r\n",
    "\n\n",
    "| a | b |\n",
    "- item\n",
    "日本語です。",
    "x" * 70,
    "🤷🏽‍♀️",
    "\x85",
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=15)), max_size=40).map("".join)
BLANKS = st.lists(st.sampled_from(["word", " " * 300, "\n" * 200, "\n\t" * 40, "é. "]), max_size=12).map("".join)


def chunks(text: str, tokens: int = 16) -> list[str]:
    """The chunks, after a check of what every chunking has to keep."""
    spans = SentenceChunker(ChunkSettings(tokens=tokens)).chunk(Document("d", text))
    assert "".join(span.of(text) for span in spans) == text
    assert all(left.end == right.start and left.start < left.end for left, right in pairwise(spans))
    assert all(span.of(text).strip() for span in spans) or not text.strip()
    for span in spans:  # white space between chunks goes with the one before, and counts for nothing
        chunk = span.of(text)
        fits = count_tokens(chunk) <= tokens or count_tokens(chunk.strip()) <= tokens
        assert fits or len(chunk.strip()) == 1, chunk
    return [span.of(text) for span in spans]


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from([16, 17, 40]))
def test_any_text_is_covered_within_the_budget(text: str, tokens: int) -> None:
    chunks(text, tokens)


@settings(max_examples=60, deadline=None)
@given(BLANKS)
def test_long_white_space_makes_no_blank_chunk(text: str) -> None:
    chunks(text)


def test_an_empty_text_has_no_chunks() -> None:
    assert chunks("") == []
    assert chunks(" \n\n ") == [" \n\n "]


def test_sentences_fill_a_chunk_and_stay_whole() -> None:
    sentence = "The tide turned at nine. "
    assert count_tokens(sentence * 2) < 16 < count_tokens(sentence * 3)
    assert chunks(sentence * 6) == [sentence * 2] * 3


def test_a_text_within_the_budget_is_one_chunk() -> None:
    text = "One stands. Two sits.\r\n\r\n- three\r\n"
    assert chunks(text, tokens=100) == [text]


def test_table_rows_are_not_cut_through() -> None:
    rows = [f"| harbour {number} | depth {number} m |\n" for number in range(9)]
    assert all(chunk.startswith("| harbour") and chunk.endswith("m |\n") for chunk in chunks("".join(rows), 24))


def test_a_long_sentence_is_cut_between_words() -> None:
    text = " ".join(f"word{number}" for number in range(200))
    assert all(chunk.split()[0].startswith("word") for chunk in chunks(text))
    assert not any(chunk.startswith(" ") for chunk in chunks(text))


@pytest.mark.parametrize("text", ["a" * 3000, "日本語です" * 200, "🤷🏽‍♀️" * 60, "\u0301" * 200])
def test_what_has_no_words_is_cut_all_the_same(text: str) -> None:
    assert len(chunks(text)) > 4


def test_cjk_sentences_stay_whole() -> None:
    assert all(chunk.endswith("。") for chunk in chunks("今日は晴れです。明日は雨です。" * 10))


def test_crlf_is_neither_lost_nor_split() -> None:
    text = "The tide turned at nine.\r\n\r\n" * 8
    assert all(chunk.endswith("\r\n\r\n") for chunk in chunks(text))


def test_the_fingerprint_tells_settings_apart() -> None:
    made = [ChunkSettings(), ChunkSettings(tokens=99), ChunkSettings(language="de")]
    assert len({SentenceChunker(one).fingerprint for one in made}) == 3
    assert SentenceChunker(ChunkSettings()).fingerprint == SentenceChunker(ChunkSettings()).fingerprint


def test_the_language_reaches_the_sentence_rules() -> None:
    text = "Das gilt bzw. Sie und alle Boote im Hafen. Die Ebbe kam um neun, die Flut um drei. "
    spans = SentenceChunker(ChunkSettings(tokens=24, language="de")).chunk(Document("d", text))
    assert spans[0] == Span(0, text.index("Die"))
