"""What every chat model promises."""

from __future__ import annotations

import json
import math
from collections.abc import Generator

import numpy as np
import pytest
from model_server import ANSWER

from ragtree.errors import ContextOverflowError, QueryError
from ragtree.llm.base import ChatModel, Message, OptionScorer, StructuredChatModel, choice_scores, complete
from ragtree.llm.scripted import ScriptedChat
from ragtree.llm.server_chat import ServerChat
from ragtree.settings import LlmSettings

ASK = [Message("system", "You answer in one sentence."), Message("user", "What is a lighthouse for?")]
CHOOSE = [Message("user", "Who lit the lamp?\nA. the keeper\nB. a gull\nC. the sea\nD. nobody at all\nThe letter:")]
LETTERS = ["A", "B", "C", "D"]
TEXTS = ["the keeper", "a gull", "the sea", "nobody at all"]


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


FORM = {
    "type": "object",
    "properties": {"light": {"enum": ["oil", "gas"]}, "feet": {"type": "integer"}},
    "required": ["light", "feet"],
}
ASK_FORM = [Message("user", 'The lamp burns oil and is 74 feet high. As JSON, {"light": ..., "feet": ...}:')]


@pytest.fixture
def structured(request: pytest.FixtureRequest, model: ChatModel) -> StructuredChatModel:
    if isinstance(model, ScriptedChat):
        model = ScriptedChat(['{"light": "oil", "feet": 74}'], context=1024)
    assert isinstance(model, StructuredChatModel)
    return model


def test_what_has_a_form_comes_in_pieces_and_fits_it(structured: StructuredChatModel) -> None:
    pieces = list(structured.stream_json(ASK_FORM, 40, FORM))
    assert len(pieces) > 1
    written = json.loads("".join(pieces))
    assert written.keys() == {"light", "feet"}
    assert written["light"] in ("oil", "gas")
    assert isinstance(written["feet"], int)


def test_a_closed_stream_of_json_leaves_the_model_usable(structured: StructuredChatModel, model: ChatModel) -> None:
    before = complete(model, ASK, 12)
    stream = structured.stream_json(ASK_FORM, 40, FORM)
    assert next(stream)
    stream.close()
    assert complete(model, ASK, 12) == before


def test_a_form_does_not_make_room(structured: StructuredChatModel) -> None:
    with pytest.raises(ContextOverflowError, match="1024"):
        list(structured.stream_json(ASK_FORM, 1024, FORM))


@pytest.fixture
def scorer(model: ChatModel) -> OptionScorer:
    assert isinstance(model, OptionScorer)
    return model


@pytest.fixture
def options(scorer: OptionScorer) -> list[str]:
    return TEXTS if scorer.scores_texts else LETTERS


def test_every_option_has_a_score(scorer: OptionScorer, options: list[str]) -> None:
    scores = scorer.score_options(CHOOSE, options)
    assert len(scores) == len(options)
    assert all(score.logprob < 0 and score.tokens >= 1 for score in scores)  # -inf is, not a number is not
    assert any(math.isfinite(score.logprob) for score in scores)
    assert len({score.logprob for score in scores}) > 1


def test_letters_can_be_scored_by_every_model(scorer: OptionScorer) -> None:
    scores = scorer.score_options(CHOOSE, LETTERS)
    assert [score.tokens for score in scores] == [1] * 4
    assert [score.per_token for score in scores] == [score.logprob for score in scores]


def test_the_scores_are_the_same_when_asked_again(scorer: OptionScorer, options: list[str]) -> None:
    assert scorer.score_options(CHOOSE, options) == scorer.score_options(CHOOSE, options)


def test_an_option_s_score_does_not_depend_on_the_others(scorer: OptionScorer, options: list[str]) -> None:
    scores = scorer.score_options(CHOOSE, options)
    order = [2, 0, 3, 1]
    assert scorer.score_options(CHOOSE, [options[at] for at in order]) == tuple(scores[at] for at in order)
    assert scorer.score_options(CHOOSE, options[:1]) == scores[:1]


def test_space_around_an_option_does_not_count(scorer: OptionScorer, options: list[str]) -> None:
    assert scorer.score_options(CHOOSE, [f" {option}\n" for option in options]) == scorer.score_options(CHOOSE, options)


def test_no_option_is_no_question(scorer: OptionScorer) -> None:
    with pytest.raises(QueryError, match="no option"):
        scorer.score_options(CHOOSE, [])


@pytest.mark.parametrize("empty", ["", " \n"])
def test_an_empty_option_is_refused_by_its_number(scorer: OptionScorer, empty: str) -> None:
    with pytest.raises(QueryError, match="option 2 of 3"):
        scorer.score_options(CHOOSE, ["A", empty, "B"])


def test_options_behind_a_prompt_over_the_context_are_refused(scorer: OptionScorer, options: list[str]) -> None:
    before = scorer.score_options(CHOOSE, options)
    with pytest.raises(ContextOverflowError, match="1024") as caught:
        scorer.score_options([Message("user", "word " * 1100)], options)
    assert "\n" not in str(caught.value)
    assert scorer.score_options(CHOOSE, options) == before


def test_answers_are_the_same_after_options_were_scored(
    model: ChatModel, scorer: OptionScorer, options: list[str]
) -> None:
    answer = complete(model, CHOOSE, 12)
    scorer.score_options(CHOOSE, options)
    assert complete(model, CHOOSE, 12) == answer


def test_a_choice_is_scored_by_texts_or_by_letters(scorer: OptionScorer) -> None:
    scores = choice_scores(scorer, CHOOSE, TEXTS)
    own = scorer.score_options(CHOOSE, TEXTS if scorer.scores_texts else LETTERS)
    assert scores.dtype == np.float64
    assert scores.tolist() == [score.logprob / score.tokens for score in own]
