"""What a server does wrong is a ModelError of one line, for chat, for options and for embeddings."""

from __future__ import annotations

import json
import math
import socket
import time
from collections.abc import Callable

import pytest
from model_server import ANSWER, FIRST_TOKENS, FORM_ANSWER, ModelServer

from ragtree.embed.server_embedder import ServerEmbedder
from ragtree.errors import ModelError, SettingsError
from ragtree.llm.base import Message, complete, requests_at_once
from ragtree.llm.scripted import ScriptedChat
from ragtree.llm.server_chat import ServerChat
from ragtree.settings import EmbedSettings, LlmSettings

Call = Callable[[str], object]
SETTINGS = LlmSettings(timeout=5, retries=0)
CALLS: dict[str, Call] = {
    "chat": lambda url: complete(ServerChat(url, "m", SETTINGS), [Message("user", "Who?")], 9),
    "options": lambda url: ServerChat(url, "m", SETTINGS).score_options([Message("user", "Who?")], ["A", "B", "C"]),
    "embeddings": lambda url: ServerEmbedder(url, "m", EmbedSettings(batch=8), 5, 0).embed(["a text"]),
}


@pytest.fixture(params=CALLS)
def call(request: pytest.FixtureRequest) -> Call:
    return CALLS[request.param]


def failure(call: Call, url: str) -> str:
    with pytest.raises(ModelError) as caught:
        call(url)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("status", [404, 401, 500])
def test_an_error_of_the_server_is_told_with_its_status(call: Call, model_server: ModelServer, status: int) -> None:
    model_server.fault = (status, "model 'm'\nis not here")
    message = failure(call, model_server.url)
    assert str(status) in message
    assert "is not here" in message


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch, model_server: ModelServer) -> list[float]:
    """The waits that there would be between requests. Each is slept in parts, so that it can be ended."""
    waits: list[float] = []
    before = [0]
    """The requests that there were before the last wait."""

    def sleep(seconds: float) -> None:
        if waits and before[0] == len(model_server.requests):
            waits[-1] += seconds
        else:
            waits.append(seconds)
        before[0] = len(model_server.requests)

    monkeypatch.setattr(time, "sleep", sleep)
    return waits


def ask(url: str, **settings: object) -> str:
    return complete(ServerChat(url, "m", LlmSettings(timeout=5, **settings)), [Message("user", "Who?")], 9)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again_after_waits_that_double(
    model_server: ModelServer, no_waiting: list[float], status: int
) -> None:
    model_server.fault = (status, "busy")
    with pytest.raises(ModelError, match=str(status)):
        ask(model_server.url, retries=3)
    assert [round(wait, 1) for wait in no_waiting] == pytest.approx([0.44, 0.88, 1.75], rel=0.2)
    assert len(model_server.requests) == 4


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_request_that_is_wrong_is_not_made_again(
    model_server: ModelServer, no_waiting: list[float], status: int
) -> None:
    model_server.fault = (status, "no such model")
    with pytest.raises(ModelError, match=str(status)):
        ask(model_server.url, retries=3)
    assert (no_waiting, len(model_server.requests)) == ([], 1)


def test_an_answer_that_comes_at_the_second_try_is_whole(model_server: ModelServer) -> None:
    model_server.faults = 1
    model_server.fault = (503, "loading the model")
    assert ask(model_server.url, retries=1) == ANSWER
    assert len(model_server.requests) == 2


@pytest.mark.parametrize(("header", "wait"), [("7", 7.0), ("0.25", 0.25)])
def test_a_server_says_itself_how_long_to_wait(
    model_server: ModelServer, no_waiting: list[float], header: str, wait: float
) -> None:
    model_server.fault = (429, "slowly")
    model_server.headers = {"Retry-After": header}
    with pytest.raises(ModelError):
        ask(model_server.url, retries=1)
    assert no_waiting == [wait]


def test_a_server_with_a_long_retry_after_is_reported(model_server: ModelServer, no_waiting: list[float]) -> None:
    model_server.fault = (429, "the quota of the hour is used up")
    model_server.headers = {"Retry-After": "1800"}
    assert "asks to wait 1800 s" in failure(lambda url: ask(url, retries=3), model_server.url)
    assert (no_waiting, len(model_server.requests)) == ([], 1)


