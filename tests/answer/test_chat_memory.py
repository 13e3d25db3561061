from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest

from ragtree.answer.chat import Chat
from ragtree.errors import ModelError, QueryError
from ragtree.types import Answer, Citation


def make_chat() -> tuple[Chat, list[tuple[str, str]]]:
    """A chat, and what it asked."""
    asked: list[tuple[str, str]] = []

    def ask(question: str, alone: str, cited: Sequence[Citation]) -> Generator[str, None, Answer]:
        asked.append((question, alone))
        if "fail" in question:
            raise ModelError("no answer")
        yield "One. "
        yield "Two."
        return Answer(question, "One. Two.")

    return Chat(ask, lambda question, history: f"{question} after {len(history)}"), asked


def test_an_answer_is_last_when_all_of_it_was_read() -> None:
    chat, _ = make_chat()
    assert chat.last is None
    assert list(chat.stream("What?")) == ["One. ", "Two."]
    assert chat.last == Answer("What?", "One. Two.")


def test_a_question_is_rewritten_with_what_was_said_before() -> None:
    chat, asked = make_chat()
    chat.ask("First?")
    assert chat.ask("Second?") is chat.last
    assert asked == [("First?", "First? after 0"), ("Second?", "Second? after 1")]
    assert chat.rewritten == "Second? after 1"
    assert [answer.question for answer in chat.history] == ["First?", "Second?"]


def test_closing_early_does_not_remember() -> None:
    chat, _ = make_chat()
    chat.ask("First?")
    stream = chat.stream("Second?")
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert [answer.question for answer in chat.history] == ["First?"]
    assert chat.ask("Third?").question == "Third?"


def test_a_failure_does_not_remember() -> None:
    chat, _ = make_chat()
    with pytest.raises(ModelError):
        chat.ask("fail")
    assert chat.history == []


def test_reset_forgets() -> None:
    chat, asked = make_chat()
    chat.ask("First?")
    chat.reset()
    assert (chat.last, chat.rewritten) == (None, "")
    chat.ask("Second?")
    assert asked[-1] == ("Second?", "Second? after 0")


def test_a_conversation_is_resumed_from_its_turns() -> None:
    chat, asked = make_chat()
    chat.ask("Something else?")
    turns = [Answer("First?", "One."), Answer("Second?", "Two.")]
    chat.resume(turns)
    assert (chat.history, chat.last, chat.rewritten) == (turns, turns[-1], "Second?")
    chat.ask("Third?")
    assert asked[-1] == ("Third?", "Third? after 2")
    assert len(turns) == 2
    chat.resume([])
    assert (chat.history, chat.rewritten) == ([], "")


def test_a_resumed_conversation_remembers_how_its_questions_were_understood() -> None:
    heard: list[str] = []

    def ask(question: str, alone: str, cited: Sequence[Citation]) -> Generator[str, None, Answer]:
        yield "Two."
        return Answer(question, "Two.")

    def alone(question: str, history: list[Answer]) -> str:
        heard.extend(turn.question for turn in history)
        return question

    chat = Chat(ask, alone)
    chat.resume([Answer("And why?", "One.")], ["Why did the ship turn?"])
    chat.ask("And who?")
    assert heard == ["Why did the ship turn?"]
    with pytest.raises(QueryError, match="`understood` has 2 questions for 1 turns"):
        chat.resume([Answer("And why?", "One.")], ["Why?", "Who?"])
    assert len(chat.history) == 2


def test_a_question_is_told_alone_and_not_remembered() -> None:
    chat, asked = make_chat()
    chat.ask("First?")
    assert chat.alone("Second?") == "Second? after 1"
    assert (len(chat.history), chat.rewritten, len(asked)) == (1, "First? after 0", 1)


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_refused(question: str) -> None:
    chat, asked = make_chat()
    with pytest.raises(QueryError, match="empty"):
        chat.ask(question)
    assert asked == []
