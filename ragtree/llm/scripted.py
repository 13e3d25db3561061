"""A chat model that says what it was told to say. For tests of everything that is not the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence

from .base import Message, check_fits


class ScriptedChat:
    """Answers with a function of the messages, or with the next of a list of answers (the last one repeats).

    What it was asked is in `calls`.
    """

    def __init__(self, answers: Sequence[str] | Callable[[Sequence[Message]], str], context: int = 4096) -> None:
        self.name = "scripted"
        self.context = context
        self.calls: list[tuple[Message, ...]] = []
        self._answers = answers

    def count(self, text: str) -> int:
        return len(re.findall(r"\w+|[^\w\s]", text))

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        check_fits(self, messages, max_tokens)
        self.calls.append(tuple(messages))
        if callable(self._answers):
            text = self._answers(messages)
        else:
            text = self._answers[min(len(self.calls), len(self._answers)) - 1]
        yield from re.findall(r"\S+\s*", text)[:max_tokens]

    def close(self) -> None:
        """Nothing is held."""