def test_a_server_that_does_not_answer_in_time_is_asked_again(no_waiting: list[float]) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        model = ServerChat(url, "m", LlmSettings(timeout=0.2, retries=1))
        with pytest.raises(ModelError, match="no answer from"):
            complete(model, [Message("user", "Who?")], 9)
    assert len(no_waiting) == 1


def test_what_breaks_off_in_the_middle_is_not_asked_again(model_server: ModelServer) -> None:
    """What was read before has been handed on."""
    good = json.dumps({"choices": [{"delta": {"content": "Half "}}]})
    model_server.fault = (200, f"data: {good}\n\ndata: nonsense\n\n")
    with pytest.raises(ModelError):
        ask(model_server.url, retries=3)
    assert len(model_server.requests) == 1


def test_a_server_may_be_asked_as_often_at_once_as_the_settings_say() -> None:
    assert requests_at_once(ServerChat("http://host/v1", "m", LlmSettings(concurrency=7))) == 7
    assert requests_at_once(ScriptedChat([""])) == 1


@pytest.mark.parametrize("body", ["<html>\nlogin please</html>", "", "{}", '{"data": 3}', "[1]", "data: nonsense\n\n"])
def test_an_answer_in_another_form_is_refused(call: Call, model_server: ModelServer, body: str) -> None:
    model_server.fault = (200, body)
    assert "OpenAI form" in failure(call, model_server.url)


def test_an_error_inside_the_stream_is_not_taken_for_an_end(model_server: ModelServer) -> None:
    good = json.dumps({"choices": [{"delta": {"content": "Half "}}]})
    model_server.fault = (200, f'data: {good}\n\ndata: {{"error": "out of memory"}}\n\n')
    assert "out of memory" in failure(CALLS["chat"], model_server.url)


def test_a_server_that_does_not_run_is_told_with_its_address(call: Call) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    message = failure(call, url)
    assert url in message
    assert "is the server running?" in message


def test_an_address_that_is_none_is_refused(call: Call) -> None:
    with pytest.raises(SettingsError, match="wanted is"):
        call("http://host:port/v1")


def test_a_wrong_number_of_vectors_is_refused(model_server: ModelServer) -> None:
    model_server.fault = (200, '{"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1]}]}')
    assert "2 vectors for 1 texts" in failure(CALLS["embeddings"], model_server.url)


def test_vectors_that_change_their_length_are_refused(model_server: ModelServer) -> None:
    embedder = ServerEmbedder(model_server.url, "m", EmbedSettings(batch=8))
    embedder.embed(["a text"])
    model_server.dimension = 32
    with pytest.raises(ModelError, match="different lengths"):
        embedder.embed(["another"])


def test_what_is_asked_is_what_the_settings_say(model_server: ModelServer) -> None:
    CALLS["chat"](model_server.url)
    path, body = model_server.requests[-1]
    assert path == "/v1/chat/completions"
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "Who?"}],
        "max_tokens": 9,
        "temperature": 0.0,
        "seed": 0,
        "stream": True,
    }


def test_texts_are_sent_in_batches(model_server: ModelServer) -> None:
    ServerEmbedder(model_server.url, "m", EmbedSettings(batch=2)).embed(["a", "bb", "ccc", "dddd", "eeeee"])
    assert sorted(len(body["input"]) for _, body in model_server.requests) == [1, 2, 2]


def test_options_are_asked_for_as_the_first_token_alone(model_server: ModelServer) -> None:
    CALLS["options"](model_server.url)
    path, body = model_server.requests[-1]
    assert path == "/v1/chat/completions"
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "Who?"}],
        "max_tokens": 1,
        "temperature": 1.0,
        "seed": 0,
        "stream": False,
        "logprobs": True,
        "top_logprobs": 20,
    }


def test_a_letter_has_the_probability_of_all_its_tokens_and_others_none(model_server: ModelServer) -> None:
    first, second, third = ServerChat(model_server.url, "m", SETTINGS).score_options([], ["A", "B", "C"])
    assert math.exp(first.logprob) == pytest.approx(math.exp(FIRST_TOKENS[" A"]) + math.exp(FIRST_TOKENS["A"]))
    assert second.logprob == pytest.approx(FIRST_TOKENS["B"])
    assert third.logprob == -math.inf


