"""Windows of tokens, and the recursive way."""

from __future__ import annotations

from ragtree.chunk.budget import ChunkLimit
from ragtree.chunk.recursive import RecursiveChunker
from ragtree.chunk.tokens import TokenChunker
from ragtree.settings import ChunkSettings
from ragtree.text.tokens import count_tokens
from ragtree.types import Document, Span

SENTENCE = "The tide turned at nine. "


def recursive(text: str, tokens: int) -> list[str]:
    return [span.of(text) for span in RecursiveChunker(ChunkSettings(tokens=tokens)).chunk(Document("d", text))]


def windows(text: str, tokens: int) -> list[str]:
    return [span.of(text) for span in TokenChunker(ChunkSettings(tokens=tokens)).chunk(Document("d", text))]


def test_windows_are_full_and_end_between_words() -> None:
    found = windows(SENTENCE * 200, 50)
    assert all(45 <= count_tokens(chunk.strip()) <= 50 for chunk in found[:-1])
    assert all(chunk.endswith(" ") for chunk in found)
    assert any(not chunk.strip().endswith(".") for chunk in found)  # sentences count for nothing


def test_windows_of_a_text_without_white_space_are_full_too() -> None:
    assert all(count_tokens(chunk) >= 40 for chunk in windows("今日は晴れです。" * 200, 50)[:-1])


def test_paragraphs_that_fit_stay_whole() -> None:
    paragraph = SENTENCE * 3 + "\n\n"
    assert recursive(paragraph * 6, 2 * count_tokens(paragraph)) == [paragraph * 2] * 3


def test_only_the_paragraph_that_does_not_fit_is_cut() -> None:
    short, long = "Short one.\n\n", SENTENCE * 12 + "\n\n"
    found = recursive(short + long + short, 40)
    assert found[0] == short and found[-1] == short
    assert all(chunk.strip().endswith(".") for chunk in found)  # between sentences


def test_lines_come_before_sentences() -> None:
    line = "One stands. Two sits.\n"
    found = recursive(line * 20, 30)
    assert all(chunk.endswith("sits.\n") for chunk in found)


def test_a_budget_knows_what_fits_without_the_white_space_around() -> None:
    text = "word word word word   "
    assert ChunkLimit(text, 4).fits(Span(0, len(text)))
    assert not ChunkLimit(text, 3).fits(Span(0, len(text)))
    pieces = list(ChunkLimit(text, 3).cut(Span(0, len(text))))
    assert [piece.of(text) for piece in pieces] == ["word word word ", "word   "]
