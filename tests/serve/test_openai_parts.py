"""The parts of OpenAI's interface that are not seen from outside: what is remembered, and clients that do not read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from ragtree.serve.openai import event_stream
from ragtree.serve.openai.client_conversations import ClientConversations, EarlierTurns, from_messages
from ragtree.serve.openai.error_replies import ClientLeftError, RequestError
from ragtree.serve.openai.files import FileId
from ragtree.serve.openai.request_bodies import ChatMessage
from ragtree.types import Answer


def messages(*said: tuple[str, str]) -> list[ChatMessage]:
    return [ChatMessage.model_validate({"role": role, "content": text}) for role, text in said]


def test_messages_are_turns_and_a_question() -> None:
    said, question = from_messages(
        messages(
            ("system", "Be kind."),
            ("assistant", "Welcome."),
            ("user", "One?"),
            ("assistant", "A."),
            ("assistant", "B."),
            ("user", "Two?"),
            ("user", "Three?"),
        )
    )
    assert question == "Three?"
    assert [(turn.question, turn.text) for turn in said.turns] == [("One?", "A.\nB."), ("Two?", "")]
    assert said.understood == ("One?", "Two?")


def test_a_conversation_is_known_by_what_was_said() -> None:
    kept = ClientConversations()
    first = EarlierTurns().then(Answer("And why?", "So. [1]"), "Why did she turn?")
    kept.remember("light", first, "resp_1")
    again, _ = from_messages(messages(("user", "And why? "), ("assistant", "So. [1]"), ("user", "Who?")))
    assert kept.known("light", again).understood == ("Why did she turn?",)
    assert kept.known("ferry", again) is again
    assert kept.by_id("light", "resp_1") is first
    assert kept.by_id("ferry", "resp_1") is None


def test_the_oldest_conversations_are_forgotten() -> None:
    kept = ClientConversations(most=1000)
    for number in range(100):
        kept.remember("c", EarlierTurns().then(Answer(f"{number}?", "x" * 100), f"{number}?"), f"resp_{number}")
    assert kept.by_id("c", "resp_0") is None
    assert kept.by_id("c", "resp_99") is not None
    assert kept._size <= 1000
    kept.remember("c", EarlierTurns().then(Answer("?", "x" * 500), "?"), "resp_long")
    assert kept.by_id("c", "resp_long") is None


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.text().filter(bool))
def test_file_ids_are_read_back(collection: str, document: str) -> None:
    try:
        key = str(FileId(collection, document))
    except UnicodeEncodeError:  # no document has such an id
        return
    assert FileId.parse(key) == FileId(collection, document)
    assert key.isascii()
    assert not set("/+=%? ") & set(key)


@given(st.text())
def test_other_texts_are_no_file_ids(text: str) -> None:
    with pytest.raises(RequestError, match="there is no file"):
        FileId.parse(text)


def test_events_are_lines_for_every_client() -> None:
    sent = event_stream.event({"text": "one\n\u2028two\u0085é"}, "said").decode()
    assert sent.splitlines()[:1] == ["event: said"]
    assert len(sent.splitlines()) == 3


def a_request(receive: Any) -> Request:
    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def never() -> Any:
    await asyncio.Event().wait()


def test_a_client_that_does_not_read_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "_PATIENCE", 0.05)
    closed = []

    async def events() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"data: 1\n\n"
        finally:
            closed.append(True)

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) > 3:
            await never()

    async def reply() -> None:
        made = await event_stream.streamed(a_request(never), events(), lambda error: b"")
        await asyncio.wait_for(made({"type": "http"}, never, send), 5)

    asyncio.run(reply())
    assert closed == [True]
    assert len(sent) == 4


def test_work_is_cancelled_when_the_client_leaves() -> None:
    ended = []

    async def work() -> None:
        try:
            await never()
        finally:
            ended.append(True)

    async def leaves() -> Any:
        await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    with pytest.raises(ClientLeftError):
        asyncio.run(event_stream.until_client_leaves(leaves, work()))
    assert ended == [True]
