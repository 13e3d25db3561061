"""Asks for a fact of one sentence: one term is taken out, and asked for with a few of the other words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...text.folding import fold
from ...types import Span
from ..base import Question
from .answer_terms import name_runs, number_runs, rare_words
from .base import Reason
from .half_remembered import FEWEST, as_said, half_remembered
from .prepared_folder import PreparedFolder
from .script_words import ScriptWord, telling_words

HOLE = "___"
_COUNTS = (3, 4)
"""The number of words of a question, without the hole, is one of these."""
_LONGEST = 40
_SHARES = {"number": 0.8, "name": 0.18, "word": 0.02}
"""How often a term of each sort is taken out if a sentence has all of them. People ask for numbers: the sentences that
prove the facts of examples/questions.jsonl have .73 numbers each, the folder's others .39."""


def make_cloze(folder: PreparedFolder, index: int) -> Question | Reason:
    """Ask for a term of the sentence, or say why not."""
    text = folder.text(index)
    dice = folder.dice("cloze", text)
    words = list(telling_words(text, folder.language))
    term = _choose(_terms(text, words, folder), dice)
    if term is None:
        return Reason.WORDLESS
    said = " ".join(term.of(text).split())
    left = [word for word in words if not _gives_away(word, term, said)]
    if len({word.key for word in left}) < FEWEST:
        return Reason.WORDLESS
    count = int(dice.choice(_COUNTS))
    asked = half_remembered(left, [index, *folder.others(index, said)], count, folder, dice)
    if not asked:
        return Reason.ELSEWHERE
    hole = (term.start, term.end, HOLE)
    parts = [hole, *((word.start, word.end, text[word.start : word.end]) for word in asked)]
    question = as_said(text, parts, folder.language)
    if fold(said, case=True) in fold(question, case=True):
        return Reason.WORDLESS
    return folder.question("cloze", question, [folder.proof(index, [word.key for word in asked], said)], (said,))


def has_number(folder: PreparedFolder, index: int) -> bool:
    """True for a sentence from which a number can be taken out."""
    return any(number_runs(folder.text(index)))


def _terms(text: str, words: Sequence[ScriptWord], folder: PreparedFolder) -> dict[str, list[Span]]:
    found = {
        "number": number_runs(text),
        "name": name_runs(text, folder),
        "word": rare_words(words, folder),
    }
    return {sort: [term for term in terms if term.end - term.start <= _LONGEST] for sort, terms in found.items()}


def _choose(terms: Mapping[str, Sequence[Span]], dice: np.random.Generator) -> Span | None:
    sorts = [sort for sort in _SHARES if terms[sort]]
    if not sorts:
        return None
    shares = np.array([_SHARES[sort] for sort in sorts])
    found = terms[str(dice.choice(sorts, p=shares / shares.sum()))]
    return found[int(dice.integers(len(found)))]


def _gives_away(word: ScriptWord, term: Span, said: str) -> bool:
    """True for a word of the term, and for a word elsewhere that contains the term or is a part of it."""
    inside = fold(said, case=True)
    return term.overlap(Span(word.start, word.end)) > 0 or word.key in inside or inside in word.key
