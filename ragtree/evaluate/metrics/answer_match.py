"""Measures how much of the right answer is in the given one: exact match, token F1, recall of content words."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

from ...errors import DatasetError
from ...grounding import content_words, stem
from ...text.scripts import UNSPACED

_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_RARE = "\u3006\u3007\u31f0-\u31ff\uff66-\uff9f\uf900-\ufaff\U00020000-\U000323af"
"""Rare and narrow characters of Chinese and Japanese: answers are compared as they are written."""
_WITHOUT_SPACES = re.compile(f"([{UNSPACED}{_RARE}])")
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")


def answer_tokens(text: str) -> list[str]:
    """The tokens by which SQuAD compares answers: lower case, without punctuation and without a, an, the.

    Rajpurkar et al., SQuAD (2016, evaluate-v1.1). Scripts that are written without spaces, such as Chinese, Japanese
    and Thai, give one token per character, and a text in them loses all kinds of punctuation. The evaluators of MLQA
    (Lewis et al. 2020) and MKQA (Longpre et al. 2021) do the same; SQuAD's own would take a sentence for one token.
    For all other text the result is SQuAD's.
    """
    bare = text.lower().translate(_PUNCTUATION)
    if _WITHOUT_SPACES.search(bare):
        bare = "".join(character for character in bare if unicodedata.category(character)[0] != "P")
    return spaced(_ARTICLE.sub(" ", bare)).split()


def spaced(text: str) -> str:
    """The text with a space on both sides of every character of a script that is written without spaces."""
    return _WITHOUT_SPACES.sub(r" \1 ", text)


def exact_match(references: Sequence[str], answer: str) -> float:
    """1.0 if the answer has exactly the tokens of any reference, in their order; else 0.0.

    As in SQuAD 2.0 (Rajpurkar, Jia and Liang 2018): without references, or if all are empty, the question has no
    answer, and only an empty one is right; an empty reference beside others does not count.
    """
    given = answer_tokens(answer)
    return float(any(given == wanted for wanted in _wanted(references)))


def token_f1(references: Sequence[str], answer: str) -> float:
    """F1 of the tokens that the answer and a reference share, the best over the references (0 to 1).

    SQuAD's, with the rule of SQuAD 2.0 for questions without an answer (see `exact_match`).
    """
    given = answer_tokens(answer)
    return max(_f1(wanted, given) if wanted and given else float(wanted == given) for wanted in _wanted(references))


def qasper_f1(references: Sequence[str], answer: str) -> float:
    """The Answer-F1 of QASPER (Dasigi et al. 2021, section 5): SQuAD's, the best over the annotators (0 to 1).

    References, and the answer too, say `Yes`, `No` or `Unanswerable` in words, and an empty answer is never right.
    Raises DatasetError without references.
    """
    given = answer_tokens(answer)
    return max(_f1(answer_tokens(reference), given) for reference in some_references(references))


def word_recall(gold: str, answer: str) -> float:
    """Share of the distinct content words (by stem) and numbers of `gold` that are in `answer` (0 to 1)."""
    wanted = _words(gold)
    return len(wanted & _words(answer)) / len(wanted) if wanted else 1.0


def coverage(references: Sequence[str], text: str) -> float:
    """`word_recall` of the text, the mean over the references (0 to 1).

    For broad questions, which no single passage proves: how much of what people answered is in the passages that were
    found. Raises DatasetError without references.
    """
    return sum(word_recall(reference, text) for reference in some_references(references)) / len(references)


def some_references(references: Sequence[str]) -> Sequence[str]:
    """The references. Raises DatasetError if there are none."""
    if not references:
        raise DatasetError("there is no reference to compare with; measure only questions that have references")
    return references


def _wanted(references: Sequence[str]) -> list[list[str]]:
    return [tokens for tokens in map(answer_tokens, references) if tokens] or [[]]


def _f1(wanted: Sequence[str], given: Sequence[str]) -> float:
    shared = (Counter(wanted) & Counter(given)).total()
    return 2 * shared / (len(wanted) + len(given)) if shared else 0.0


def _words(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)} | set(_NUMBER.findall(text.replace(",", "")))
