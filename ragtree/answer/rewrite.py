"""A follow-up -> a question of its own, so that retrieval knows what "it" is."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from ..errors import ContextOverflowError
from ..grounding import content_words, stem
from ..languages import language_of
from ..llm.base import ChatModel, Message, check_fits, complete
from ..prompting import render
from ..types import Answer

logger = logging.getLogger(__name__)

_TURNS = 3
_MOST_TOKENS = 64
_LEAST_WORDS_ALONE = 2
_CONJUNCTIONS = frozenset({"and", "but", "or", "so", "then", "also"})
_POINTING = frozenset("he him his she her hers it its they them their theirs these those former latter".split())
_POINTING_AT_THE_END = frozenset({"that", "this", "there", "then", "one", "ones", "same", "so"})
_LEAST_KEPT = 0.6
"""Share of the question's content words that a rewritten question has to keep."""


def rewrite(
    question: str,
    history: Sequence[Answer],
    model: ChatModel | None,
    prompts: Path | None = None,
    language: str = "en",
) -> str:
    """The question as it would be asked without the conversation before it.

    The model's proposal is taken where it asks the same thing in words that were said; a small model's often
    is not, and then the question is joined with the one before it, which serves retrieval as well. In English, a
    question that does not point back is left alone, so that nothing of another subject gets into it.
    """
    if not history or (language_of(question, language) == "en" and not points_back(question)):
        return question
    if model is not None:
        proposed = _propose(question, history[-_TURNS:], model, prompts)
        if proposed and _is_faithful(proposed, question, history[-_TURNS:]):
            return proposed
        logger.info("the rewritten question was not used: %r", proposed)
    return f"{question} ({history[-1].question})"


def points_back(question: str) -> bool:
    """True for an English question that cannot be understood alone: "and who signed it?", "why?"."""
    words = re.findall(r"[^\W\d_]+", question)
    lower = [word.lower() for word in words]
    if not lower or lower[0] in _CONJUNCTIONS or lower[-1] in _POINTING_AT_THE_END or _POINTING & set(lower):
        return True
    named = any(word[0].isupper() for word in words[1:]) or any(map(str.isdigit, question))
    return not named and len(content_words(question)) < _LEAST_WORDS_ALONE


def _propose(question: str, history: Sequence[Answer], model: ChatModel, prompts: Path | None) -> str:
    turns = [f"User: {turn.question}\nAssistant: {turn.text[:400]}" for turn in history]
    while turns:
        prompt = render("rewrite", prompts, conversation="\n".join(turns), question=question)
        messages = [Message("system", prompt.system), Message("user", prompt.user)]
        try:
            check_fits(model, messages, _MOST_TOKENS)
        except ContextOverflowError:
            turns.pop(0)  # the oldest turn matters least
            continue
        lines = complete(model, messages, _MOST_TOKENS).splitlines()
        return lines[0].strip().strip('"“”') if lines else ""
    return ""


def _is_faithful(proposed: str, question: str, history: Sequence[Answer]) -> bool:
    """A question, in words that were said, that keeps the words of the one asked and adds some."""
    if not proposed.endswith("?") or proposed.casefold() == question.casefold():
        return False
    said = {stem(word) for turn in history for word in content_words(f"{turn.question} {turn.text}")}
    asked = {stem(word) for word in content_words(question)}
    new = {stem(word) for word in content_words(proposed)}
    kept = len(asked & new) >= _LEAST_KEPT * len(asked)
    return kept and new <= said | asked and bool(new - asked)
