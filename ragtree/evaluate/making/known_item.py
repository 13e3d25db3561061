"""Asks with a few telling words of two or three neighbouring sentences, as people look for something they have seen."""

from __future__ import annotations

from ..base import Question
from .base import Reason
from .half_remembered import FEWEST, as_said, half_remembered
from .prepared_folder import PreparedFolder
from .script_words import telling_words

_COUNTS = (3, 4, 5)
_SIZES = (2, 3)


def make_known_item(folder: PreparedFolder, index: int) -> Question | Reason:
    """Ask for the sentence and the one or two that follow it, or say why not."""
    dice = folder.dice("known-item", folder.text(index))
    passage = folder.passage(index, int(dice.choice(_SIZES)))
    if len(passage) < min(_SIZES):
        return Reason.ALONE
    text = " ".join(folder.text(one) for one in passage)
    words = list(telling_words(text, folder.language))
    if len({word.key for word in words}) < FEWEST:
        return Reason.WORDLESS
    same = [other for one in passage for other in (one, *folder.others(one))]
    asked = half_remembered(words, same, int(dice.choice(_COUNTS)), folder, dice)
    if not asked:
        return Reason.ELSEWHERE
    question = as_said(text, [(word.start, word.end, text[word.start : word.end]) for word in asked], folder.language)
    keys = [word.key for word in asked]
    return folder.question("known-item", question, [folder.proof(one, keys) for one in passage])
