"""What was said before a question: from the messages that a client sends, and what the server still knows of them."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from ...types import Answer
from .request_bodies import ChatMessage

_MOST = 32 * 1024 * 1024
"""Characters that are remembered in all."""
_LARGEST = 8
"""A conversation may have one part in so many of them."""


@dataclass(frozen=True, slots=True)
class EarlierTurns:
    """A conversation, oldest turn first."""

    turns: tuple[Answer, ...] = ()
    understood: tuple[str, ...] = ()
    """The questions as they stand alone."""

    def then(self, answer: Answer, understood: str) -> EarlierTurns:
        """The conversation with one more turn. What was found for it is not kept."""
        turn = Answer(answer.question, answer.text, answer.citations, supported=answer.supported)
        return EarlierTurns((*self.turns, turn), (*self.understood, understood))

    @property
    def size(self) -> int:
        """Characters of all its texts, about."""
        quotes = sum(len(citation.quote) for turn in self.turns for citation in turn.citations)
        return quotes + sum(len(turn.question) + len(turn.text) for turn in self.turns)


def from_messages(messages: Sequence[ChatMessage]) -> tuple[EarlierTurns, str]:
    """The turns before the last question, and that question. Texts of assistants before the first question are left
    out."""
    turns: list[Answer] = []
    for message in messages:
        if message.role == "user":
            turns.append(Answer(message.content, ""))
        elif message.role == "assistant" and turns:
            text = "\n".join(part for part in (turns[-1].text, message.content) if part)
            turns[-1] = replace(turns[-1], text=text)
    *before, last = turns
    return EarlierTurns(tuple(before), tuple(turn.question for turn in before)), last.question


class ClientConversations:
    """Conversations of this process, the latest ones: by the id of a response, and by what was said.

    A client that sends its messages again gets on as in a `Chat`: earlier questions are known as they were understood,
    and what was cited is not quoted again.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[str, tuple[EarlierTurns, int]] = OrderedDict()

    def remember(self, collection: str, said: EarlierTurns, response_id: str | None = None) -> None:
        """Keep a conversation, unless it is very long; with an id for `by_id`. The oldest ones are forgotten."""
        size = said.size
        if size * _LARGEST > self._most:
            return
        for key in (self._key(collection, said), response_id and f"{collection}/{response_id}"):
            if key:
                _, before = self._kept.pop(key, (said, 0))
                self._kept[key] = (said, size)
                self._size += size - before
        while self._size > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self._size -= gone

    def known(self, collection: str, said: EarlierTurns) -> EarlierTurns:
        """The same conversation with all that is known of it."""
        return self._kept.get(self._key(collection, said), (said, 0))[0]

    def by_id(self, collection: str, response_id: str) -> EarlierTurns | None:
        """The conversation up to a response; None if it is not kept."""
        kept = self._kept.get(f"{collection}/{response_id}")
        return kept[0] if kept is not None else None

    @staticmethod
    def _key(collection: str, said: EarlierTurns) -> str:
        texts = [[turn.question.strip(), turn.text.strip()] for turn in said.turns]
        return sha256(json.dumps([collection, texts]).encode()).hexdigest()
