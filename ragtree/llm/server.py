"""A chat model behind an OpenAI-compatible server (llama-server, vLLM, Ollama)."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing

from ..errors import ModelError
from ..settings import LlmSettings
from ..tokens import count_tokens
from .base import JsonSchema, Message, OptionScore, check_fits, option_texts

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
"""What a server answers that may answer otherwise in a while."""
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
"""Seconds before a server is asked again: twice as many each time, or as many as it says."""
_TOLD = 20
"""Most likely first tokens that a server is asked for: the most that the OpenAI form and vLLM allow."""
_REFUSALS = frozenset({400, 404, 415, 422, 501})
"""What servers answer to a form of request that they do not know."""
_FORMS: tuple[Callable[[JsonSchema], Mapping[str, object]], ...] = (
    lambda schema: {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}},
    lambda schema: {"response_format": {"type": "json_object", "schema": schema}},
    lambda schema: {"response_format": {"type": "json_object"}},
    lambda schema: {},
)
"""Ways to ask for JSON, the strictest first: OpenAI's, which vLLM, llama-server and Ollama know too; that of
llama-cpp-python's server; JSON of any form; and only the prompt."""


class ServerChat:
    """`POST {url}/chat/completions`, streamed.

    The server does not tell its tokenizer, so tokens are counted by cl100k; `llm.context` says how much fits.
    """

    def __init__(self, url: str, model: str, settings: LlmSettings) -> None:
        self.name = f"{url}#{model}"
        self._url = url.rstrip("/")
        self._model = model
        self._settings = settings
        self.concurrency = settings.concurrency
        self._form = 0
        """The first of `_FORMS` that the server has not refused."""

    @property
    def context(self) -> int:
        return self._settings.context

    def count(self, text: str) -> int:
        return count_tokens(text)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        check_fits(self, messages, max_tokens)
        more = {"temperature": self._settings.temperature, "stream": True}
        with closing(self._lines(messages, max_tokens, more)) as lines:
            yield from self._pieces(lines)

    def stream_json(
        self, messages: Sequence[Message], max_tokens: int, schema: JsonSchema
    ) -> Generator[str, None, None]:
        """A server that refuses one way to ask for JSON is asked in the next one, and that is remembered."""
        check_fits(self, messages, max_tokens)
        for number in range(self._form, len(_FORMS)):
            more = {"temperature": self._settings.temperature, "stream": True, **_FORMS[number](schema)}
            try:
                with closing(self._lines(messages, max_tokens, more)) as lines:
                    for piece in self._pieces(lines):
                        self._form = number
                        yield piece
            except _RefusedError:
                if number == len(_FORMS) - 1:
                    raise
            else:
                return

    @property
    def scores_texts(self) -> bool:
        return False

    def score_options(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[OptionScore, ...]:
        """The options' shares among the tokens that the server tells as the most likely first ones of its answer.

        With and without a space before it is the same option. One that is not among them has a `logprob` of -inf.
        Raises ModelError too where none of them is, since a text of several tokens never could be.
        """
        texts = option_texts(options)
        check_fits(self, messages, 1)
        # At a temperature of 1 the probabilities are the model's own, wherever a server takes them from.
        more = {"temperature": 1.0, "stream": False, "logprobs": True, "top_logprobs": _TOLD}
        told = self._told("\n".join(self._lines(messages, 1, more)))
        scores = tuple(OptionScore(_together(told, text), 1) for text in texts)
        if all(score.logprob == -math.inf for score in scores):
            first = [token for token, _ in told[:5]]
            raise ModelError(
                f"{self._model!r} of {self._url} would begin its answer with {first}, and not with one of "
                f"{str(texts)[:100]}; let the question ask for a letter, or take another model"
            )
        return scores

    def _told(self, answer: str) -> list[tuple[str, float]]:
        """The most likely first tokens of an answer and their log-probabilities."""
        try:
            choice = json.loads(answer)["choices"][0]
            content = (choice.get("logprobs") or {}).get("content")
            told = [(str(one["token"]), float(one["logprob"])) for one in content[0]["top_logprobs"]] if content else []
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise ModelError(f"{self._url} did not answer in the OpenAI form: {answer[:200]!r}") from error
        if not told or not all(logprob < 1 for _, logprob in told):  # no number is not below 1 either
            raise ModelError(
                f"{self._url} tells no log-probabilities of {self._model!r} (top_logprobs), so it cannot choose among "
                "options; use llama-server, vLLM or a newer Ollama, or a GGUF file"
            )
        return told

    def _lines(
        self, messages: Sequence[Message], max_tokens: int, more: Mapping[str, object]
    ) -> Generator[str, None, None]:
        """The lines that the server answers to a chat. Raises ModelError where it does not.

        One that is busy, fails or does not answer in time is asked again (`llm.retries`), until its answer has begun.
        """
        body = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": max_tokens,
            "seed": self._settings.seed,
            **more,
        }
        for attempt in range(self._settings.retries + 1):
            begun = False
            try:
                with closing(self._asked(body)) as lines:
                    for line in lines:
                        begun = True
                        yield line
                return
            except _PassingError as failure:
                if begun or attempt == self._settings.retries:
                    raise ModelError(str(failure)) from failure.__cause__
                time.sleep(failure.wait or min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT))

    def _asked(self, body: Mapping[str, object]) -> Generator[str, None, None]:
        """The lines of one request."""
        import httpx

        try:
            with httpx.stream(
                "POST", f"{self._url}/chat/completions", json=body, timeout=self._settings.timeout
            ) as response:
                if response.is_error:
                    response.read()
                    told = (
                        f"{self._url} answered {response.status_code} to a chat with {self._model!r}: "
                        f"{response.text[:200]!r}"
                    )
                    if response.is_server_error and "response_format" in body and "response_format" in response.text:
                        raise _RefusedError(told)  # llama-cpp-python's says 500 to a form that it does not know
                    if response.status_code in _PASSING:
                        raise _PassingError(told, _wait_of(response.headers.get("retry-after", "")))
                    raise (_RefusedError if response.status_code in _REFUSALS else ModelError)(told)
                yield from response.iter_lines()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            told = f"no answer from {self._url}: {error}; is the server running?"
            if isinstance(
                error, httpx.TimeoutException | httpx.ReadError | httpx.WriteError | httpx.RemoteProtocolError
            ):
                raise _PassingError(told) from error
            raise ModelError(told) from error

    def _pieces(self, lines: Iterator[str]) -> Iterator[str]:
        """The text of server-sent events."""
        other = ""
        events = 0
        for line in lines:
            if not line.startswith("data:"):
                other = other or line
                continue
            events += 1
            data = line[len("data:") :].strip()
            if data == "[DONE]":
                return
            try:
                choices = json.loads(data)["choices"]
                piece = choices[0].get("delta", {}).get("content") if choices else None
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ModelError(f"{self._url} did not answer in the OpenAI form: {data[:200]!r}") from error
            if piece:
                yield piece
        if not events and not other:
            raise ModelError(
                f"{self._url} did not answer in the OpenAI form: its answer ended before the first word; is the prompt "
                "longer than its context? Lower llm.context to the server's"
            )
        if not events:  # a web page, or an answer in one piece: no silence in place of an answer
            raise ModelError(f"{self._url} did not answer in the OpenAI form: {other[:200]!r}")

    def close(self) -> None:
        """Nothing is held between two calls."""


class _RefusedError(ModelError):
    """The request has a form, or names a model, that the server does not know."""


class _PassingError(Exception):
    """What may be otherwise in a while; `wait` is for how many seconds the server asks, or 0."""

    def __init__(self, told: str, wait: float = 0.0) -> None:
        super().__init__(told)
        self.wait = wait


def _wait_of(header: str) -> float:
    """The seconds of a Retry-After header; 0 where it names none, or a date."""
    return min(float(header), _LONGEST_WAIT) if header.strip().isdigit() else 0.0


def _together(told: Sequence[tuple[str, float]], text: str) -> float:
    """The log-probability of all tokens that are the text but for the space around them."""
    same = sum(math.exp(logprob) for token, logprob in told if token.strip() == text)
    return min(math.log(same), 0.0) if same else -math.inf
