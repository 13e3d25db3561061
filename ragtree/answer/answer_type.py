"""Checks whether a sentence has the kind of thing that a question wants: somebody's name, a time, a number.

Only the form of the sentence counts. A classifier decides which kind is wanted (ragtree.understand.kinds).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..text.covering import topic_terms
from ..text.dates import dates
from ..text.folding import fold
from ..text.months import DAYS, NUMBERS, months
from ..text.numerals import numbers
from ..text.terms import names, opening_words, seems_a_name, words
from ..understand.base import Request

Has = Callable[[str], bool]
"""True for a sentence that has what is wanted."""

_TIMES = frozenset({*NUMBERS, *DAYS})
"""Names of months and days, which are not names of persons."""
_CLOCK = re.compile(r"\b\d\d?[.:]\d\d\b|\d\s?[年月日時时点點]")


def answer_type_test(request: Request) -> Has | None:
    """A test for sentences that may answer the request; None if their form does not show that. For an amount any number
    will do: sums are written in too many ways (£5, 7s. 9d., two pounds eight) to be told from other numbers."""
    if request.wants == "time":
        return _has_a_time
    if request.wants == "amount":
        return _has_a_number
    if request.wants == "count":
        language = request.language
        counted = topic_terms(request.topics[0], language) if request.topics else set()
        return lambda sentence: (
            _has_a_number(sentence) and (not counted or not counted.isdisjoint(topic_terms(sentence, language)))
        )
    if request.wants == "person" and request.detail != "definition":  # which has a name, and asks what there is to say
        question, language = fold(request.question, case=True), request.language
        return lambda sentence: _has_a_new_name(sentence, question, language)
    return None


def month_test(question: str) -> Has | None:
    """A test for the text around an answer: it needs the months that the question names. None if it names none."""
    wanted = months(question)
    return (lambda text: wanted <= months(text)) if wanted else None


def _has_a_time(sentence: str) -> bool:
    said = dates(sentence) or months(sentence) or _CLOCK.search(sentence)
    return bool(said) or not DAYS.isdisjoint(words(sentence))


def _has_a_number(sentence: str) -> bool:
    """True if the sentence has a number that is not part of a date."""
    for date in reversed(dates(sentence)):
        sentence = sentence[: date.start] + sentence[date.end :]
    return bool(numbers(sentence))


def _has_a_new_name(sentence: str, question: str, language: str) -> bool:
    """True if the sentence names somebody whom the question does not name."""
    opening = (word for word in opening_words(sentence) if seems_a_name(word, language))
    found = [*names(sentence, language), *opening]
    named = {fold(name, case=True).removesuffix("'s") for name in found}
    return any(name not in question for name in named - _TIMES)
