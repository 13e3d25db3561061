"""What every chat model promises."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from model_server import ANSWER

from ragtree.errors import ContextOverflowError
from ragtree.llm.base import ChatModel, Message, complete
from ragtree.llm.scripted import ScriptedChat
from ragtree.llm.server import ServerChat
from ragtree.settings import LlmSettings

ASK = [Message("system", "You answer in one sentence."), Message("user", "What is a lighthouse for?")]


@pytest.fixture(params=["llama_cpp", "server", "scripted"])
def model(request: pytest.FixtureRequest) -> ChatModel:
    if request.param == "llama_cpp":
        return request.getfixturevalue("bundled_chat")
    if request.param == "scripted":
        return ScriptedChat([ANSWER], context=1024)
    return ServerChat(request.getfixturevalue("model_server").url, "echo", LlmSettings(context=1024))


def test_the_answer_comes_in_pieces(model: ChatModel) -> None:
    pieces = list(model.stream(ASK, 12))
    assert len(pieces) > 1
    assert all(pieces)


def test_the_answer_is_the_same_when_asked_again(model: ChatModel) -> None:
    assert complete(model, ASK, 12) == complete(model, ASK, 12) != ""


def test_an_answer_stops_at_its_most_tokens(model: ChatModel) -> None:
    assert 1 <= len(list(model.stream(ASK, 2))) <= 2


def test_a_closed_stream_leaves_the_model_usable(model: ChatModel) -> None:
    before = complete(model, ASK, 12)
    stream = model.stream(ASK, 12)
    assert isinstance(stream, Generator)
    assert next(stream)
    stream.close()
    assert list(stream) == []
    assert complete(model, ASK, 12) == before


def test_a_prompt_over_the_context_is_refused_with_both_numbers(model: ChatModel) -> None:
    with pytest.raises(ContextOverflowError, match="1024") as caught:
        complete(model, [Message("user", "word " * 1100)], 12)
    assert "\n" not in str(caught.value)
    assert complete(model, ASK, 12)


def test_room_for_the_answer_is_part_of_the_context(model: ChatModel) -> None:
    with pytest.raises(ContextOverflowError):
        complete(model, ASK, 1024)


def test_longer_texts_count_more_tokens_and_none_is_nothing(model: ChatModel) -> None:
    assert model.count("") == 0
    assert 0 < model.count("one word") < model.count("one word and some more of them")
    assert model.count("word " * 100) >= 100


def test_role_marks_in_a_text_are_counted_as_text(model: ChatModel) -> None:
    assert model.count("<|im_start|>") > 1


def test_closing_twice_does_no_harm(model: ChatModel) -> None:
    if model.name != "SmolLM2-135M-Instruct":  # the session's; llm/test_llama_cpp.py closes one of its own
        model.close()
        model.close()
    assert model.name


def test_context_is_what_the_settings_say(model: ChatModel) -> None:
    assert model.context == 1024
