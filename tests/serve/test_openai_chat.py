"""Chat completions, asked by OpenAI's own client of a running server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import openai
import pytest
from endless import Endless
from openai_server import QUESTION, SAID, UNTRUE, Served, serving, until

from ragtree.llm.base import Message
from ragtree.llm.scripted import ScriptedChat

ASKED: Any = [{"role": "user", "content": QUESTION}]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), answer={"unsupported": "drop"}) as found:
        yield found


def test_the_models_are_the_collections(served: Served) -> None:
    client = served.client()
    assert [model.id for model in client.models.list()] == ["ragtree/light", "ragtree/ferry", "ragtree"]
    assert client.models.retrieve("ragtree/ferry").owned_by == "ragtree"
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve("gpt-4o")
    assert refused.value.code == "model_not_found"


def test_an_answer_is_cited(served: Served) -> None:
    client = served.client()
    done = client.chat.completions.create(model="ragtree/light", messages=ASKED, temperature=0.2, max_tokens=5)
    message = done.choices[0].message
    assert message.content is not None
    assert "Abel Strake" in message.content
    assert done.model == "ragtree/light"
    assert done.choices[0].finish_reason == "stop"
    assert message.annotations
    link = message.annotations[0].url_citation
    assert message.content[link.start_index : link.end_index] == "[1]"
    assert link.title.startswith("keeper.md")
    assert "<html" in httpx.get(link.url).text
    told = message.model_extra["ragtree"]  # type: ignore[index]
    assert told["supported"]
    citation = told["citations"][0]
    start, end = citation["span"]
    assert link.url.endswith(f"/light/documents/keeper.md?from={start}&to={end}")
    assert client.files.content(citation["file_id"]).text[start:end] == citation["quote"]


def test_the_other_collection_answers_under_its_name(served: Served) -> None:
    asked: Any = [{"role": "user", "content": "Who commands the ferry Marigold?"}]
    done = served.client().chat.completions.create(model="ragtree/ferry", messages=asked)
    assert "Captain Dace" in (done.choices[0].message.content or "")


def test_a_stream_says_what_the_whole_says(served: Served) -> None:
    with served.model(["Yes", SAID, "Yes", SAID]):
        client = served.client()
        whole = client.chat.completions.create(model="ragtree", messages=ASKED)
        chunks = list(
            client.chat.completions.create(
                model="ragtree", messages=ASKED, stream=True, stream_options={"include_usage": True}
            )
        )
    message = whole.choices[0].message
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert deltas[0].role == "assistant"
    assert "".join(delta.content or "" for delta in deltas) == message.content == f"{SAID} [1]"
    extra = deltas[-2].model_extra
    assert extra is not None
    assert message.annotations is not None
    assert extra["annotations"] == [one.to_dict() for one in message.annotations]
    assert extra["ragtree"] == message.model_extra["ragtree"]  # type: ignore[index]
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert whole.usage is not None
    assert chunks[-1].usage == whole.usage
    assert whole.usage.prompt_tokens > 20
    assert whole.usage.completion_tokens > 5
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens


def test_a_follow_up_is_understood_from_the_messages(served: Served) -> None:
    client = served.client()
    first = client.chat.completions.create(model="ragtree", messages=ASKED)
    messages: Any = [
        {"role": "system", "content": "Answer in verse."},
        *ASKED,
        {"role": "assistant", "content": first.choices[0].message.content},
        {"role": "user", "content": [{"type": "text", "text": "When did he come?"}]},
    ]
    done = client.chat.completions.create(model="ragtree", messages=messages)
    assert "Abel Strake" in (done.choices[0].message.content or "")  # "he" is the keeper
    assert QUESTION in done.choices[0].message.model_extra["ragtree"]["question"]  # type: ignore[index]


def test_a_follow_up_to_a_follow_up_is_understood_as_in_a_chat(served: Served) -> None:
    client = served.client()
    messages: list[Any] = []
    told: list[str] = []
    for question in (QUESTION, "And when did he come?", "And why?"):
        messages.append({"role": "user", "content": question})
        done = client.chat.completions.create(model="ragtree", messages=messages).choices[0].message
        messages.append({"role": "assistant", "content": done.content})
        told.append(done.model_extra["ragtree"]["question"])  # type: ignore[index]
    chat = served.app.state.collections.get("light").tree._tree.chat()
    expected = []
    for question in (QUESTION, "And when did he come?", "And why?"):
        chat.ask(question)
        expected.append(chat.rewritten)
    assert told == expected


def test_the_async_client_asks_many_at_once(served: Served) -> None:
    async def ask() -> list[str]:
        async with served.async_client() as client:
            done = await asyncio.gather(
                *(client.chat.completions.create(model="ragtree/light", messages=ASKED) for _ in range(12))
            )
            text = ""
            async for chunk in await client.chat.completions.create(model="ragtree", messages=ASKED, stream=True):
                text += chunk.choices[0].delta.content or ""
            return [*(one.choices[0].message.content or "" for one in done), text]

    assert len(set(asyncio.run(ask()))) == 1


def test_a_filter_and_a_mode_may_come_along(served: Served) -> None:
    client = served.client()
    done = client.chat.completions.create(
        model="ragtree", messages=ASKED, extra_body={"where": {"source": "oil.txt"}, "mode": "leaves"}
    )
    assert "Strake" not in (done.choices[0].message.content or "")
    for stream in (True, False):
        for body, said in (({"where": {"source": 3}}, "glob"), ({"mode": "best"}, "there is no mode 'best'")):
            with pytest.raises(openai.BadRequestError, match=said):
                client.chat.completions.create(model="ragtree", messages=ASKED, extra_body=body, stream=stream)


def test_unchecked_text_never_leaves(served: Served) -> None:
    with served.model(lambda _: f"{UNTRUE} {SAID} {UNTRUE}"), served.client() as client:
        for path in ("chat/completions", "responses"):
            body = {"messages": ASKED} if path.startswith("chat") else {"input": QUESTION}
            with httpx.stream("POST", f"{served.url}/{path}", json={**body, "stream": True}, timeout=30) as reply:
                sent = "".join(reply.iter_text())
            assert SAID in sent.replace('"}', "")
            assert "zebra" not in sent
        whole = client.chat.completions.create(model="ragtree", messages=ASKED)
        assert "zebra" not in whole.to_json()


@pytest.mark.parametrize("stream", [True, False])
def test_the_model_stops_when_the_client_leaves(served: Served, stream: bool) -> None:
    model = Endless()
    with served.model(model):
        client = served.client()
        if stream:
            chunks = client.chat.completions.create(model="ragtree", messages=ASKED, stream=True)
            next(iter(chunks))
            until(model.begun.is_set)
            chunks.close()
        else:
            with pytest.raises(openai.APITimeoutError):
                client.with_options(timeout=1.5).chat.completions.create(model="ragtree", messages=ASKED)
        assert model.begun.is_set()
        until(model.closed.is_set, 10)
    until(lambda: served.app.state.turns._wanted == 0)


class Failing(ScriptedChat):
    """Fails after a sentence."""

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Any:
        yield f"{SAID} And "
        yield "then. "
        raise RuntimeError("the secret of /srv/model")


def test_a_stream_that_fails_ends_with_an_error(served: Served) -> None:
    with served.model(Failing(["Yes"])):
        with pytest.raises(openai.APIError, match="its log says why") as failed:
            list(served.client().chat.completions.create(model="ragtree", messages=ASKED, stream=True))
        assert failed.value.code == "server_error"
        assert "secret" not in str(failed.value.body)
        with pytest.raises(openai.InternalServerError):
            served.client().chat.completions.create(model="ragtree", messages=ASKED)


def test_an_answer_may_have_the_form_of_a_schema(served: Served) -> None:
    schema = {"type": "object", "properties": {"keeper": {"type": "string"}}, "required": ["keeper"]}
    wanted: Any = {"type": "json_schema", "json_schema": {"name": "keeper", "schema": schema}}
    client = served.client()
    with pytest.raises(openai.BadRequestError, match="needs a language model"):
        client.chat.completions.create(model="ragtree", messages=ASKED, response_format=wanted)
    with served.model(['{"keeper": "Abel Strake"}']):
        done = client.chat.completions.create(model="ragtree", messages=ASKED, response_format=wanted)
        chunks = client.chat.completions.create(model="ragtree", messages=ASKED, response_format=wanted, stream=True)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == done.choices[0].message.content
    assert json.loads(done.choices[0].message.content or "") == {"keeper": "Abel Strake"}
    told = done.choices[0].message.model_extra["ragtree"]  # type: ignore[index]
    assert told["fields"] == {"keeper": [1]}
    assert told["citations"][0]["source"] == "keeper.md"


def test_a_follow_up_may_have_the_form_of_a_schema(served: Served) -> None:
    schema = {"type": "object", "properties": {"year": {"type": "integer"}}, "required": ["year"]}
    wanted: Any = {"type": "json_schema", "json_schema": {"name": "year", "schema": schema}}
    messages: Any = [
        *ASKED,
        {"role": "assistant", "content": SAID},
        {"role": "user", "content": "And when did he come?"},
    ]
    with served.model(lambda _: '{"year": 1911}'):
        client = served.client()
        done = client.chat.completions.create(model="ragtree", messages=messages, response_format=wanted)
        with pytest.raises(openai.BadRequestError, match="the question is empty"):
            empty: Any = [{"role": "user", "content": ""}]
            client.chat.completions.create(model="ragtree", messages=empty, response_format=wanted)
        with pytest.raises(openai.BadRequestError, match="schema"):
            wrong: Any = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "year"}}}
            client.chat.completions.create(model="ragtree", messages=ASKED, response_format=wrong)
    told = done.choices[0].message.model_extra["ragtree"]  # type: ignore[index]
    assert told["question"] == f"And when did he come? ({QUESTION})"
    assert told["fields"] == {"year": [1]}


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        (b"{", None, "not JSON"),
        (b"[1]", None, "the body is"),
        ({}, "messages", "messages is missing"),
        ({"messages": []}, "messages", "a question of the user"),
        ({"messages": [{"role": "assistant", "content": "Hm."}]}, "messages", "a question of the user"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "5"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "'robot'"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
            "messages[0].content",
            "'image_url' cannot be read; send text",
        ),
        ({"messages": ASKED, "stream": "yes"}, "stream", "'yes'"),
        ({"messages": ASKED, "n": 2}, "n", "a question has one answer"),
        ({"messages": ASKED, "tool_choice": "required"}, "tool_choice", "tools are not called"),
        ({"messages": ASKED, "response_format": {"type": "json_object"}}, "response_format.type", "json_object"),
        ({"messages": ASKED, "response_format": {"type": "json_schema"}}, "response_format.json_schema", "missing"),
        ({"messages": [{"role": "user", "content": " "}]}, None, "the question is empty"),
        ({"messages": ASKED, "where": {"$or": []}}, None, "where has"),
        (b'{"messages": [{"role": "user", "content": "\\ud800"}]}', None, "not JSON"),
        (b"[" * 5000, None, "not JSON"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(served: Served, body: Any, field: str | None, said: str) -> None:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    reply = httpx.post(f"{served.url}/chat/completions", content=sent)
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert said in error["message"]
    assert (error["type"], error["param"]) == ("invalid_request_error", field)


def test_an_unknown_model_or_address_is_not_found(served: Served) -> None:
    with pytest.raises(openai.NotFoundError, match="the models are ragtree, ragtree/light, ragtree/ferry") as refused:
        served.client().chat.completions.create(model="gpt-4o", messages=ASKED)
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")
    reply = httpx.get(f"{served.url}/assistants")
    assert reply.status_code == 404
    assert reply.json()["error"]["type"] == "not_found_error"


def test_a_busy_server_says_when_to_come_back(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.app.state.turns, "_most", 0)
    for stream in (True, False):
        with pytest.raises(openai.RateLimitError) as refused:
            served.client().chat.completions.create(model="ragtree", messages=ASKED, stream=stream)
        assert refused.value.response.headers["retry-after"] == "5"
        assert refused.value.code == "rate_limit_exceeded"
