"""A chat model behind an OpenAI-compatible server (llama-server, vLLM, Ollama)."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence

from ..errors import ModelError
from ..settings import LlmSettings
from ..tokens import count_tokens
from .base import Message, check_fits


class ServerChat:
    """`POST {url}/chat/completions`, streamed.

    The server does not tell its tokenizer, so tokens are counted by cl100k; `llm.context` says how much fits.
    """

    def __init__(self, url: str, model: str, settings: LlmSettings) -> None:
        self.name = f"{url}#{model}"
        self._url = url.rstrip("/")
        self._model = model
        self._settings = settings

    @property
    def context(self) -> int:
        return self._settings.context

    def count(self, text: str) -> int:
        return count_tokens(text)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        import httpx

        check_fits(self, messages, max_tokens)
        body = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": max_tokens,
            "temperature": self._settings.temperature,
            "seed": self._settings.seed,
            "stream": True,
        }
        try:
            with httpx.stream(
                "POST", f"{self._url}/chat/completions", json=body, timeout=self._settings.timeout
            ) as response:
                if response.is_error:
                    response.read()
                    raise ModelError(
                        f"{self._url} answered {response.status_code} to a chat with {self._model!r}: "
                        f"{response.text[:200]!r}"
                    )
                yield from self._pieces(response.iter_lines())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(f"no answer from {self._url}: {error}; is the server running?") from error

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
        if not events:  # a web page, or an answer in one piece: no silence in place of an answer
            raise ModelError(f"{self._url} did not answer in the OpenAI form: {other[:200]!r}")

    def close(self) -> None:
        """Nothing is held between two calls."""
