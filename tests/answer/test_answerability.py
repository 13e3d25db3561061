from __future__ import annotations

from dataclasses import replace

import pytest

from ragtree.answer.answerability import answerability
from ragtree.answer.passages import Passages, Quote
from ragtree.types import Citation, Hit, Location, Node, Span
from ragtree.understand.base import AnswerKind, Request


def evidence_of(question: str, found: Passages, near: list[float], wants: AnswerKind = "other") -> float:
    return answerability(Request(question, wants=wants), found, near)


def passages(*texts: str, score: float = 0.6, ranks: dict[str, int] | None = None) -> Passages:
    quotes, start = [], 0
    for text in texts:
        quotes.append(Quote(text, Citation("d", "d.md", Span(start, start + len(text)), text)))
        start += len(text) + 1
    node = Node("n", 0, " ".join(texts), 50, document_id="d", source="d.md", span=Span(0, start))
    return Passages((Hit(node, score, ranks if ranks is not None else {"dense": 1}),), tuple(quotes))


def test_evidence_is_less_where_the_nearest_sentence_lacks_what_is_asked_for() -> None:
    found = passages("The sun valve is small.", "It weighs 9 lb.")
    with_it = evidence_of("How much does the sun valve weigh?", found, [0.3, 0.6], "amount")
    without = evidence_of(
        "How much does the sun valve weigh?", passages("The sun valve is small.", "It shines."), [0.6, 0.3], "amount"
    )
    assert with_it > without


def test_a_short_question_is_answered_by_a_sentence_with_all_its_words() -> None:
    said, near = "- The second cause was the want of a stern lantern.", [0.4]
    whole = evidence_of("What was the second cause?", passages(said), near)
    assert whole - evidence_of("What was the fourth cause?", passages(said), near) == pytest.approx(0.1)
    parted = passages("The second man came.", "The cause was a lantern.")
    assert evidence_of("What was the second cause?", parted, [0.4, 0.4]) == pytest.approx(whole - 0.1)
    assert evidence_of("What does it want?", passages(said), near) == pytest.approx(
        whole - 0.1
    )  # one word is soon said


HEMP = "What did two-inch hemp cost in November 1923?"


def test_evidence_is_less_where_it_is_of_another_month() -> None:
    march, november = (
        evidence_of(HEMP, passages(f"In {month} the hemp cost 11d. a fathom."), [0.6])
        for month in ("March", "November")
    )
    assert november - march > 0.2


def test_the_month_may_stand_in_the_chunk_the_heading_or_the_name_of_the_file() -> None:
    said, near = "The hemp cost 11d. a fathom.", [0.6]
    wanted = evidence_of(HEMP, passages(f"In November {said}"), near)
    found = passages(said)
    assert evidence_of(HEMP, found, near) < wanted
    (hit,), (quote,) = found.hits, found.quotes
    beside = replace(hit, node=replace(hit.node, text=f"November. {hit.node.text}"))
    below = replace(quote, citation=replace(quote.citation, location=Location(heading=("Bought in November",))))
    inside = replace(quote, citation=replace(quote.citation, source="accounts/1923-11.md"))
    for one in (Passages((beside,), (quote,)), Passages((hit,), (below,)), Passages((hit,), (inside,))):
        assert evidence_of(HEMP, one, near) == wanted


def test_without_passages_there_is_no_evidence_of() -> None:
    assert evidence_of("Anything?", Passages((), ()), []) == -1.0


def test_an_overview_is_always_answered() -> None:
    found = passages("One thing.", "Another thing.", ranks={"coverage": 1})
    assert evidence_of("What are these documents about?", found, [0.1, 0.1]) == 1.0


def test_a_score_that_is_no_cosine_is_not_believed() -> None:
    found = passages("One thing.", "Another thing.", score=23.0, ranks={"words": 1})
    assert evidence_of("Why?", found, [0.1, 0.2]) < 0.5
