"""A server's answer to a chat (server-sent events, or one JSON document) -> its text, and how it ended.

The client library has a reader for events, too, but it cannot distinguish an end mark from a broken connection.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from ..model_server import UnreachableError
from ..model_servers import Held
from .base import Ending

if TYPE_CHECKING:
    import httpx2

_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""Fields in which servers return a model's thoughts: vLLM, llama-server and DeepSeek; Ollama and OpenRouter; some
proxies."""
_CUT = frozenset({"length", "max_tokens", "model_length"})
_DONE = "[DONE]"
_LONGEST_LINE = 1 << 24
"""Bytes. No token and no complete answer is longer."""


class ServerAnswer:
    """The answer to one request. The caller has to close it."""

    def __init__(self, held: Held[httpx2.Response], what: str) -> None:
        self._held = held
        self._server = held.server
        self._response = held.answer
        self._what = what

    def close(self, error: ModelError | None = None) -> None:
        """Close the connection, which stops a server that is still writing. `error` is why the answer broke off."""
        self._response.close()
        self._held.close(error)

    def pieces(self) -> Generator[str, None, Ending]:
        """The text of the answer, without thoughts in separate fields. Raises ModelError."""
        reason, ended, thought, written, others = None, False, False, "", ""
        for line in self._lines():
            data = _data(line)
            if data is None:
                others += "" if line.startswith(":") else f"{line}\n"  # a comment keeps the connection open
                continue
            ended = data == _DONE
            choice = {} if ended else self._choice(_parsed(data), data)
            said = choice.get("delta") or choice.get("message") or {}
            thought = thought or _has_thought(said)
            text = _text(said.get("content"))
            if written and not choice.get("delta"):  # some send the whole message at the end
                text = text.removeprefix(written)
            written += text
            if text:
                yield text
            reason = choice.get("finish_reason") or reason
            if ended or reason:  # some keep the connection open after it
                return self._ending(reason, thought)
        document = _parsed(others)
        if isinstance(document, dict):  # a server that does not stream
            choice = self._choice(document, others)
            said = choice.get("message") or {}
            text = _text(said.get("content"))
            if text:
                yield text
            return self._ending(choice.get("finish_reason"), thought or _has_thought(said))
        raise self._broken(others)

    def document(self) -> tuple[Any, str]:
        """A complete answer, as JSON (None if it is not JSON) and as text."""
        with self._server.failures(self._what):
            text = self._response.read().decode("utf-8", "replace")
        return _parsed(text), text

    def not_understood(self, text: str) -> ModelError:
        """The error for an answer in another format than the expected one."""
        return self._server.not_understood(text, self._response)

    def _choice(self, document: Any, text: str) -> dict[str, Any]:
        """The first choice of an event; empty for an event without choices, such as one about usage."""
        if not isinstance(document, dict):
            raise self.not_understood(text)
        choices = document.get("choices")
        if document.get("error") or (choices is None and not document.keys() & {"usage", "timings", "id"}):
            if not document.keys() & {"error", "message", "detail"}:
                raise self.not_understood(text)
            raise ModelError(self._server.told(self._what, text))
        if not choices:
            return {}
        choice = choices[0] if isinstance(choices, list) else None
        if not isinstance(choice, dict):
            raise self.not_understood(text)
        for name in ("delta", "message"):
            if not isinstance(choice.get(name) or {}, dict):
                raise self.not_understood(text)
        return choice

    def _ending(self, reason: Any, thought: bool) -> Ending:
        if reason in ("error", "content_filter"):
            raise ModelError(self._server.told(self._what, f"it stopped with finish_reason {reason!r}"))
        return Ending(reason in _CUT, thought)

    def _broken(self, others: str) -> ModelError:
        """The error for an answer that did not end properly."""
        if self._begun:
            more = f" ({others.strip()[:100]!r})" if others.strip() else ""
            return UnreachableError(
                f"{self._server.url} broke off in the middle of its answer to {self._what}{more}; try again, and check "
                "its log if that does not help"
            )
        if others.strip():  # such as a web page
            return self.not_understood(others)
        return ModelError(
            f"{self._server.url} did not answer in the OpenAI form: its answer ended before the first word; is the "
            "prompt longer than its context? Lower llm.context to the server's"
        )

    _begun = False
    """True after the first event."""

    def _lines(self) -> Iterator[str]:
        """The lines of the answer. (The client's own line iterator also splits at characters that JSON may contain.)"""
        waiting = b""
        with self._server.failures(self._what):
            for chunk in self._response.iter_bytes():
                *lines, waiting = (waiting + chunk).split(b"\n")
                for line in lines:
                    yield self._line(line)
                if len(waiting) > _LONGEST_LINE:
                    raise self.not_understood(waiting[:1000].decode("utf-8", "replace"))
        if waiting:
            yield self._line(waiting)

    def _line(self, line: bytes) -> str:
        self._begun = self._begun or line.startswith(b"data:")
        return line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r")


def first_tokens(answer: ServerAnswer) -> list[tuple[str, float]]:
    """The likeliest first tokens of a complete answer with their log-probabilities; empty if it has none.

    Raises ModelError for an answer in another format.
    """
    document, text = answer.document()
    try:
        choice = document["choices"][0]
        content = (choice.get("logprobs") or {}).get("content")
        told = [(str(one["token"]), float(one["logprob"])) for one in content[0]["top_logprobs"]] if content else []
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise answer.not_understood(text) from None
    # NaN is not below 1 either.
    return told if all(logprob < 1 for _, logprob in told) else []


def _data(line: str) -> str | None:
    """The data of an event; None for another line: a comment, another field, a web page."""
    return line[len("data:") :].strip() if line.startswith("data:") else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _has_thought(said: dict[str, Any]) -> bool:
    content = said.get("content")
    parts = content if isinstance(content, list) else []
    return any(said.get(name) for name in _THOUGHTS) or any(_kind(part) not in ("", "text") for part in parts)


def _text(content: Any) -> str:
    """The text of a content: a string, or the joined text parts of a list."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if _kind(part) == "text")
    return content if isinstance(content, str) else ""


def _kind(part: Any) -> str:
    """The kind of a part; `text` for every name that servers give to text."""
    kind = str(part.get("type", "text")) if isinstance(part, dict) else ""
    return "text" if kind in ("text", "output_text") else kind
