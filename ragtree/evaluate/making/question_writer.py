"""Has a language model write questions about a passage, and checks what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

from ...errors import ContextOverflowError
from ...grounding import stem
from ...llm.base import ChatModel, Message, complete
from ...prompting import fence, render
from ...text.folding import fold
from ...text.sentences import sentence_spans
from ..base import Question
from .base import Reason
from .prepared_folder import PreparedFolder
from .script_words import has_capital, numbers, telling_words, words_of

_SIZES = (2, 3, 4)
_MOST_TOKENS = 48
_FEWEST_WORDS, _MOST_WORDS = 5, 30
_LETTERS_A_WORD = 2
"""Characters of a script without spaces that count as one word."""
_LONGEST_RUN = 6
"""Most words in a row that may be the same as in the passage: every mode would find it by a longer run."""
_LEAST_SHARED = 0.5
_FEWEST_SHARED = 2
_LEAST_WEIGHT = 1.5
"""Least weight of the shared words together; the unit is the weight of a word that only one chunk contains."""
_TRIAL = 8
_LEAST_KEPT = 0.25
"""A model is given up if less than this share of its questions is kept, because each question costs seconds."""
_LABEL = re.compile(
    r"\A(?:[*#\s]*(?:question|q|frage|pregunta|質問|問題)\s*\d*\s*[*]*[:：.]|\d+[.)])[*\s]*", re.IGNORECASE
)
_QUOTES = "\"'“”«»„「」*_ \n\t"
_ASKS = re.compile(r"[?？؟]")
_SPEAKS = re.compile(
    r"\b(?:passages?|texts?|authors?|documents?|paragraphs?|sentences?|excerpts?|articles?|narrator|writer|speaker|"
    r"context|above|absatz|textstelle|abschnitt|autor|pasaje|texto|extrait|texte|auteur)\b|文章|本文|著者|筆者",
    re.IGNORECASE,
)


class QuestionWriter:
    """Asks the model, counts its useful questions, and knows when to give up."""

    def __init__(self, folder: PreparedFolder, model: ChatModel, prompts: Path | None = None) -> None:
        self._folder = folder
        self._model = model
        self._prompts = prompts
        self.asked = 0
        self.kept = 0

    @property
    def is_hopeless(self) -> bool:
        """True if the model was tried, and too few of its questions were of use."""
        return self.asked >= _TRIAL and self.kept < _LEAST_KEPT * self.asked

    def make(self, index: int) -> Question | Reason:
        """Ask for the sentence and those that follow it, or say why not. Raises ModelError."""
        folder = self._folder
        dice = folder.dice("written", folder.text(index))
        passage = folder.passage(index, int(dice.choice(_SIZES)))
        if len(passage) < min(_SIZES):
            return Reason.ALONE
        text = " ".join(" ".join(folder.text(one).split()) for one in passage)
        prompt = render("question", self._prompts, passage=fence(1, text))
        messages = [Message("system", prompt.system), Message("user", prompt.user)]
        self.asked += 1
        try:
            written = tidy(complete(self._model, messages, _MOST_TOKENS))
        except ContextOverflowError:
            return Reason.TOO_LONG
        wrong = fault(written, text, folder, passage)
        if wrong is not None:
            return wrong
        self.kept += 1
        asked = [word.key for word in telling_words(written, folder.language)]
        return folder.question("written", written, [folder.proof(one, asked) for one in passage])


def tidy(answer: str) -> str:
    """The question without a label, quotation marks and emphasis around it."""
    lines = answer.strip().splitlines()
    return _LABEL.sub("", lines[0], count=1).strip(_QUOTES) if lines else ""


def fault(question: str, text: str, folder: PreparedFolder, passage: Sequence[int]) -> Reason | None:
    """Why a question that was written about the passage with `text` is of no use, or None."""
    if not _is_one_question(question, folder.language):
        return Reason.FORM
    if _SPEAKS.search(question):
        return Reason.SPEAKS
    if _longest_run(question, text) > _LONGEST_RUN:
        return Reason.COPIED
    by_stem = {stem(word.key): word.key for word in telling_words(text, folder.language)}
    asked = {stem(word.key) for word in telling_words(question, folder.language)}
    shared = {by_stem[one] for one in asked & by_stem.keys()}
    if len(shared) < _LEAST_SHARED * len(asked) or _brings_in(question, text):
        return Reason.INVENTED
    same = [other for one in passage for other in (one, *folder.others(one))]
    weight = sum(folder.weight(word) for word in shared)
    if len(shared) < _FEWEST_SHARED or weight < _LEAST_WEIGHT * folder.most_weight:
        return Reason.VAGUE
    return None if folder.single_out(shared, same) else Reason.ELSEWHERE


def _is_one_question(question: str, language: str) -> bool:
    words = _run_words(question)
    size = len(words) if " " in question else len(question) // _LETTERS_A_WORD
    if not _FEWEST_WORDS <= size <= _MOST_WORDS or len(_ASKS.findall(question)) != 1:
        return False
    return bool(_ASKS.match(question[-1])) and len(sentence_spans(question, language)) == 1


def _longest_run(question: str, text: str) -> float:
    """The most words in a row that are in both; characters of a script without spaces count as parts of words."""
    spaced = " " in question
    left, right = (_run_words(question), _run_words(text)) if spaced else (list(question), list(text))
    longest = SequenceMatcher(None, left, right, autojunk=False).find_longest_match().size
    return longest if spaced else longest / _LETTERS_A_WORD


def _run_words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text, case=True))


def _brings_in(question: str, text: str) -> bool:
    """True if the question has a number or a name that the passage lacks."""
    if set(numbers(question)) - set(numbers(text)):
        return True
    known = {stem(word.key) for word in words_of(text)}
    names = [word for word in list(words_of(question))[1:] if has_capital(question, word)]
    return any(stem(word.key) not in known for word in names)
