"""A chat model that gives the answers it was told to give. For tests of everything but the model."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Generator, Sequence

from .base import Ending, JsonSchema, Message, OptionScore, check_fits, option_texts


class ScriptedChat:
    """Answers with a function of the messages, or with the next of a list of answers (the last one repeats).

    `calls` has the messages that it was asked, `schemas` the JSON schemas. Of options it prefers what it would have
    answered: a token of an option has a probability of 1/2 if the answer has it too, else of 1/16.
    """

    scores_texts = True

    def __init__(self, answers: Sequence[str] | Callable[[Sequence[Message]], str], context: int = 4096) -> None:
        self.name = "scripted"
        self.context = context
        self.calls: list[tuple[Message, ...]] = []
        self.schemas: list[JsonSchema] = []
        self._answers = answers

    def count(self, text: str) -> int:
        return len(self._tokens(text))

    def _tokens(self, text: str) -> list[str]:
        return re.findall(r"\w+|[^\w\s]", text)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, Ending | None]:
        check_fits(self, messages, max_tokens)
        pieces = re.findall(r"\S+\s*", self._answer(messages))
        yield from pieces[:max_tokens]
        return Ending(cut=len(pieces) > max_tokens)

    def stream_json(
        self, messages: Sequence[Message], max_tokens: int, schema: JsonSchema
    ) -> Generator[str, None, Ending | None]:
        self.schemas.append(schema)
        return (yield from self.stream(messages, max_tokens))

    def score_options(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[OptionScore, ...]:
        texts = option_texts(options)
        check_fits(self, messages, max(map(self.count, texts)))
        wanted = set(self._tokens(self._answer(messages)))
        return tuple(
            OptionScore(
                sum(math.log(1 / 2 if token in wanted else 1 / 16) for token in self._tokens(text)),
                self.count(text),
            )
            for text in texts
        )

    def _answer(self, messages: Sequence[Message]) -> str:
        self.calls.append(tuple(messages))
        if callable(self._answers):
            return self._answers(messages)
        return self._answers[min(len(self.calls), len(self._answers)) - 1]

    def close(self) -> None:
        """Nothing has to be freed."""
