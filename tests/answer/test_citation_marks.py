from __future__ import annotations

import pytest

from ragtree.answer.citation_marks import CitationMarker, whole_sentences
from ragtree.answer.passages import Quote
from ragtree.embed.hashing import HashingEmbedder
from ragtree.types import Citation, Span

SENTENCES = ["Whales sing in the deep sea.", "Bread rises in the oven.", "Clocks tick all night."]
QUOTES = [Quote(text, Citation("d", "d.md", Span(0, len(text)), text)) for text in SENTENCES]


def marker(question: str = "What happens?") -> CitationMarker:
    return CitationMarker(QUOTES, HashingEmbedder(256), threshold=0.55, question=question)


@pytest.mark.parametrize(
    ("pieces", "sentences"),
    [
        (["One thing. Another ", "thing."], ["One thing.", "Another thing."]),
        (["On", "e thi", "ng", ". ", "Anoth", "er."], ["One thing.", "Another."]),
        (["It is so [1]. And so [2, 3]. [4]"], ["It is so.", "And so."]),
        (["It is so [", "1", "]", "."], ["It is so."]),
        (["- one\n- two\n"], ["- one", "- two"]),
        (["A line\nthat goes on."], ["A line that goes on."]),
        (["No end"], ["No end"]),
        (["Dr. Venn came at 5.30 p.m. and left."], ["Dr. Venn came at 5.30 p.m. and left."]),
        ([" ", "\n", "..."], []),
        ([], []),
    ],
)
def test_sentences_come_whole_and_without_the_models_own_marks(pieces: list[str], sentences: list[str]) -> None:
    assert list(whole_sentences(pieces, "en")) == sentences


@pytest.mark.parametrize("size", [1, 2, 7])
def test_sentences_do_not_depend_on_how_the_text_is_cut(size: int) -> None:
    text = "Whales sing. Bread rises [1]!  Do clocks tick? Yes, they do [2]."
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    wanted = ["Whales sing.", "Bread rises!", "Do clocks tick?", "Yes, they do."]
    assert list(whole_sentences(pieces, "en")) == wanted


def test_an_answer_that_is_cut_off_ends_in_sentences_too() -> None:
    pieces = ["The hives are old", ".", " The bees leave in", " May and the"]
    assert list(whole_sentences(pieces, "en")) == ["The hives are old.", "The bees leave in May and the"]


def test_a_sentence_is_given_out_before_the_next_one_ends() -> None:
    read: list[str] = []

    def pieces() -> object:
        for piece in ["One thing. ", "Another ", "thing. ", "More."]:
            read.append(piece)
            yield piece

    sentences = whole_sentences(pieces(), "en")  # type: ignore[arg-type]
    assert next(sentences) == "One thing."
    assert "More." not in read


def test_numbers_follow_the_order_of_first_use() -> None:
    m = marker()
    assert m.mark([2]) == "[1]"
    assert m.mark([0, 2]) == "[2][1]"
    assert [(citation.number, citation.quote) for citation in m.citations] == [(1, SENTENCES[2]), (2, SENTENCES[0])]


def test_a_sentence_is_supported_by_the_quote_that_says_it() -> None:
    assert marker().check("In the deep sea whales sing.").sources == (0,)
    assert marker().check("Elephants dance on the moon.").sources == ()
    assert marker().check("Clocks tick all 12 night.").sources == ()


def test_relevance_is_highest_for_the_quote_that_answers() -> None:
    relevance = marker("How does bread rise in the oven?").relevance()
    assert relevance.index(max(relevance)) == 1


def test_without_quotes_nothing_is_supported() -> None:
    m = CitationMarker([], HashingEmbedder(), 0.0, "Anything?")
    assert (m.check("Anything.").sources, m.relevance(), m.citations) == ((), [], ())
