"""Which sentences have what a question wants."""

from __future__ import annotations

import pytest

from ragtree.answer.answer_type import answer_type_test
from ragtree.understand.base import AnswerKind, Request


@pytest.mark.parametrize(
    ("wants", "question", "has", "lacks"),
    [
        ("amount", "What did the stove cost?", "The stove cost £2 8s.", "The stove draws well."),
        ("amount", "Was hat der Ofen gekostet?", "Der Ofen hat 20 EUR gekostet.", "Der Ofen war neu."),
        ("amount", "How much did she pay for it?", "It was ten shillings.", "She paid at once."),
        ("time", "When was the bell cast?", "It was cast in 1887.", "It was cast by Marrable."),
        ("time", "Wann wurde die Glocke gegossen?", "Im Jahr 1887.", "Von Marrable."),
        ("time", "When is the market?", "It is held on Friday.", "It is held in the square."),
        ("time", "When does it open?", "It opens at 9.30.", "It opens to the north."),
        ("amount", "How deep was the channel?", "The channel had 4 fathoms.", "The channel was shallow."),
        ("amount", "How old was the keeper?", "The keeper, aged 58, was there.", "He was there in June 1923."),
        ("person", "Who kept the light?", "The light was kept by Abel Strake.", "The light was kept well."),
        ("person", "Who kept it?", "Abel Strake kept it.", "You asked me in June to visit the light on a Friday."),
        ("person", "What is the cat called?", "The cat is called Demurrage.", "The cat is called."),
    ],
)
def test_a_sentence_is_known_to_have_what_is_wanted(wants: AnswerKind, question: str, has: str, lacks: str) -> None:
    fits = answer_type_test(Request(question, wants=wants))
    assert fits is not None
    assert fits(has)
    assert not fits(lacks)


@pytest.mark.parametrize(
    ("counted", "has", "lacks"),
    [
        ("kittens", "There were five kittens.", "There were kittens."),
        ("chats", "Il y a 5 chats.", "Il y a 5 chiens."),
        ("barrels of tar", "She carried 60 barrels.", "She carried 60 sacks."),
        ("Boote", "Es gab 12 Boote.", "Dort lagen 12 Netze."),
    ],
)
def test_a_number_of_other_things_does_not_tell_how_many_there_are(counted: str, has: str, lacks: str) -> None:
    fits = answer_type_test(Request("?", wants="count", topics=(counted,)))
    assert fits is not None
    assert fits(has)
    assert not fits(lacks)


def test_the_name_that_is_asked_about_is_no_answer() -> None:
    fits = answer_type_test(Request("Who succeeded Captain Ferrand?", wants="person"))
    assert fits is not None
    assert not fits("It was said that Captain Ferrand's successor came.")


def test_what_somebody_is_and_what_is_told_by_no_form_may_be_said_anyhow() -> None:
    assert answer_type_test(Request("Who is Captain Brock?", wants="person", detail="definition")) is None
    assert answer_type_test(Request("Why did the lamp fail?")) is None
