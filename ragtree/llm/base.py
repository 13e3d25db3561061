"""What a chat model is: messages -> text, piece by piece."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ..errors import ContextOverflowError


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class ChatModel(Protocol):
    """A language model. Making one loads nothing; the first call does."""

    @property
    def name(self) -> str:
        """The model's name as it stands in the cache of summaries."""
        ...

    @property
    def context(self) -> int:
        """Tokens of its context: the prompt and the answer together."""
        ...

    def count(self, text: str) -> int:
        """Tokens of `text` by the model's own tokenizer, or the nearest count that can be had."""
        ...

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        """The answer in pieces. Closing the iterator stops the model.

        Raises ModelError where it cannot be loaded or reached, ContextOverflowError where the messages and
        `max_tokens` do not fit its context.
        """
        ...

    def close(self) -> None:
        """Free what it holds. Closing twice does no harm."""
        ...


TURN_TOKENS = 16
"""More than chat templates add around one message."""


def prompt_tokens(model: ChatModel, messages: Sequence[Message]) -> int:
    """Tokens of a prompt, counted a little high."""
    return sum(model.count(message.content) + TURN_TOKENS for message in messages)


def check_fits(model: ChatModel, messages: Sequence[Message], max_tokens: int) -> None:
    """Raises ContextOverflowError where the prompt and the answer do not fit."""
    needed = prompt_tokens(model, messages) + max_tokens
    if needed > model.context:
        raise ContextOverflowError(
            f"the prompt and its answer need about {needed} tokens, but the model's context has "
            f"{model.context}; shorten the question, or raise llm.context"
        )


def complete(model: ChatModel, messages: Sequence[Message], max_tokens: int) -> str:
    """The whole answer at once."""
    return "".join(model.stream(messages, max_tokens)).strip()
