"""What was said before a question: from the messages that a client sends, and what the server still knows of them."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from ...types import Answer
from .forms import Message

_MOST = 1000
"""Conversations that are remembered."""


@dataclass(frozen=True, slots=True)
class Said:
    """A conversation, oldest turn first."""

    turns: tuple[Answer, ...] = ()
    understood: tuple[str, ...] = ()
    """The questions as they stand alone."""

    def then(self, answer: Answer, understood: str) -> Said:
        """The conversation with one more turn. What was found for it is not kept."""
        return Said((*self.turns, replace(answer, hits=())), (*self.understood, understood))


def from_messages(messages: Sequence[Message]) -> tuple[Said, str]:
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
    return Said(tuple(before), tuple(turn.question for turn in before)), last.question


class Conversations:
    """Conversations of this process, the latest ones: by the id of a response, and by what was said.

    A client that sends its messages again gets on as in a `Chat`: earlier questions are known as they were understood,
    and what was cited is not quoted again.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, Said] = OrderedDict()

    def remember(self, collection: str, said: Said, response_id: str | None = None) -> None:
        """Keep a conversation; with an id for `by_id`."""
        for key in (self._key(collection, said), response_id and f"{collection}/{response_id}"):
            if key:
                self._kept[key] = said
                self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def known(self, collection: str, said: Said) -> Said:
        """The same conversation with all that is known of it."""
        return self._kept.get(self._key(collection, said), said)

    def by_id(self, collection: str, response_id: str) -> Said | None:
        """The conversation up to a response; None if it is not kept."""
        return self._kept.get(f"{collection}/{response_id}")

    @staticmethod
    def _key(collection: str, said: Said) -> str:
        texts = [[turn.question.strip(), turn.text.strip()] for turn in said.turns]
        return sha256(json.dumps([collection, texts]).encode()).hexdigest()
