from __future__ import annotations

from collections.abc import Sequence

import pytest

from ragtree.answer.passages import Passages, Quote
from ragtree.answer.quoting import choose_quotes, plain
from ragtree.text.self_contained import is_sentence
from ragtree.text.sentences import sentence_spans
from ragtree.types import Citation, Hit, Node, Span
from ragtree.understand.base import AnswerKind, Request


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("The stove cost two pounds and draws well.", True),
        ("** Kittens, five, have been found in the drawer.", True),
        ("# Report upon the Illumination at Maw Head.", False),
        ("| Stove for toll hut | 1 | £2 8s. | Gleeson |", False),
        ("Dear Miss Lorne,", False),
        ("Tenders for the new breakwater", False),
        ("Lit.", False),
        ("<!-- Old headings. Do not remove or links may break.", False),
    ],
)
def test_what_can_be_quoted_alone(text: str, whole: bool) -> None:
    assert is_sentence(text) is whole


def test_emphasis_is_taken_away_whole() -> None:
    assert plain("_Ownership_ is a **set of rules**.") == "Ownership is a set of rules."
    assert plain("`a_name_b` and 2 * 3 * 4") == "`a_name_b` and 2 * 3 * 4"
    assert plain("- The second cause was the want of a lantern.") == "The second cause was the want of a lantern."
    assert plain("-5 degrees at noon.") == "-5 degrees at noon."
    assert plain("See ![the lamp](https://evil.example/a.png).") == "See [the lamp](https://evil.example/a.png)."


def test_marks_of_the_original_cannot_be_taken_for_ours() -> None:
    assert plain("**The rope cost 4s, as shown in [2] and [3, 4].**") == "The rope cost 4s, as shown in (2) and (3, 4)."


def passages(*found: tuple[str, str, float], ranks: dict[str, int] | None = None) -> Passages:
    """A chunk each: document, text, score; every sentence of it is a quote."""
    hits, quotes = [], []
    for number, (document, text, score) in enumerate(found):
        span = Span(1000 * number, 1000 * number + len(text))
        node = Node(f"{number}", 0, text, 9, document_id=document, source=document, span=span)
        hits.append(Hit(node, score, ranks or {}))
        for inside in sentence_spans(text, "en"):
            said = inside.of(text).strip()
            place = Span(span.start + inside.start, span.start + inside.start + len(said))
            quotes.append(Quote(said, Citation(document, document, place, said)))
    return Passages(tuple(hits), tuple(quotes))


def chosen(
    question: str, found: Passages, near: Sequence[float], count: int = 3, cited: Sequence[int] = ()
) -> list[str]:
    rows = choose_quotes(Request(question, wants=WANTS), found, near, count, cited)
    return [f"{found.quotes[row].citation.document_id}: {found.quotes[row].text}" for row in rows]


STOVE = ("a.md", "A stove was bought for the hut. It cost two pounds eight. It smokes in any wind.", 0.7)
WIND = ("b.md", "The stove of the weigh-house smokes in a north wind.", 0.69)
ANCHOR = ("c.md", "An anchor was taken by the harbour master for dues.", 0.68)
WANTS: AnswerKind = "amount"
QUESTION = "What did the stove cost?"


def test_the_document_of_the_best_chunk_is_quoted_even_where_others_have_nearer_sentences() -> None:
    near = [0.5, 0.3, 0.1, 0.7, 0.2]
    assert {text[:4] for text in chosen(QUESTION, passages(STOVE, WIND, ANCHOR), near)} == {"a.md"}


def test_a_sentence_that_is_far_better_makes_its_document_lead() -> None:
    assert chosen(QUESTION, passages(STOVE, WIND), [0.1, 0.1, 0.1, 0.9], 1)[0].startswith("b.md")


def test_what_has_the_kind_of_thing_that_is_asked_for_comes_first() -> None:
    assert chosen(QUESTION, passages(STOVE, WIND), [0.3, 0.3, 0.3, 0.5], 1) == ["a.md: It cost two pounds eight."]


