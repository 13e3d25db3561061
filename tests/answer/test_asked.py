"""What a question asks for, and which sentences have it."""

from __future__ import annotations

import pytest

from ragtree.answer.asked import asked_for


@pytest.mark.parametrize(
    ("question", "has", "lacks"),
    [
        ("What did the stove cost?", "The stove cost £2 8s.", "The stove draws well."),
        ("How much did she pay for it?", "It was ten shillings.", "She paid at once."),
        ("When was the bell cast?", "It was cast in 1887.", "It was cast by Marrable."),
        ("Wann wurde die Glocke gegossen?", "Im Jahr 1887.", "Von Marrable."),
        ("How many kittens were there?", "There were five kittens.", "There were kittens."),
        ("Combien de chats y a-t-il ?", "Il y a 5 chats.", "Il y a des chats."),
        ("How many barrels of tar were there?", "She carried 60 barrels.", "She carried 60 sacks."),
        ("How many different species of eel are there?", "Two species live here.", "Two eels live here."),
        ("Wie viele Boote gab es?", "Es gab 12 Boote.", "Dort lagen 12 Netze."),
        ("How deep was the channel?", "The channel had 4 fathoms.", "The channel was shallow."),
        ("How old was the keeper?", "The keeper, aged 58, was there.", "The keeper was tired."),
        ("Who kept the light?", "The light was kept by Abel Strake.", "The light was kept well."),
        ("Who kept the light?", "Abel Strake kept it.", "You asked me in June to visit the light on a Friday."),
        ("What is the harbour cat called?", "The harbour cat is called Demurrage.", "The harbour cat is called."),
        ("What colour was the buoy?", "The buoy was painted red.", "The buoy was painted."),
    ],
)
def test_a_sentence_is_known_to_have_what_is_asked_for(question: str, has: str, lacks: str) -> None:
    fits = asked_for(question)
    assert fits is not None
    assert fits(has)
    assert not fits(lacks)


def test_the_name_that_is_asked_about_is_no_answer() -> None:
    fits = asked_for("Who succeeded Captain Ferrand?")
    assert fits is not None
    assert not fits("It was said that Captain Ferrand's successor came.")


def test_a_question_of_no_known_kind_asks_for_anything() -> None:
    assert asked_for("Why did the lamp fail?") is None