def told(*tokens: object) -> str:
    """What a server answers that tells these first tokens."""
    return json.dumps({"choices": [{"message": {}, "logprobs": {"content": [{"top_logprobs": tokens}]}}]})


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"choices": [{"message": {"content": "B"}}]}),
        json.dumps({"choices": [{"message": {"content": "B"}, "logprobs": None}]}),
        json.dumps({"choices": [{"message": {"content": "B"}, "logprobs": {"content": []}}]}),
        told(),
        told({"token": "A", "logprob": math.nan}),
        told({"token": "A", "logprob": math.inf}),
    ],
)
def test_a_server_that_tells_no_log_probabilities_is_named(model_server: ModelServer, body: str) -> None:
    model_server.fault = (200, body)
    message = failure(CALLS["options"], model_server.url)
    assert "returns no log-probabilities" in message
    assert "llama-server" in message


@pytest.mark.parametrize(
    "body", [told({"token": "A"}), told({"logprob": -1}), told("A"), told({"token": 1, "logprob": "x"})]
)
def test_log_probabilities_in_another_form_are_refused(model_server: ModelServer, body: str) -> None:
    model_server.fault = (200, body)
    assert "OpenAI form" in failure(CALLS["options"], model_server.url)


@pytest.mark.parametrize("body", ['data: {"choices": []}\n\n', told({"token": "A"}), told()])
def test_a_server_that_tells_no_log_probabilities_is_asked_once(model_server: ModelServer, body: str) -> None:
    model_server.fault = (200, body)
    model = ServerChat(model_server.url, "m", SETTINGS)
    for _ in range(3):
        with pytest.raises(ModelError):
            model.score_options([Message("user", "Who?")], ["A", "B"])
    assert len(model_server.requests) == 1


def test_a_model_that_would_not_say_a_letter_is_shown_with_what_it_would_say(model_server: ModelServer) -> None:
    model_server.fault = (200, told({"token": "The\n", "logprob": -0.1}, {"token": "AB", "logprob": -3}))
    message = failure(CALLS["options"], model_server.url)
    assert "'The\\n', 'AB'" in message
    assert "ask for a letter" in message


def test_a_token_that_is_as_good_as_impossible_is_not_told(model_server: ModelServer) -> None:
    model_server.fault = (200, told({"token": "A", "logprob": 0.0}, {"token": "B", "logprob": -9999.0}))
    first, second = ServerChat(model_server.url, "m", SETTINGS).score_options([], ["A", "B"])
    assert (first.logprob, second.logprob) == (0.0, -math.inf)


FORM = {"type": "object", "properties": {"feet": {"type": "integer"}}, "required": ["feet"]}


def forms_asked(model_server: ModelServer) -> list[object]:
    """The types of the forms that were asked for, None where there was none."""
    return [body.get("response_format", {}).get("type") for _, body in model_server.requests]


def ask_json(model: ServerChat) -> str:
    return "".join(model.stream_json([Message("user", "How high?")], 9, FORM)).strip()


@pytest.mark.parametrize(
    ("refused", "asked"),
    [
        (set(), ["json_schema"]),
        ({"json_schema"}, ["json_schema", "json_object"]),
        ({"json_schema", "json_object"}, ["json_schema", "json_object", "json_object", None]),
    ],
)
def test_a_form_that_a_server_refuses_is_asked_for_in_another_way(
    model_server: ModelServer, refused: set[str], asked: list[object]
) -> None:
    model_server.refused = refused
    model = ServerChat(model_server.url, "m", LlmSettings(retries=0))
    assert ask_json(model) == (FORM_ANSWER if asked[-1] else ANSWER)
    assert forms_asked(model_server) == asked
    ask_json(model)  # and what it knows is remembered
    assert forms_asked(model_server) == [*asked, asked[-1]]


def test_the_form_is_sent_whole(model_server: ModelServer) -> None:
    model_server.refused = {"json_schema"}
    ask_json(ServerChat(model_server.url, "m", LlmSettings()))
    first, second = (body["response_format"] for _, body in model_server.requests)
    assert first["json_schema"]["schema"] == second["schema"] == FORM
    assert first["json_schema"]["name"]


def test_a_server_that_refuses_everything_is_told_once(model_server: ModelServer) -> None:
    model_server.fault = (404, "model 'm' not found")
    message = failure(lambda url: ask_json(ServerChat(url, "m", LlmSettings())), model_server.url)
    assert "404" in message
    assert "not found" in message
    model_server.fault = (401, "no key")
    before = len(model_server.requests)
    assert "401" in failure(lambda url: ask_json(ServerChat(url, "m", LlmSettings())), model_server.url)
    assert len(model_server.requests) == before + 1
