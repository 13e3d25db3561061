"""The form of the requests to a server: parts that it has refused are omitted, renamed or rephrased."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..model_server import ServerError
from .base import JsonSchema, Message, without_system

_REFUSALS = frozenset({400, 404, 415, 422, 501})
"""Statuses with which servers refuse a form of request that they do not support."""
_FAILED = 500
"""The status of llama-server if the model's template refuses the roles. 502 and above are about the server itself: "the
system is overloaded" is not about the role `system`."""
_WAYS: tuple[Callable[[JsonSchema], Mapping[str, Any]], ...] = (
    lambda schema: {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}},
    lambda schema: {"response_format": {"type": "json_object", "schema": schema}},
    lambda schema: {"response_format": {"type": "json_object"}},
    lambda schema: {},
)
"""Ways to ask for JSON, the strictest first: OpenAI's, which vLLM, llama-server and Ollama know too; that of
llama-cpp-python's server; JSON of any form; and only the prompt."""
_ROLES = re.compile(r"\bsystem\b|\broles?\b|\balternat", re.IGNORECASE)
_OPTIONAL = ("seed", "temperature")
_FEWER_TOLD = 5
"""Value of top_logprobs for a server that refuses 20: the lowest maximum of any known server."""


@dataclass(frozen=True, slots=True)
class RequestForm:
    """What is known about the requests that a server accepts. At first nothing is known, and every field is sent."""

    extra: Mapping[str, Any] = field(default_factory=dict)
    """The user's fields (`llm.extra`): they override ragtree's and are never omitted. None omits one of ragtree's
    fields."""
    way: int = 0
    """The first of the ways to ask for JSON that the server has not refused."""
    left_out: frozenset[str] = frozenset()
    has_system: bool = True
    """False for a server that refuses the role `system`, or two consecutive turns of the same role."""
    new_limit: bool = False
    """True for a server that knows `max_completion_tokens`, and not `max_tokens`."""
    few_told: bool = False
    """True for a server that returns fewer log-probabilities per token than requested."""

    def body(self, model: str, messages: Sequence[Message], fields: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a request. `response_format` in the fields is a JSON schema."""
        turns = messages if self.has_system else without_system(messages)
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": turn.role, "content": _content(turn)} for turn in turns],
        }
        for name, value in fields.items():
            if name == "response_format":
                body |= _WAYS[self.way](value)
            elif name == "max_tokens" and self.new_limit:
                body["max_completion_tokens"] = value
            elif name == "top_logprobs" and self.few_told:
                body[name] = _FEWER_TOLD
            elif name == "stream" and name in self.left_out:
                body[name] = False
            elif name not in self.left_out:
                body[name] = value
        body |= self.extra
        return {name: value for name, value in body.items() if value is not None}

    def after(self, error: ServerError, fields: Mapping[str, Any], messages: Sequence[Message]) -> RequestForm | None:
        """The form of the next attempt after the server has refused this one; None if nothing is left to change.

        Refusals have no common format, so the names of our fields are searched for in their text.
        """
        if error.status not in _REFUSALS and error.status != _FAILED:
            return None
        named = {name for name in fields if re.search(rf"\b{name}\b", error.said) and name not in self.extra}
        changed = replace(self, left_out=self.left_out | named.intersection(_OPTIONAL))
        if "stream" in fields and fields["stream"] and re.search(r"\bstream(ing)?\b", error.said, re.IGNORECASE):
            changed = replace(changed, left_out=changed.left_out | {"stream"})
        if "max_tokens" in named:
            changed = replace(changed, new_limit=True)
        if "top_logprobs" in named:
            changed = replace(changed, few_told=True)
        if changed == self and _ROLES.search(error.said) and without_system(messages) != list(messages):
            changed = replace(changed, has_system=False)
        if changed == self and "response_format" in fields and self.way < len(_WAYS) - 1:
            refused = error.status in _REFUSALS or "response_format" in error.said
            changed = replace(changed, way=self.way + 1) if refused else changed
        return changed if changed != self else None


def _content(turn: Message) -> str | list[dict[str, Any]]:
    """The content of a turn, in parts if it has a picture."""
    text = _sendable(turn.content)
    if not turn.picture:
        return text
    address = f"data:image/jpeg;base64,{b64encode(turn.picture).decode()}"
    return [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": address}}]


def _sendable(text: str) -> str:
    """The text without lone surrogates, which cannot be encoded."""
    return text.encode("utf-8", "replace").decode()
