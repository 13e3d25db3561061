"""A GGUF model in this process, through llama-cpp-python."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

from ..errors import MissingExtraError, ModelError
from ..lazy import lazy_property
from ..processes import LLAMA_CPP, ProcessBound
from ..settings import LlmSettings
from ..stopping import check_wanted
from .amx import plain_buffers_on_amx
from .base import Ending, JsonSchema, Message, OptionScore, check_fits, check_room, option_texts, without_system
from .grammar import json_grammar
from .likelihood import PromptListener, log_probabilities, tokens_behind
from .thoughts import opened_at_the_end

_BATCH = 64
"""Prompt tokens read in one call. A stop or Ctrl-C takes effect between two calls: within about a second, with 1.5
billion parameters on two cores. Batches of 128 and 256 are no faster there."""

_TAIL = 16
"""Tokens at the end of a prompt that are searched for the opening tag of a thought."""


class LlamaCpp(ProcessBound):
    """One GGUF file.

    The beginning of a prompt is read as a batch of its own, and its KV state is kept for the next call that begins in
    the same way. The beginning is what comes before the user's first words (the system message in its chat template),
    and what the user's message shares with the next prompts (`Message.shared`). A prompt is always cut in the same
    place, whether that state was there or not: a token that is read alone is rounded differently from one in a batch,
    so reusing whatever two prompts have in common, as llama.cpp does by itself, would give other answers.
    """

    def __init__(self, name: str, path: Path, settings: LlmSettings, temperature: float = 0.0) -> None:
        """`temperature` says how freely the model chooses words, 0 to 2; 0 is repeatable."""
        self.name = name
        self._temperature = temperature
        self._path = path
        self._settings = settings
        self._speaking = threading.Lock()
        self._kept: tuple[Any, list[int]] = (None, [])
        """The model, and the tokens that it has read before any others."""

    @lazy_property
    def _model(self) -> Any:
        LLAMA_CPP.use()
        try:
            from llama_cpp import Llama
        except ImportError as error:
            raise MissingExtraError("llama-cpp-python, which runs GGUF models,", "local") from error
        self._check_file()
        settings = self._settings
        try:
            with plain_buffers_on_amx():
                return _stoppable(Llama)(
                    str(self._path),
                    n_ctx=settings.context,
                    n_batch=_BATCH,
                    n_threads=settings.threads or None,
                    n_threads_batch=settings.threads or None,
                    n_gpu_layers=settings.gpu_layers,
                    seed=0,
                    verbose=False,
                )
        except (ValueError, OSError, RuntimeError) as error:
            raise ModelError(
                f"{self._path} could not be loaded as a GGUF model ({error}); the file may be cut short "
                f"({self._path.stat().st_size / 1e6:.0f} MB): get it again"
            ) from error

    def _check_file(self) -> None:
        if not self._path.is_file():
            raise ModelError(f"there is no model file {self._path}; name a GGUF file that exists, or bundled")
        with self._path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ModelError(f"{self._path} is not a GGUF file; llama.cpp reads no other format")

    @property
    def context(self) -> int:
        return int(self._model.n_ctx()) - self._settings.thinking_tokens

    def count(self, text: str) -> int:
        return len(self._model.tokenize(text.encode("utf-8", "replace"), add_bos=False, special=False))

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, Ending | None]:
        return (yield from self._stream(messages, max_tokens, None))

    def stream_json(
        self, messages: Sequence[Message], max_tokens: int, schema: JsonSchema
    ) -> Generator[str, None, Ending | None]:
        """The schema becomes a grammar, so that the model can write neither an invalid token nor a thought."""
        self._model  # noqa: B018 - reports a missing llama.cpp before its grammar is needed
        return (yield from self._stream(messages, max_tokens, json_grammar(schema)))

    def _stream(self, messages: Sequence[Message], max_tokens: int, grammar: Any) -> Generator[str, None, Ending]:
        check_fits(self, messages, max_tokens)
        most = max_tokens + (self._settings.thinking_tokens if grammar is None else 0)
        reason = None
        with self._turn() as model:
            # A template can add more than was estimated, such as a system message of its own.
            prompt = self._prompt(model, messages)
            check_room(len(prompt) + most, model.n_ctx())
            if grammar is None:
                yield from self._opened_thought(model, prompt)
            self._read_beginning(model, messages, prompt)
            for chunk in self._begin(model, messages, most, grammar):
                choice = chunk["choices"][0]
                reason = choice.get("finish_reason") or reason
                piece = choice["delta"].get("content")
                if piece:
                    yield piece
                if not self._is_current(model):
                    raise ModelError(f"{self.name} was closed while it wrote")
        return Ending(cut=reason == "length")

    def _opened_thought(self, model: Any, prompt: Sequence[int]) -> Iterator[str]:
        """The opening tag of a thought, if the chat template ends with it; the model writes only the closing one."""
        tail = model.detokenize(list(prompt[-_TAIL:]), special=True).decode("utf-8", "replace")
        mark = opened_at_the_end(tail)
        if mark:
            yield mark

    @property
    def scores_texts(self) -> bool:
        return True

    def score_options(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[OptionScore, ...]:
        """Reads the prompt once, and every option after it as the model's own words (`tokens_behind`)."""
        texts = [text.encode("utf-8", "replace") for text in option_texts(options)]
        with self._turn() as model:
            prompt = self._prompt(model, messages)
            cut = [tokens_behind(model, prompt, text) for text in texts]
            check_room(len(prompt) + max(map(len, cut)), model.n_ctx())
            if any(message.shared for message in messages):
                self._read_beginning(model, messages, prompt)
            else:
                self._forget(model)
            logprobs = log_probabilities(model, prompt, cut)
        return tuple(OptionScore(logprob, len(tokens)) for tokens, logprob in zip(cut, logprobs, strict=True))

    @contextmanager
    def _turn(self) -> Iterator[Any]:
        """The model for this caller alone. Raises ModelError if another caller keeps it too long."""
        model = self._model
        # A plain lock, not a re-entrant one: a web server may read a stream in another thread than began it.
        if not self._speaking.acquire(timeout=self._settings.timeout):
            raise ModelError(
                f"{self.name} has been writing another answer for {self._settings.timeout:.0f} s (llm.timeout); "
                "read that stream to its end, or close it"
            )
        try:
            yield model
        finally:
            if not self._is_current(model):
                model.close()
            self._speaking.release()

    def _is_current(self, model: Any) -> bool:
        """False after `close`."""
        return self.__dict__.get("_model") is model

    def _forget(self, model: Any) -> None:
        """Make the model forget all that it has read."""
        self._kept = (None, [])
        model.reset()

    def _read_beginning(self, model: Any, messages: Sequence[Message], prompt: Sequence[int]) -> None:
        """Make sure that the model has read the fixed beginning of the prompt, and nothing after it."""
        beginning = [] if _forgets_all_or_nothing(model) else self._beginning(model, messages, prompt)
        if not beginning or self._kept != (model, beginning):
            self._forget(model)
            if beginning:
                model.eval(beginning)
                self._kept = (model, beginning)
        model.n_tokens = len(beginning)

    def _beginning(self, model: Any, messages: Sequence[Message], prompt: Sequence[int]) -> list[int]:
        """The first tokens of a prompt that stay the same whatever the user says after the shared part."""
        system = [message for message in messages[:1] if message.role == "system"]
        user = next((message for message in messages if message.role == "user"), Message("user", ""))
        shared = user.content[: user.shared]
        others = [self._prompt(model, [*system, Message("user", shared + said)]) for said in ("0", "?")]
        same = takewhile(lambda tokens: len(set(tokens)) == 1, zip(prompt, *others, strict=False))
        return [tokens[0] for tokens in same]

    def _prompt(self, model: Any, messages: Sequence[Message]) -> list[int]:
        """The tokens of the messages in the model's chat template."""
        listener = PromptListener(model)
        self._begin(listener, messages, max_tokens=1)
        return listener.prompt

    def _begin(self, model: Any, messages: Sequence[Message], max_tokens: int, grammar: Any = None) -> Iterator[Any]:
        """Start to write. For a chat template that refuses a system role or requires alternating roles, the system text
        precedes the user's."""
        from jinja2 import TemplateError

        first: Exception | None = None
        for attempt in (list(messages), without_system(messages)):
            try:
                begun: Iterator[Any] = model.create_chat_completion(
                    [{"role": message.role, "content": message.content} for message in attempt],
                    max_tokens=max_tokens,
                    temperature=self._temperature,
                    seed=0,
                    stream=True,
                    grammar=grammar,
                )
            except (ValueError, RuntimeError, TemplateError) as error:
                first = first or error
            else:
                return begun
        raise ModelError(f"the chat template of {self.name} cannot be used: {first}") from first

    def close(self) -> None:
        model = self.__dict__.pop("_model", None)  # the next call loads it again
        # An open stream still needs the memory, and frees it when it ends.
        if model is not None and self._speaking.acquire(blocking=False):
            model.close()
            self._speaking.release()


def _stoppable(llama: type[Any]) -> type[Any]:
    """A class like llama-cpp-python's that stops between two batches of a prompt if the answer is no longer wanted."""

    class Stoppable(llama):  # type: ignore[misc]  # it has no types
        def eval(self, tokens: Sequence[int]) -> None:
            """Read more tokens after those read so far. Raises Stopped."""
            for start in range(0, len(tokens), _BATCH):
                check_wanted()
                super().eval(tokens[start : start + _BATCH])

    return Stoppable


def _forgets_all_or_nothing(model: Any) -> bool:
    """True for a model with a recurrent state, which cannot go back to the middle of what it has read."""
    return bool(getattr(model, "_is_recurrent", False) or getattr(model, "_is_hybrid", False))
