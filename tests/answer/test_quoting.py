from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ragtree.answer.passages import Passages, Quote
from ragtree.answer.quoting import choose_quotes, in_reading_order, plain
from ragtree.text.self_contained import is_sentence
from ragtree.text.sentences import sentence_spans
from ragtree.types import Citation, Hit, Location, Node, Span
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


def test_a_row_or_a_line_is_quoted_if_it_names_what_is_asked_and_has_the_kind_of_thing_that_is_wanted() -> None:
    lease = ("l.md", "Rent: £1,450 a month\n\nTerm of the lease\n\nThe rent is due at the beginning of a month.", 0.7)
    asked = Request("How much is the rent?", topics=("rent",), wants="amount")
    found = passages(lease)
    rows = choose_quotes(asked, found, [0.4, 0.3, 0.5], 3)
    assert found.quotes[rows[0]].text == "Rent: £1,450 a month"
    assert "Term of the lease" not in {found.quotes[row].text for row in rows}


def test_the_rows_of_a_table_are_found_by_the_heading_above_it() -> None:
    found = passages(("n.md", "| Chess | free |\n| Gymnastics | £54 |\n\nThe clubs begin in May and end in July.", 0.7))
    under = [replace(one, is_row=one.text.startswith("|")) for one in found.quotes]
    headed = [replace(one, citation=replace(one.citation, location=Location(heading=("Clubs",)))) for one in under]
    asked = Request("Which clubs are there?", topics=("clubs",))
    rows = choose_quotes(asked, replace(found, quotes=tuple(headed)), [0.5, 0.5, 0.3], 3)
    assert {headed[row].text for row in rows} >= {"| Chess | free |", "| Gymnastics | £54 |"}


def test_steps_of_a_list_are_quoted_together_and_in_their_order() -> None:
    steps = "1. Fill the kettle with water.\n2. Heat it to seventy degrees.\n3. Wait.\n4. Rinse the kettle twice."
    found = passages(("k.md", f"{steps}\n\nThe kettle has a seal of rubber, which is red.", 0.7))
    rows = choose_quotes(Request("How do I descale the kettle?"), found, [0.6, 0.1, 0.1, 0.6, 0.3], 2)
    assert [found.quotes[row].text[:2] for row in in_reading_order(rows, found)] == ["1.", "2.", "3.", "4."]


def test_of_a_long_list_only_some_steps_are_quoted() -> None:
    steps = "\n".join(f"{number}. Turn the handle of pump {number} once." for number in range(1, 60))
    found = passages(("k.md", steps, 0.7))
    near = [0.9 if number in (49, 50) else 0.1 for number in range(59)]
    rows = choose_quotes(Request("How is the handle turned?"), found, near, 2)
    assert len(rows) < 12 and {49, 50} <= set(rows)


def test_sentences_that_are_near_each_other_are_quoted_in_their_order() -> None:
    found = passages(STOVE, WIND)
    assert in_reading_order([2, 3, 0], found) == [0, 2, 3]
    far = [
        replace(one, citation=replace(one.citation, span=Span(9000 * at, 9000 * at + 9)))
        for at, one in enumerate(found.quotes)
    ]
    assert in_reading_order([2, 0], replace(found, quotes=tuple(far))) == [2, 0]


def test_an_overview_does_not_quote_the_title() -> None:
    found = passages(("d.md", "Diary of the harbour. The ferry was late on Monday.", 0.7), ranks={"coverage": 1})
    titled = replace(found, titles={"d.md": "Diary of the harbour"})
    assert chosen("What is it about?", titled, [0.5, 0.5]) == ["d.md: The ferry was late on Monday."]


def test_similarities_count_less_in_a_language_that_the_embedder_does_not_know() -> None:
    found = passages(("a.md", "Der Steg am Ufer kostete 10.128 Euro. Das Fest am See war sehr gut besucht.", 0.5))
    asked = Request("Was kostete der Steg?", topics=("Steg",), language="de", foreign=True)
    near = [0.1, 0.7]
    assert choose_quotes(asked, found, near, 1) == [0]
    assert choose_quotes(replace(asked, foreign=False), found, near, 1) == [1]


def test_headers_and_headings_are_no_answers() -> None:
    found = passages(
        (
            "l.md",
            "# The monthly rent and other charges\n\n| Item | Monthly rent |\n\nIt is paid each May by standing order.",
            0.7,
        )
    )
    rows = choose_quotes(Request("What is the monthly rent?", topics=("monthly rent",)), found, [0.6, 0.6, 0.3], 3)
    assert [found.quotes[row].text[:10] for row in rows] == ["It is paid"]


def test_summaries_alone_can_be_quoted_in_any_language() -> None:
    found = passages(("a.md", "Der Steg am Ufer kostete 10.128 Euro.", 0.5))
    hits = [replace(hit, node=replace(hit.node, level=1)) for hit in found.hits]
    asked = Request("Was kostete der Steg?", topics=("Steg",), language="de", foreign=True)
    assert choose_quotes(asked, replace(found, hits=tuple(hits)), [0.1], 3) == [0]
