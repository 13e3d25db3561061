"""What is kept of a conversation to understand the next question: the last turns whole, older ones in a summary."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ..embed.base import Embedder
from ..errors import ContextOverflowError, ModelError
from ..llm.base import ChatModel, Message, complete
from ..prompting import fence, render
from ..settings import Settings
from ..text.sentences import sentence_spans
from ..text.tokens import count_tokens
from ..types import Answer

_MARK = re.compile(r"\s*\[\d+\]")
_WORDS_PER_TOKEN = 0.7

Condense: TypeAlias = Callable[[str, int], str]
"""(text, most tokens) -> what matters in it, in whole sentences."""


@dataclass(frozen=True, slots=True)
class RecalledConversation:
    """What was said, oldest first."""

    summary: str
    turns: tuple[str, ...]

    def parts(self) -> list[str]:
        """The summary, if there is one, and the turns."""
        return [*([f"Before that: {self.summary}"] if self.summary else []), *self.turns]


_BUDGET = 600
"""Tokens of a conversation that help to understand a follow-up question: more take the model more time to read."""


class ConversationMemory:
    """Keeps as much of a growing conversation as fits a budget of tokens. Nothing is cut inside a sentence.

    Older turns are condensed several at a time, down to half of the budget, so that a model is seldom asked.
    """

    def __init__(self, budget: int = _BUDGET, condense: Condense | None = None) -> None:
        self._budget = budget
        self._condense = condense or condense_to_first
        self._folded: list[Answer] = []
        self._summary = ""

    def recall(self, history: Sequence[Answer]) -> RecalledConversation:
        """The last turns of `history` whole, and a summary of those before. A different history starts afresh."""
        if list(history[: len(self._folded)]) != self._folded:
            self._folded, self._summary = [], ""
        turns = list(history[len(self._folded) :])
        room = self._budget * 3 // 4
        if len(turns) > 1 and _tokens(turns) > room:
            older: list[Answer] = []
            while len(turns) > 1 and _tokens(turns) > self._budget // 2:
                older.append(turns.pop(0))
            told = "\n\n".join([self._summary, *map(turn_text, older)]).strip()
            self._summary = self._condense(told, self._budget // 4)
            self._folded += older
        return RecalledConversation(self._summary, tuple(self._whole(turn, room) for turn in turns))

    def _whole(self, turn: Answer, room: int) -> str:
        """A turn; if it does not fit the room by itself, the sentences that matter."""
        if _tokens([turn]) <= room:
            return turn_text(turn)
        left = max(0, room - count_tokens(turn.question))
        return f"User: {turn.question}\nAssistant: {self._condense(_said(turn), left)}"


def conversation_memory(settings: Settings, embedder: Embedder, model: ChatModel | None) -> ConversationMemory:
    """A new memory with these settings; `model` writes its summaries, if one is given."""
    chosen = condense_to_central(embedder)
    condense = condense_with_model(model, chosen, settings.prompts) if model is not None else chosen
    return ConversationMemory(condense=condense)


def turn_text(turn: Answer) -> str:
    """Question and answer, without the marks of citations."""
    return f"User: {turn.question}\nAssistant: {_said(turn)}"


def _said(turn: Answer) -> str:
    return _MARK.sub("", turn.text)


def _tokens(turns: Sequence[Answer]) -> int:
    return sum(count_tokens(turn_text(turn)) for turn in turns)


def condense_to_first(text: str, tokens: int) -> str:
    """The first sentences that fit."""
    return _chosen(text, tokens, range(len(_sentences(text))))


def condense_to_central(embedder: Embedder) -> Condense:
    """A `Condense` that chooses the sentences nearest to the mean of all, in their order."""

    def condense(text: str, tokens: int) -> str:
        sentences = _sentences(text)
        if not sentences:
            return ""
        vectors = embedder.embed(sentences)
        return _chosen(text, tokens, np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable").tolist())

    return condense


def condense_with_model(model: ChatModel, otherwise: Condense, prompts: Path | None = None) -> Condense:
    """A `Condense` that lets the model write; `otherwise` chooses sentences if it fails or writes too much."""

    def condense(text: str, tokens: int) -> str:
        words = str(max(10, int(tokens * _WORDS_PER_TOKEN)))
        prompt = render("recall", prompts, conversation=fence(1, text), words=words)
        try:
            said = complete(model, [Message("system", prompt.system), Message("user", prompt.user)], tokens)
        except (ContextOverflowError, ModelError):
            return otherwise(text, tokens)
        sentences = _sentences(said)
        if sentences and not re.search(r"[.!?。！？।؟…]\W*$", sentences[-1]):
            sentences.pop()  # it was cut off in the middle
        return otherwise(" ".join(sentences), tokens) if sentences else otherwise(text, tokens)

    return condense


def _sentences(text: str) -> list[str]:
    return [said for span in sentence_spans(text) if (said := " ".join(span.of(text).split()))]


def _chosen(text: str, tokens: int, order: Sequence[int]) -> str:
    """The sentences of the text that fit, taken in the order of `order` and returned in that of the text."""
    sentences = _sentences(text)
    kept = []
    for row in order:
        cost = count_tokens(sentences[row]) + 1
        if cost <= tokens:
            kept.append(row)
            tokens -= cost
    return " ".join(sentences[row] for row in sorted(kept))
