"""What servers send beside, instead of or in the middle of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from speaking_server import Said, SpeakingServer, delta, events, streamed

from ragtree.errors import ModelError
from ragtree.llm.base import Message, UnfinishedError, complete, complete_whole, write
from ragtree.llm.server_chat import ServerChat
from ragtree.settings import LlmSettings

ASK = [Message("system", "You answer in one sentence."), Message("user", "How long is the mole?")]
SAID = "The mole is 90 feet long."
HMM = "The user asks of the mole."


def answer(said: Said, **settings: Any) -> str:
    with SpeakingServer(lambda _: said) as server:
        return complete_whole(ServerChat(server.url, "m", LlmSettings(retries=0, timeout=5, **settings)), ASK, 50)


def failure(said: Said) -> str:
    with pytest.raises(ModelError) as caught:
        answer(said)
    assert "\n" not in str(caught.value)
    return str(caught.value)


USAGE = {"object": "chat.completion.chunk", "choices": [], "usage": {"total_tokens": 9}}
PARTS = [
    {"type": "thinking", "thinking": [{"type": "text", "text": HMM}]},
    {"type": "text", "text": SAID},
]


@pytest.mark.parametrize(
    "said",
    [
        events(delta({"role": "assistant", "content": ""}), delta({"content": SAID}, "stop"), USAGE),
        events(delta({"content": SAID}), delta({}, "stop"), done=False),
        events(delta({"content": SAID})),
        events(": OPENROUTER PROCESSING\n\n", "event: message\n", delta({"content": SAID}), delta({}, "stop")),
        events(f"data:{json.dumps(delta({'content': SAID}))}\r\n\r\n", "data:[DONE]\r\n\r\n", done=False),
        events(delta({"content": None, "reasoning_content": HMM}), delta({"content": SAID}), delta({}, "stop")),
        events(delta({"reasoning": HMM, "content": ""}), delta({"content": SAID}), delta({}, "stop")),
        events(delta({"content": PARTS}), delta({}, "stop")),
        events(delta({"content": f"<think>{HMM}"}), delta({"content": f"</think>\n{SAID}"}), delta({}, "eos")),
        events(
            delta({"content": SAID[:9]}),
            delta({"content": SAID[9:]}),
            {"choices": [{"message": {"content": SAID}, "finish_reason": "stop"}]},
        ),
        events({"choices": None, "usage": {}}, delta({"content": SAID}, "stop")),
        Said({"choices": [{"message": {"content": SAID, "reasoning_content": HMM}, "finish_reason": "stop"}]}),
        Said(json.dumps({"choices": [{"message": {"content": PARTS}}]}, indent=2)),
    ],
)
def test_the_final_text_is_read_from_every_form_of_answer(said: Said) -> None:
    assert answer(said) == SAID


def test_a_line_ends_only_where_a_line_ends() -> None:
    odd = "one\u2028two\x85three\x0cfour"
    row = json.dumps(delta({"content": odd}), ensure_ascii=False)
    assert answer(events(f"data: {row}\n\n", delta({}, "stop"))) == odd


@pytest.mark.parametrize(
    "said",
    [
        streamed("The mole is 90 feet", reason=None, done=False),
        events(delta({"content": SAID}), 'data: {"choi', done=False),
        events(delta({"content": "The mole"}), ": ping\n\n", done=False),
    ],
)
def test_an_answer_without_an_end_is_an_error(said: Said) -> None:
    assert "broke off" in failure(said) or "OpenAI form" in failure(said)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (events(delta({"content": "The "}), {"error": {"message": "out of memory", "code": 500}}), "out of memory"),
        (events(delta({"content": "The "}), {"error": "out of memory"}), "out of memory"),
        (events(delta({"content": "The "}), 'event: error\ndata: {"message": "gone"}\n\n'), "gone"),
        (events({"object": "error", "message": "no such model", "code": 404}), "no such model"),
        (events(delta({"content": "The "}), {"choices": [{"delta": {}, "finish_reason": "error"}]}), "error"),
        (events(delta({"content": "The "}), delta({}, "content_filter")), "content_filter"),
        (Said({"error": {"message": "model is loading", "type": "unavailable"}}), "model is loading"),
        (Said("<html><title>Sign in</title></html>", headers={"Content-Type": "text/html"}), "web page"),
        (events({"choices": [3]}), "OpenAI form"),
        (events({"choices": [{"delta": "x"}]}), "OpenAI form"),
    ],
)
def test_an_error_inside_an_answer_is_reported(said: Said, told: str) -> None:
    assert told in failure(said)


@pytest.mark.parametrize(
    "said",
    [
        events(*[delta({"content": None, "reasoning_content": "Hm. "})] * 9, delta({}, "length")),
        events(*[delta({"content": "", "reasoning": "Hm. "})] * 9, delta({}, "length")),
        streamed(f"<think> {HMM}", "length"),
        Said({"choices": [{"message": {"content": None, "reasoning": HMM}, "finish_reason": "length"}]}),
    ],
)
def test_a_thought_until_the_limit_says_what_to_do(said: Said) -> None:
    message = failure(said)
    assert "only a thought until its limit of 50 tokens" in message
    assert "llm.thinking_tokens" in message and "llm.extra" in message


@pytest.mark.parametrize("said", [Said(""), Said(": ping - 12:00\n\n: ping - 12:15\n\n"), events(done=False)])
def test_an_answer_that_ends_before_its_first_word_is_reported(said: Said) -> None:
    assert "before the first word" in failure(said)


def test_an_answer_that_is_cut_off_is_known_by_its_reason() -> None:
    with SpeakingServer(lambda _: streamed(SAID, "length")) as server:
        model = ServerChat(server.url, "m", LlmSettings())
        written = write(model, ASK, 50)
        assert (written.text, written.ending.cut, written.is_whole) == (SAID, True, False)
        with pytest.raises(UnfinishedError, match="cut off after 50 tokens"):
            complete_whole(model, ASK, 50)


def test_a_model_that_thinks_is_given_room_for_it() -> None:
    with SpeakingServer(lambda _: streamed(SAID)) as server:
        model = ServerChat(server.url, "m", LlmSettings(context=4096, thinking_tokens=1000))
        assert model.context == 3096
        complete(model, ASK, 50)
        assert server.bodies[0]["max_tokens"] == 1050