def test_another_document_is_quoted_for_words_that_the_leading_one_has_not() -> None:
    asked = "What did the stove and the anchor cost?"
    said = chosen(asked, passages(STOVE, WIND, ANCHOR), [0.5, 0.4, 0.3, 0.7, 0.5])
    assert [text[:4] for text in said] == ["a.md", "a.md", "c.md"]
    far = ("c.md", ANCHOR[1], 0.4)
    said = chosen(asked, passages(STOVE, WIND, far), [0.5, 0.4, 0.3, 0.7, 0.5])
    assert {text[:4] for text in said} == {"a.md"}


def test_what_was_cited_is_not_quoted_again_and_nothing_twice() -> None:
    again = ("d.md", "It cost two pounds eight.", 0.7)
    found = passages(STOVE, again)
    assert len(chosen(QUESTION, found, [0.3, 0.3, 0.3, 0.3])) == 3
    said = chosen(QUESTION, found, [0.3, 0.3, 0.3, 0.3], cited=[1])
    assert "a.md: It cost two pounds eight." not in said


def test_an_overview_is_quoted_from_all_its_documents() -> None:
    found = passages(STOVE, WIND, ANCHOR, ranks={"coverage": 1})
    assert len({text[:4] for text in chosen("What is it about?", found, [0.1, 0.2, 0.3, 0.5, 0.4])}) == 3


def test_an_overview_says_what_most_passages_speak_of_in_the_order_of_the_documents() -> None:
    found = passages(
        ("b.md", "It rained. The ferry Marigold carried forty passengers over the sound each morning.", 1.0),
        (
            "a.md",
            "He shrugged at all. The captain of the ferry kept a log of the wind and of the passengers.",
            0.5,
        ),
        ("b.md", "She said nothing more then. The wind broke the mast of the ferry, and the captain noted it.", 0.4),
        ranks={"coverage": 1},
    )
    nearest_are_others = [0.9, 0.1, 0.9, 0.1, 0.9, 0.1]
    said = chosen("What is it about?", found, nearest_are_others, 1)
    assert [text[:12] for text in said] in (["b.md: The fe", "b.md: The wi"], ["b.md: The fe", "a.md: The ca"])
    everything = chosen("What is it about?", found, nearest_are_others, 3)
    assert [text[:4] for text in everything] == sorted((text[:4] for text in everything), reverse=True)
    again = chosen("What is it about?", found, nearest_are_others, 1, cited=[1])
    assert "b.md: The ferry Marigold carried forty passengers over the sound each morning." not in again


def test_an_overview_has_no_sentence_that_is_a_list_where_there_are_others() -> None:
    everything = (
        "The stove, the wind, the anchor, the rope, the hut " + "and the ferry Marigold, " * 30 + "were bought."
    )
    long, short = ("a.md", everything, 1.0), ("b.md", "The wind broke the stove in the hut.", 0.4)
    overview = {"coverage": 1}
    said = chosen("What is it about?", passages(long, short, ranks=overview), [0.1, 0.1])
    assert [text[:4] for text in said] == ["b.md"]
    assert chosen("What is it about?", passages(long, ranks=overview), [0.1]) == [f"a.md: {everything}"]


def test_rows_of_a_table_are_quoted_where_the_leading_document_has_nothing_else() -> None:
    table = ("t.csv", "| Stove for toll hut | 1 | £2 | Gleeson |", 0.9)
    assert chosen(QUESTION, passages(table, WIND), [0.5, 0.9], 1) == [f"t.csv: {table[1]}"]


def test_nothing_is_chosen_from_nothing() -> None:
    assert chosen(QUESTION, passages(), []) == []


def test_what_is_far_behind_the_best_sentence_is_not_quoted() -> None:
    near = [0.9, 0.6, 0.0, 0.1]
    said = chosen("What was bought?", passages(STOVE, WIND), near)
    assert said[0] == "a.md: A stove was bought for the hut."
    assert "a.md: It smokes in any wind." not in said
    assert chosen("What was bought?", passages(STOVE, WIND), near, cited=[0, 1]) == []
