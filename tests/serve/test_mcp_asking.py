"""`ask` and `list_all`, with a language model that says what it was told to say."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager

import pytest
from endless import Endless
from mcp_served import DOCUMENTS, Talk, app_for, awaited, talking, write_folder
from running_app import running

from ragtree.errors import ModelError
from ragtree.llm.scripted import ScriptedChat

SAID = "It was cast in 1891 by Anna Harrow [1]."


@asynccontextmanager
async def asking(folder, llm):
    with running(app_for([write_folder(folder / "docs", DOCUMENTS)], llm)) as address:
        async with talking(address) as talk:
            yield talk


class Failing(ScriptedChat):
    """Cannot be reached."""

    def stream(self, messages, max_tokens):
        raise ModelError("no answer from http://10.0.0.7:8080 with the key in /home/me/key")
        yield ""


@awaited
async def test_an_answer_cites_and_its_quotes_read_back(tmp_path):
    async with asking(tmp_path, ScriptedChat([SAID])) as talk:
        answer = await talk.call("ask", question="Who cast the bell of Tolbrack?")
        assert answer["supported"]
        assert "Anna Harrow" in answer["text"]
        assert answer["citations"]
        for cited in answer["citations"]:
            assert f"[{cited['number']}]" in answer["text"]
            read = await talk.call("read", id=cited["id"], start=cited["start"], end=cited["end"])
            assert read["text"] == cited["quote"]
            assert read["url"] == cited["url"]
        assert (await talk.call("status"))["language_model"]


@awaited
async def test_what_was_said_before_is_understood(tmp_path):
    asked = []

    def script(messages):
        asked.append(messages[-1].content)
        return SAID

    async with asking(tmp_path, ScriptedChat(script)) as talk:
        before = [{"question": "What is the bell of Tolbrack?", "answer": "A bell of two tons [1]."}]
        answer = await talk.call("ask", question="And who cast it?", history=before)
        assert answer["supported"]
        assert any("What is the bell of Tolbrack?" in one for one in asked)
        alone = len(asked)
        await talk.call("ask", question="Who cast the bell?")
        assert not any("What is the bell of Tolbrack?" in one for one in asked[alone:])


@awaited
async def test_a_question_lists_all(tmp_path):
    async with asking(tmp_path, ScriptedChat(["Anna Harrow"])) as talk:
        found = await talk.call("list_all", question="Which people are named?")
        assert [item["text"] for item in found["items"]] == ["Anna Harrow"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@awaited
async def test_a_cancelled_question_stops_the_model(tmp_path, mode):
    model = Endless()
    with running(app_for([write_folder(tmp_path / "docs", DOCUMENTS)], model)) as address:
        async with talking(address, mode) as talk:
            question = asyncio.ensure_future(talk.call("ask", question="Who cast the bell of Tolbrack?"))
            await asyncio.to_thread(model.begun.wait, 30)
            question.cancel()
            assert await asyncio.to_thread(model.closed.wait, 30)


@awaited
async def test_the_server_ends_while_a_question_is_answered(tmp_path):
    model = Endless()
    with running(app_for([write_folder(tmp_path / "docs", DOCUMENTS)], model)) as address:
        async with talking(address) as talk:
            question = asyncio.ensure_future(talk.call("ask", question="Who cast the bell of Tolbrack?"))
            await asyncio.to_thread(model.begun.wait, 30)
            question.cancel()
    assert model.closed.is_set()


@awaited
async def test_a_model_that_fails_is_told_without_addresses(tmp_path):
    async with asking(tmp_path, Failing([SAID])) as talk:
        said = await talk.failure("ask", question="Who cast the bell of Tolbrack?")
        assert "a model failed" in said
        assert "10.0.0.7" not in said
        assert "/home/me" not in said


@awaited
async def test_questions_wait_for_their_turn(tmp_path):
    running_now, most, lock = 0, 0, threading.Lock()

    def script(_):
        nonlocal running_now, most
        with lock:
            running_now += 1
            most = max(most, running_now)
        threading.Event().wait(0.05)
        with lock:
            running_now -= 1
        return SAID

    folder = write_folder(tmp_path / "docs", DOCUMENTS)
    with running(app_for([folder], ScriptedChat(script), at_once=1)) as address:
        async with talking(address) as talk:
            answers = await asyncio.gather(*(ask(talk) for _ in range(4)))
    assert len(answers) == 4
    assert most == 1


async def ask(talk: Talk):
    return await talk.call("ask", question="Who cast the bell of Tolbrack?")
