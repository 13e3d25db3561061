"""Responses, asked by OpenAI's own client of a running server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from endless import Endless
from openai_server import QUESTION, SAID, Served, serving, until
from pydantic import BaseModel
from test_openai_chat import Failing


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as found:
        yield found


def test_a_response_has_the_search_and_the_cited_text(served: Served) -> None:
    client = served.client()
    done = client.responses.create(model="ragtree/light", input=QUESTION, instructions="Answer in verse.")
    search, message = done.output
    assert search.type == "file_search_call"
    assert (search.status, search.queries, search.results) == ("completed", [QUESTION], None)
    assert message.type == "message"
    text = message.content[0]
    assert text.type == "output_text"
    assert text.text == done.output_text
    citation = text.annotations[0]
    assert citation.type == "file_citation"
    assert citation.filename == "keeper.md"
    assert text.text[citation.index :].startswith("[1]")
    assert "Abel Strake" in client.files.content(citation.file_id).text
    assert message.model_extra["ragtree"]["citations"][0]["file_id"] == citation.file_id  # type: ignore[index]
    assert done.status == "completed"
    assert done.model == "ragtree/light"


def test_results_come_if_they_are_wanted(served: Served) -> None:
    done = served.client().responses.create(
        model="ragtree", input=QUESTION, include=["file_search_call.results"], tools=[]
    )
    search = done.output[0]
    assert search.type == "file_search_call"
    assert search.results
    best = search.results[0]
    assert best.filename == "keeper.md"
    assert "Abel Strake" in (best.text or "")
    assert best.score is not None
    assert (best.text or "") in served.client().files.content(best.file_id or "").text


def test_a_stream_has_the_events_that_the_client_knows(served: Served) -> None:
    with served.model(["Yes", SAID, "Yes", SAID]):
        client = served.client()
        whole = client.responses.create(model="ragtree", input=QUESTION, include=["file_search_call.results"])
        with client.responses.stream(model="ragtree", input=QUESTION, include=["file_search_call.results"]) as stream:
            events = list(stream)
            final = stream.get_final_response()
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    for kind in (
        "response.output_item.added",
        "response.file_search_call.searching",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.annotation.added",
        "response.output_text.done",
        "response.output_item.done",
    ):
        assert kind in kinds
    assert [event.sequence_number for event in events] == list(range(len(events)))
    said = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert said == final.output_text == whole.output_text == f"{SAID} [1]"
    assert final.usage == whole.usage
    assert final.output[1].content[0].annotations == whole.output[1].content[0].annotations  # type: ignore[union-attr]
    assert final.output[0].results == whole.output[0].results  # type: ignore[union-attr]


def test_a_follow_up_names_the_response_before(served: Served) -> None:
    client = served.client()
    first = client.responses.create(model="ragtree", input=QUESTION)
    second = client.responses.create(model="ragtree", input="And when did he come?", previous_response_id=first.id)
    third = client.responses.create(
        model="ragtree",
        input=[
            {"role": "user", "content": QUESTION},
            *[one.to_dict() for one in first.output],  # type: ignore[list-item]
            {"role": "user", "content": [{"type": "input_text", "text": "And when did he come?"}]},
        ],
    )
    for done in (second, third):
        assert QUESTION in done.output[0].queries[0]  # type: ignore[union-attr]
    assert second.previous_response_id == first.id
    assert second.output_text == third.output_text


def test_a_response_that_is_not_kept_cannot_be_gone_on_from(served: Served) -> None:
    client = served.client()
    first = client.responses.create(model="ragtree", input=QUESTION, store=False)
    for key in (first.id, "resp_1"):
        with pytest.raises(openai.BadRequestError, match="send the earlier messages in `input`") as refused:
            client.responses.create(model="ragtree", input="And why?", previous_response_id=key)
        assert refused.value.code == "previous_response_not_found"
        assert refused.value.param == "previous_response_id"


def test_the_tool_names_the_collection_and_the_filter(served: Served) -> None:
    client = served.client()
    tool: Any = {"type": "file_search", "vector_store_ids": ["vs_ferry"]}
    done = client.responses.create(model="ragtree", input="Who commands the ferry Marigold?", tools=[tool])
    assert "Captain Dace" in done.output_text
    tool = {
        "type": "file_search",
        "vector_store_ids": ["vs_light"],
        "filters": {"type": "eq", "key": "source", "value": "oil.txt"},
    }
    done = client.responses.create(
        model="ragtree/light",
        input=QUESTION,
        tools=[tool],
        include=["file_search_call.results"],
        tool_choice="required",
    )
    assert {one.filename for one in done.output[0].results} == {"oil.txt"}  # type: ignore[union-attr]
    for wrong in (["vs_light"], ["vs_light", "vs_ferry"]):
        with pytest.raises(openai.BadRequestError, match="ragtree/ferry cannot search"):
            client.responses.create(
                model="ragtree/ferry", input=QUESTION, tools=[{"type": "file_search", "vector_store_ids": wrong}]
            )


def test_a_response_may_have_the_form_of_a_class(served: Served) -> None:
    class Keeper(BaseModel):
        keeper: str

    with served.model(['{"keeper": "Abel Strake"}']):
        done = served.client().responses.parse(model="ragtree", input=QUESTION, text_format=Keeper)
    assert done.output_parsed == Keeper(keeper="Abel Strake")


def test_the_model_stops_when_the_async_client_leaves(served: Served) -> None:
    model = Endless()

    async def ask() -> None:
        async with served.async_client() as client:
            stream = await client.responses.create(model="ragtree", input=QUESTION, stream=True)
            async for event in stream:
                if event.type == "response.content_part.added":
                    break
            await asyncio.to_thread(until, model.begun.is_set)
            await stream.close()

    with served.model(model):
        asyncio.run(ask())
        until(model.closed.is_set, 10)
    until(lambda: served.app.state.turns._wanted == 0)


def test_a_stream_that_fails_says_so(served: Served) -> None:
    with served.model(Failing(["Yes"])):
        events = list(served.client().responses.create(model="ragtree", input=QUESTION, stream=True))
    error, last = events[-2:]
    assert error.type == "error"
    assert error.code == "server_error"
    assert last.type == "response.failed"
    assert last.response.error is not None
    assert "its log says why" in last.response.error.message
    assert "secret" not in last.to_json()


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({}, "input", "input is missing"),
        ({"input": 7}, "input", "wanted is text or a list of messages"),
        ({"input": [{"type": []}]}, "input", "type [] cannot be read"),
        ({"input": [[]]}, "input", "cannot be read; send messages"),
        ({"input": []}, "input", "a question of the user"),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, "input", "'function_call_output'"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]},
            "input[0].content",
            "send text",
        ),
        ({"input": "x", "background": True}, "background", "not possible"),
        ({"input": "x", "tool_choice": {"type": "function", "name": "f"}}, "tool_choice", "file_search"),
        ({"input": "x", "text": {"format": {"type": "json_object"}}}, "text.format.type", "json_object"),
        (
            {"input": "x", "tools": [{"type": "file_search", "filters": {"type": "near"}}]},
            "tools[0].filters",
            "'near'",
        ),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(served: Served, body: Any, field: str, said: str) -> None:
    reply = httpx.post(f"{served.url}/responses", json=body)
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert said in error["message"]
    assert error["param"] == field
