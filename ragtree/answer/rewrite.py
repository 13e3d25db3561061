"""A follow-up question -> a complete question, so that retrieval knows what "it" is."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import ContextOverflowError
from ..llm.base import ChatModel, Message, check_fits, complete
from ..prompting import render
from ..text.anaphora import CONJUNCTIONS, PRONOUNS
from ..text.folding import fold
from ..text.languages import language_of
from ..text.terms import content_words, term, terms, words
from ..types import Answer
from .conversation_memory import ConversationMemory, RecalledConversation

logger = logging.getLogger(__name__)

_MOST_TOKENS = 64
_LEAST_WORDS_ALONE = 2
_CONJUNCTIONS = frozenset({"and", "but", "or", "so", "then", "also"})
_POINTING = frozenset("he him his she her hers it its they them their theirs these those former latter".split())
_POINTING_AT_THE_END = frozenset({"that", "this", "there", "then", "one", "ones", "same", "so"})
_SAID = (_POINTING | _POINTING_AT_THE_END) - {"this", "these", "there"}
"""Without words that may also point at the documents: "Summarize this", "How many letters are there?"."""
_FEW_WORDS = 2
_WITHOUT_SPACES = ("zh", "ja")
_SHORT_WITHOUT_SPACES = 4
_QUESTION_MARKS = ("?", "？", "؟", ";", "՞", "か", "か。")
_LEAST_KEPT = 0.6
"""Share of the question's content words that a rewritten question has to keep."""


def rewrite(
    question: str,
    history: Sequence[Answer],
    model: ChatModel | None,
    prompts: Path | None = None,
    language: str = "en",
    memory: ConversationMemory | None = None,
    is_broad: Callable[[str], bool] = lambda question: False,
    goes_on: bool = False,
) -> str:
    """The question as it would be asked without the conversation before it.

    The model's proposal is used if it asks the same thing in words that were said. A small model's often does not; then
    the question is joined with the one before it, which serves retrieval as well. A question that does not point back
    is left alone, so that nothing of another subject gets into it; in a language whose pronouns are not known here,
    every question may point back. `memory` decides what the model reads of the conversation. `is_broad` says which
    questions are about the whole: they point at the documents, unless they say "it" or "that". `goes_on` says that the
    question asks for more of the last answer: without a usable proposal it is the last question again.
    """
    spoken = language_of(question, language)
    if not history or not (goes_on or points_back(question, spoken)):
        return question
    if not goes_on and spoken == "en" and _points_at_the_documents(question) and is_broad(question):
        return question
    if model is not None:
        recalled = (memory or ConversationMemory()).recall(history)
        proposed = _propose(question, recalled, model, prompts)
        if proposed and _is_faithful(proposed, question, history, spoken):
            return proposed
        logger.info("the rewritten question was not used: %r", proposed)
    return history[-1].question if goes_on else f"{question} ({history[-1].question})"


def points_back(question: str, language: str = "en") -> bool:
    """True for a question that cannot be understood alone: "and who signed it?", "why?", "et pourquoi lui ?"."""
    if language != "en":
        return _points_back_in(question, language)
    spelled = re.findall(r"[^\W\d_]+", fold(question))
    lower = [word.lower() for word in spelled]
    if not lower or lower[0] in _CONJUNCTIONS or lower[-1] in _POINTING_AT_THE_END or _POINTING & set(lower):
        return True
    named = any(word[0].isupper() for word in spelled[1:]) or any(map(str.isdigit, question))
    return not named and len(content_words(question)) < _LEAST_WORDS_ALONE


def _points_at_the_documents(question: str) -> bool:
    """True if an English question points at nothing that was said: "Summarize this." means the documents."""
    lower = re.findall(r"[^\W\d_]+", fold(question, case=True))
    return not _CONJUNCTIONS & set(lower[:1]) and not _SAID & set(lower)


def _points_back_in(question: str, language: str) -> bool:
    """`points_back` by the words of a language; in scripts without spaces the whole text is searched for them."""
    pointing = PRONOUNS.get(language)
    if pointing is None:
        return True
    if language in _WITHOUT_SPACES:
        return len(question) <= _SHORT_WITHOUT_SPACES or any(word in question for word in pointing)
    said = words(question.replace("-", " "))
    return len(said) <= _FEW_WORDS or said[0] in CONJUNCTIONS.get(language, ()) or bool(pointing & set(said))


def _propose(question: str, recalled: RecalledConversation, model: ChatModel, prompts: Path | None) -> str:
    parts = recalled.parts()
    while parts:
        prompt = render("rewrite", prompts, conversation="\n".join(parts), question=question)
        messages = [Message("system", prompt.system), Message("user", prompt.user)]
        try:
            check_fits(model, messages, _MOST_TOKENS)
        except ContextOverflowError:
            parts.pop(0)  # the oldest turn matters least
            continue
        lines = complete(model, messages, _MOST_TOKENS).splitlines()
        return lines[0].strip().strip('"“”«»„「」 ') if lines else ""
    return ""


def _is_faithful(proposed: str, question: str, history: Sequence[Answer], language: str) -> bool:
    """True for a question in words that were said, which keeps most words of the one asked and adds some."""
    if not proposed.endswith(_QUESTION_MARKS) or fold(proposed, case=True) == fold(question, case=True):
        return False
    said = {one for turn in history for one in _content(f"{turn.question} {turn.text}", language)}
    asked, new = _content(question, language), _content(proposed, language)
    kept = len(asked & new) >= _LEAST_KEPT * len(asked)
    return kept and new <= said | asked and bool(new - asked)


def _content(text: str, language: str) -> set[str]:
    """The terms of a text, or its letters in scripts without spaces, without the words that point back."""
    pointing = PRONOUNS.get(language, frozenset())
    if language in _WITHOUT_SPACES:
        return set(re.findall(r"[^\W\d_]", fold(text))) - {letter for word in pointing for letter in word}
    return set(terms(text.replace("-", " "), language)) - {term(word, language) for word in pointing}
