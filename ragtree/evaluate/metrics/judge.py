"""Asks a language model which of two answers is better: twice, with the answers in either order."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from ...llm.base import ChatModel, Message, complete
from ...prompting import fence, render

logger = logging.getLogger(__name__)

Winner: TypeAlias = Literal["first", "second", "tie"]

_REPLY_TOKENS = 32
"""One word is asked for; some models say a few more."""
_WORD = re.compile(r"\b(first|second|tie)\b", re.IGNORECASE)
_TURNED: dict[Winner, Winner] = {"first": "second", "second": "first", "tie": "tie"}
_SCORES: dict[Winner, float] = {"first": 1.0, "tie": 0.5, "second": 0.0}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge found."""

    winner: Winner
    unread: int = 0
    """How many of the two replies did not name one winner: they count as ties."""

    @property
    def score(self) -> float:
        """1.0 if the first answer won, 0.0 if the second did, 0.5 for a tie."""
        return _SCORES[self.winner]


def judge(
    model: ChatModel,
    question: str,
    references: Sequence[str],
    first_text: str,
    second_text: str,
    prompts: Path | None = None,
) -> Verdict:
    """The better one of two answers, by the prompt `prompts/judge.md`.

    A win counts only if both orders of the answers give it, because models prefer a position, mostly the first (Zheng
    et al., Judging LLM-as-a-Judge, 2023, section 3.4). A reply that does not name exactly one of first, second and tie
    is a tie. Raises ContextOverflowError if the texts do not fit the model's context, ModelError and PromptError.
    """
    straight = _ask(model, question, references, (first_text, second_text), prompts)
    turned = _ask(model, question, references, (second_text, first_text), prompts)
    agreed = straight is not None and turned is not None and straight == _TURNED[turned]
    winner: Winner = straight if agreed and straight is not None else "tie"
    return Verdict(winner, (straight is None) + (turned is None))


def _ask(
    model: ChatModel, question: str, references: Sequence[str], texts: tuple[str, str], prompts: Path | None
) -> Winner | None:
    """The text that the model prefers; None if its reply does not say."""
    right = [fence(number, text, "reference") for number, text in enumerate(references, start=1)]
    first, second = (fence(number, text, "answer") for number, text in enumerate(texts, start=1))
    prompt = render(
        "judge", prompts, question=question, references="\n".join(right) or "(none)", first=first, second=second
    )
    reply = complete(model, [Message("system", prompt.system), Message("user", prompt.user)], _REPLY_TOKENS)
    found: set[Winner] = {_winner(word) for word in _WORD.findall(reply)}
    if len(found) == 1:
        return found.pop()
    logger.info("the judge's reply names no one winner: %r", reply)
    return None


def _winner(word: str) -> Winner:
    return next(name for name in _TURNED if name == word.lower())
