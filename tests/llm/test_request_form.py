"""What a server refuses of a request is asked for in another way, and that is remembered."""

from __future__ import annotations

from typing import Any

import pytest
from speaking_server import Asked, Said, SpeakingServer, streamed

from ragtree.errors import ModelError
from ragtree.llm.base import Message, complete
from ragtree.llm.server_chat import ServerChat
from ragtree.settings import LlmSettings

ASK = [Message("system", "You answer in one sentence."), Message("user", "How long is the mole?")]
SAID = "The mole is 90 feet long."


def told(message: str, status: int = 400) -> Said:
    return Said({"error": {"message": message, "type": "invalid_request_error"}}, status)


def asked_twice(server: SpeakingServer, **settings: Any) -> list[dict[str, Any]]:
    """The bodies that a server was sent for two questions, of which it has to answer both."""
    model = ServerChat(server.url, "m", LlmSettings(retries=0, timeout=5, **settings))
    assert complete(model, ASK, 50) == complete(model, ASK, 50) == SAID
    return server.bodies


def without(field: str, message: str, status: int = 400) -> SpeakingServer:
    """A server that does not know a field."""
    return SpeakingServer(lambda asked: told(message, status) if field in asked.body else streamed(SAID))


@pytest.mark.parametrize(
    ("field", "message", "status"),
    [
        ("seed", "property 'seed' is unsupported, did you mean 'top_p'?", 400),
        ("seed", "Unrecognized request argument supplied: seed", 400),
        (
            "seed",
            "[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted'}]",
            422,
        ),
        ("temperature", "Unsupported value: 'temperature' does not support 0 with this model.", 400),
        ("seed", "unexpected keyword argument: seed", 500),
    ],
)
def test_a_field_that_is_refused_is_left_out_from_then_on(field: str, message: str, status: int) -> None:
    with without(field, message, status) as server:
        bodies = asked_twice(server)
    assert [field in body for body in bodies] == [True, False, False]


def test_several_refusals_are_handled_in_turn() -> None:
    def answer(asked: Asked) -> Said:
        if "max_tokens" in asked.body:
            return told("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        if "temperature" in asked.body:
            return told("Unsupported value: 'temperature' does not support 0. Only the default (1) is supported.")
        return streamed(SAID)

    with SpeakingServer(answer) as server:
        bodies = asked_twice(server)
    assert len(bodies) == 4
    assert bodies[-1]["max_completion_tokens"] == 50


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("System role not supported", 400),
        ("Conversation roles must alternate user/assistant/user/assistant/...", 400),
        ("jinja2.exceptions.TemplateError: Only user and assistant roles are supported!", 500),
    ],
)
def test_what_the_system_says_moves_to_the_user_where_that_role_is_refused(message: str, status: int) -> None:
    def answer(asked: Asked) -> Said:
        return told(message, status) if asked.body["messages"][0]["role"] == "system" else streamed(SAID)

    with SpeakingServer(answer) as server:
        bodies = asked_twice(server)
    assert len(bodies) == 3
    assert bodies[-1]["messages"] == [{"role": "user", "content": f"{ASK[0].content}\n\n{ASK[1].content}"}]


def test_a_server_that_does_not_stream_is_asked_for_one_piece() -> None:
    def answer(asked: Asked) -> Said:
        if asked.body["stream"]:
            return told("Streaming is not supported by this model")
        return Said({"choices": [{"message": {"content": SAID}, "finish_reason": "stop"}]})

    with SpeakingServer(answer) as server:
        assert [body["stream"] for body in asked_twice(server)] == [True, False, False]


def test_the_first_refusal_is_told_where_nothing_helps() -> None:
    with SpeakingServer(lambda _: told("max_tokens is too large: the context has 40 tokens")) as server:
        with pytest.raises(ModelError, match="the context has 40 tokens"):
            complete(ServerChat(server.url, "m", LlmSettings(retries=0)), ASK, 50)
        assert len(server.requests) == 2


def test_more_fields_go_along_and_go_before_ours() -> None:
    extra = {"top_k": 20, "temperature": 0.6, "seed": None, "chat_template_kwargs": {"enable_thinking": False}}
    with SpeakingServer(lambda _: streamed(SAID)) as server:
        body = asked_twice(server, extra=extra)[0]
    assert body["top_k"] == 20 and body["temperature"] == 0.6 and "seed" not in body
    assert body["chat_template_kwargs"] == {"enable_thinking": False}


def test_a_field_of_the_user_s_own_is_never_left_out() -> None:
    with (
        without("temperature", "temperature is not supported") as server,
        pytest.raises(ModelError, match="temperature"),
    ):
        asked_twice(server, extra={"temperature": 0.6})


def test_log_probabilities_that_are_refused_are_asked_for_once() -> None:
    with without("logprobs", "logprobs is not supported by this model") as server:
        model = ServerChat(server.url, "m", LlmSettings(retries=0))
        for _ in range(3):
            with pytest.raises(ModelError, match="returns no log-probabilities"):
                model.score_options(ASK, ["Yes", "No"])
        assert len(server.requests) == 1


def test_a_server_that_tells_few_tokens_is_asked_for_few() -> None:
    def answer(asked: Asked) -> Said:
        if asked.body["top_logprobs"] > 5:
            return told("top_logprobs must be at most 5")
        first = {"token": "Yes", "logprob": -0.1, "top_logprobs": [{"token": "Yes", "logprob": -0.1}]}
        return Said({"choices": [{"message": {"content": "Yes"}, "logprobs": {"content": [first]}}]})

    with SpeakingServer(answer) as server:
        model = ServerChat(server.url, "m", LlmSettings(retries=0))
        assert model.score_options(ASK, ["Yes", "No"])[0].logprob == pytest.approx(-0.1)
        assert [body["top_logprobs"] for body in server.bodies] == [20, 5]


def test_a_question_with_a_lone_surrogate_is_sent() -> None:
    with SpeakingServer(lambda _: streamed(SAID)) as server:
        assert complete(ServerChat(server.url, "m", LlmSettings()), [Message("user", "How \ud83d long?")], 9) == SAID


@pytest.mark.parametrize("message", ["the system is overloaded", "stream closed before the first token"])
def test_a_server_that_is_busy_has_refused_nothing(message: str) -> None:
    answers = [told(message, 503)]
    with SpeakingServer(lambda asked: answers.pop() if answers else streamed(SAID)) as server:
        model = ServerChat(server.url, "m", LlmSettings(retries=0, timeout=5))
        with pytest.raises(ModelError, match="503"):
            complete(model, ASK, 50)
        assert complete(model, ASK, 50) == SAID
        assert [turn["role"] for turn in server.bodies[-1]["messages"]] == ["system", "user"]
        assert server.bodies[-1]["stream"]
