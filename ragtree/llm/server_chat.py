"""A chat model behind OpenAI-compatible servers (llama-server, vLLM, Ollama, OpenAI's own)."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from ..model_server import AnswerFormError, ServerError, UnreachableError
from ..model_servers import ModelServers
from ..settings import LlmSettings
from ..text.tokens import count_tokens
from .base import Ending, JsonSchema, Message, OptionScore, check_fits, option_texts
from .request_form import RequestForm
from .server_answer import ServerAnswer, first_tokens

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI


class ServerChat:
    """`POST {url}/chat/completions`, streamed. Several addresses are servers with the same model.

    The server's tokenizer is unknown, so tokens are counted with cl100k; `llm.context` says how many fit. If the server
    refuses a part of a request, it is sent in another form, which is remembered (`RequestForm`).
    """

    def __init__(self, url: str, model: str, settings: LlmSettings, name: str = "") -> None:
        """`url` is one address, or several with commas in between. `name` is the name under which an index knows the
        model; empty is one that its address makes."""
        self._servers = ModelServers(url, settings.key_variable, settings.timeout, settings.retries)
        self.name = name or f"{self._servers.address}#{model}"
        self._model = model
        self._settings = settings
        self.concurrency = settings.concurrency * len(self._servers)
        self._form = RequestForm(settings.extra)
        self._tells_logprobs = True

    @property
    def context(self) -> int:
        return self._settings.context - self._settings.thinking_tokens

    def count(self, text: str) -> int:
        return count_tokens(text)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, Ending | None]:
        check_fits(self, messages, max_tokens)
        more = {"temperature": 0.0, "stream": True}
        return (yield from self._answer(messages, max_tokens + self._settings.thinking_tokens, more))

    def stream_json(
        self, messages: Sequence[Message], max_tokens: int, schema: JsonSchema
    ) -> Generator[str, None, Ending | None]:
        """Requests JSON in the strictest form that the server has not refused."""
        check_fits(self, messages, max_tokens)
        more = {"temperature": 0.0, "stream": True, "response_format": schema}
        return (yield from self._answer(messages, max_tokens + self._settings.thinking_tokens, more))

    @property
    def scores_texts(self) -> bool:
        return False

    def score_options(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[OptionScore, ...]:
        """The log-probabilities of the options among the most likely first tokens that the server returns.

        Tokens that differ only in the space around them are the same option. An option that is not among the tokens has
        a `logprob` of -inf. Raises ModelError if none is, because a text of several tokens never can be.
        """
        texts = option_texts(options)
        check_fits(self, messages, 1)
        told = self._first_tokens(messages)
        scores = tuple(OptionScore(_together(told, text), 1) for text in texts)
        if all(score.logprob == -math.inf for score in scores):
            first = [token for token, _ in told[:5]]
            raise ModelError(
                f"{self._model!r} of {self._servers.url} would begin its answer with {first}, not with one of "
                f"{str(texts)[:100]}; let the question ask for a letter, or take another model"
            )
        return scores

    def _first_tokens(self, messages: Sequence[Message]) -> list[tuple[str, float]]:
        """The most likely first tokens of an answer and their log-probabilities."""
        told: list[tuple[str, float]] = []
        if self._tells_logprobs:
            # At a temperature of 1 the probabilities are the model's own, wherever a server takes them from.
            more = {"temperature": 1.0, "stream": False, "logprobs": True, "top_logprobs": 20}
            try:
                with closing(self._asked(messages, 1, more)) as answer:
                    told = first_tokens(answer)
            except ServerError as error:
                if "logprobs" not in error.said:
                    raise
            except AnswerFormError:  # such as a server that always streams
                self._tells_logprobs = False
                raise
        self._tells_logprobs = bool(told)
        if not told:
            raise ModelError(
                f"{self._servers.url} returns no log-probabilities for {self._model!r} (top_logprobs), so it cannot "
                "choose among options; use llama-server, vLLM or a newer Ollama, or a GGUF file"
            )
        return told

    def _answer(
        self, messages: Sequence[Message], max_tokens: int, more: Mapping[str, Any]
    ) -> Generator[str, None, Ending]:
        """The pieces of an answer. If a server breaks off before the first one, another is asked."""
        for left in reversed(range(len(self._servers))):
            answer, said = self._asked(messages, max_tokens, more), False
            try:
                pieces = answer.pieces()
                while True:
                    piece = next(pieces)
                    said = True
                    yield piece
            except StopIteration as end:
                ending: Ending = end.value
                return ending
            except UnreachableError as error:
                answer.close(error)
                if said or not left:
                    raise
            finally:
                answer.close()
        raise AssertionError("the last server's error is raised")

    def _asked(self, messages: Sequence[Message], max_tokens: int, more: Mapping[str, Any]) -> ServerAnswer:
        """The server's answer, for the caller to read. Raises ModelError.

        A request that the server refuses is changed according to the refusal and sent again. The accepted form is
        remembered.
        """
        fields = {"max_tokens": max_tokens, "seed": 0, **more}
        form, first = self._form, None
        while True:
            try:
                answer = self._send(form.body(self._model, messages, fields))
            except ServerError as error:
                first = first or error
                changed = form.after(error, fields, messages)
                if changed is None:
                    raise first from None
                form = changed
            else:
                self._form = form
                return answer

    def _send(self, body: dict[str, Any]) -> ServerAnswer:
        what = f"a chat with {self._model!r}"
        known = {name: body.pop(name) for name in ("model", "messages", "stream")}

        def request(client: OpenAI) -> httpx2.Response:
            create: Any = client.chat.completions.with_raw_response.create
            response: httpx2.Response = create(**known, extra_body=body).http_response
            return response

        return ServerAnswer(self._servers.hold(request, what), what)

    def close(self) -> None:
        self._servers.close()


def _together(told: Sequence[tuple[str, float]], text: str) -> float:
    """The joint log-probability of the tokens that equal the text apart from surrounding space."""
    same = sum(math.exp(logprob) for token, logprob in told if token.strip() == text)
    return min(math.log(same), 0.0) if same else -math.inf
