"""What a question asks for, and which sentences have it."""

from __future__ import annotations

import pytest

from ragtree.answer.asked import asked_for


@pytest.mark.parametrize(
    ("question", "sentence", "has"),
    [
        ("Who kept the light at Maw Head?", "Abel Strake kept it for a quarter of a century.", True),
        ("Who kept the light at Maw Head?", "The light at Maw Head was kept well.", False),
        ("Who kept the light at Maw Head?", "You asked me in June to visit the light at Maw Head.", False),
        ("Who kept the light at Maw Head?", "On Friday the light was out.", False),
        ("What is the harbour cat called?", "The harbour cat is called Demurrage.", True),
        ("When was the lamp lit?", "It was lit in June.", True),
        ("How many kittens were found?", "Five kittens were found in the drawer.", True),
        ("How many kittens were found?", "Seven men were found on the beach.", False),
    ],
)
def test_a_sentence_has_what_is_asked_for(question: str, sentence: str, has: bool) -> None:
    asked = asked_for(question)
    assert asked is not None
    assert asked(sentence) is has


def test_most_questions_do_not_tell_what_they_ask_for() -> None:
    assert asked_for("What caused the loss of the Good Intent?") is None
