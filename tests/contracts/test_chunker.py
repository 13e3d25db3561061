"""What every chunker promises, for documents of any kind."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ragtree.chunk.base import Chunker
from ragtree.embed.hashing import HashingEmbedder
from ragtree.indexing.contextual_chunker import make_chunker
from ragtree.settings import Settings
from ragtree.text.tokens import count_tokens
from ragtree.types import Block, Box, Document, Location, Mark, Span

KINDS = ["sentences", "tokens", "recursive", "structure", "semantic", "layout"]
PIECES = [
    *["Hello world. ", "Dr. Smith went. ", "\r\n", "\n\n", "\n", "  ", "e.g. ", "日本語です。", "x" * 70],
    *["# Title\n", "## Under it\n", "Title\n=====\n", "| a | b |\n", "|---|---|\n", "- item\n", "1. one\n"],
    *[
        "```python\n",
        "```\n",
        "~~~\n",
        "    code\n",
        "🤷🏽‍♀️",
        "\x85",
        "\ufeff",
        " " * 300,
        "\n\t" * 40,
        "ประเทศไทย มีประชากร ",
    ],
    "The tide turned at nine and nobody had the key of the boathouse. ",
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=15)), max_size=40).map("".join)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any text, with headings marked anywhere, and sometimes with the elements of a layout."""
    text = draw(TEXTS)
    places = sorted(draw(st.sets(st.integers(0, max(0, len(text) - 1)), max_size=6)))
    headings = draw(st.lists(st.sampled_from([(), ("A",), ("A", "Title"), ("B",)]), min_size=6, max_size=6))
    marks = tuple(Mark(at, Location(heading=path)) for at, path in zip(places, headings, strict=False))
    blocks = blocks_of(text) if draw(st.booleans()) else ()
    return Document("d.md", text, marks=marks if draw(st.booleans()) else (), blocks=blocks)


def blocks_of(text: str) -> tuple[Block, ...]:
    """Every line with words as an element, ten on a page, in two columns."""
    blocks, at = [], 0
    for line in text.split("\n"):
        begin = at + len(line) - len(line.lstrip())
        if line.strip():
            row = len(blocks)
            left, top = 50 + 250 * (row % 10 // 5), 60 + 40 * (row % 5)
            kind = "table" if line.startswith("|") else "heading" if line.startswith("#") else "text"
            span = Span(begin, begin + len(line.strip()))
            blocks.append(Block(span, kind, 1 + row // 10, Box(left, top, left + 230, top + 30)))
        at += len(line) + 1
    return tuple(blocks)


def chunker_of(kind: str, tokens: int) -> Chunker:
    made = Settings.model_validate({"chunk": {"kind": kind, "tokens": tokens}})
    return make_chunker(made, HashingEmbedder())


def check(document: Document, spans: list[Span], tokens: int) -> None:
    text = document.text
    assert "".join(span.of(text) for span in spans) == text
    assert all(left.end == right.start for left, right in pairwise(spans))
    assert all(span.of(text).strip() for span in spans) or (len(spans) <= 1 and not text.strip())
    over = [span.of(text) for span in spans if count_tokens(span.of(text).strip()) > tokens]
    assert not over


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents(), tokens=st.sampled_from([16, 17, 40]))
def test_any_document_is_covered_within_the_limit(kind: str, document: Document, tokens: int) -> None:
    chunker = chunker_of(kind, tokens)
    spans = chunker.chunk(document)
    check(document, spans, tokens)
    assert spans == chunker_of(kind, tokens).chunk(document)


@pytest.mark.parametrize("text", ["", " \n\n "])
def test_a_text_without_words_has_no_chunks_of_words(kind: str, text: str) -> None:
    assert chunker_of(kind, 16).chunk(Document("d", text)) == ([Span(0, len(text))] if text else [])


def test_what_fits_is_one_chunk(kind: str) -> None:
    text = "One stands. Two sits.\r\n\r\n- three\r\n"
    assert chunker_of(kind, 100).chunk(Document("d", text)) == [Span(0, len(text))]


def test_the_fingerprint_tells_kinds_and_limits_apart(kind: str) -> None:
    others = {chunker_of(other, 16).fingerprint for other in KINDS if other != kind}
    assert chunker_of(kind, 16).fingerprint not in others
    assert chunker_of(kind, 16).fingerprint != chunker_of(kind, 17).fingerprint
    assert chunker_of(kind, 16).fingerprint == chunker_of(kind, 16).fingerprint


SENTENCES = "The tide turned at nine. Nobody had the key of the boathouse, and the ferry waited for the mail.\n"
LONG = {
    "prose": (SENTENCES * 5 + "\n") * 1000,
    "sections": ("# Heading\n\n" + SENTENCES * 5 + "\n") * 1000,
    "one table": "| harbour | depth |\n|---|---|\n" + "| Port Hask | 12 m at low water |\n" * 15_000,
    "lines of code": "```\n" + "    ferry.depart(harbour, tide)\n" * 15_000,
    "no white space": "abcdefghij" * 100_000,
    "Japanese": "今日は晴れです。明日は雨です。" * 20_000,
    "white space": "a" + " " * 400_000 + "b",
}


@pytest.mark.parametrize("what", LONG)
def test_a_book_takes_seconds(kind: str, what: str) -> None:
    """100,000 words, or a megabyte; what grows with the square of the length takes minutes."""
    document = Document("d.md", LONG[what])
    started = time.process_time()
    spans = chunker_of(kind, 100).chunk(document)
    assert time.process_time() - started < 20
    check(document, spans, 100)
