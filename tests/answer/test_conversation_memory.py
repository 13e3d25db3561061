"""A conversation within its budget of tokens."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ragtree.answer.conversation_memory import (
    ConversationMemory,
    condense_to_central,
    condense_to_first,
    condense_with_model,
    turn_text,
)
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat
from ragtree.text.sentences import sentence_spans
from ragtree.text.tokens import count_tokens
from ragtree.types import Answer

TURNS = [
    Answer(f"Who kept light number {number}?", f"Keeper {number} kept it. [1] Keeper {number} wrote of storms. [2]")
    for number in range(12)
]


def test_what_fits_is_kept_whole_and_without_marks() -> None:
    recalled = ConversationMemory(600).recall(TURNS[:3])
    assert recalled.summary == ""
    assert recalled.turns == tuple(map(turn_text, TURNS[:3]))
    assert "[1]" not in "".join(recalled.turns)


@settings(max_examples=20, deadline=None)
@given(st.integers(100, 300), st.integers(1, 12))
def test_it_stays_in_its_budget_in_whole_sentences_with_the_last_turn(budget: int, count: int) -> None:
    recalled = ConversationMemory(budget).recall(TURNS[:count])
    assert sum(map(count_tokens, recalled.parts())) <= budget + 8
    assert recalled.turns[-1] == turn_text(TURNS[count - 1])
    everything = " ".join(turn_text(turn) for turn in TURNS[:count])
    assert all(span.of(recalled.summary).strip() in everything for span in sentence_spans(recalled.summary))


def test_older_turns_are_condensed_several_at_a_time_and_once() -> None:
    told: list[str] = []

    def condense(text: str, tokens: int) -> str:
        told.append(text)
        return "Notes."

    memory = ConversationMemory(200, condense)
    for count in range(1, 13):
        recalled = memory.recall(TURNS[:count])
    assert 1 <= len(told) <= 6
    assert recalled.summary == "Notes."
    assert all("Notes." in text for text in told[1:])
    assert sum(text.count("Who kept light number 0?") for text in told) == 1
    assert memory.recall([]).parts() == []  # the chat was reset
    assert memory.recall(TURNS[5:6]).summary == ""


def test_a_turn_over_the_budget_keeps_whole_sentences() -> None:
    long = Answer("What happened?", " ".join(f"Storm number {number} broke a mast." for number in range(60)))
    (turn,) = ConversationMemory(100).recall([long]).turns
    assert count_tokens(turn) <= 100
    assert turn.startswith("User: What happened?\nAssistant: Storm number 0 broke a mast.")
    assert turn.endswith("broke a mast.")


def test_central_sentences_come_in_their_order() -> None:
    text = "The lamp burns oil. A gull flew. The lamp burns oil at night. The oil lamp burns."
    kept = condense_to_central(HashingEmbedder(256))(text, 14)
    assert "gull" not in kept
    assert 1 <= kept.count(".") < 4
    places = [text.index(part) for part in kept.removesuffix(".").split(". ")]
    assert places == sorted(places)
    assert condense_to_central(HashingEmbedder(64))("", 9) == ""


def test_a_model_writes_the_notes_and_its_broken_last_sentence_is_left_out() -> None:
    model = ScriptedChat(["Ada kept the light. She wrote of"])
    assert condense_with_model(model, condense_to_first)("User: Who?\nAssistant: Ada.", 60) == "Ada kept the light."
    assert "Ada." in model.calls[0][-1].content
    assert (
        condense_with_model(ScriptedChat([""]), condense_to_first)("Ada kept it. Tom left.", 60)
        == "Ada kept it. Tom left."
    )
    small = ScriptedChat(["x."], context=20)
    assert condense_with_model(small, condense_to_first)("Ada kept it.", 60) == "Ada kept it."
