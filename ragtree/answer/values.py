"""Finds the sentences that support a single value, such as a number, a name or a date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cached_property

from ..embed.base import Embedder
from ..grounding import check_support
from ..text.folding import fold
from ..text.languages import prevailing_language
from ..text.numerals import numbers, supported_numbers
from ..text.sentences import sentence_spans
from ..text.terms import names, same_name, terms, words
from ..types import Scalar
from .passages import Quote

_A_FEW_WORDS = 4
"""A text of up to this many words is a value that has to be in one sentence, and not a statement of its own."""
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:00)?)?")
_MONTHS = (
    "jan ene gen янв 1月", "feb fév feb фев 2月", "mar mär mrt maa мар 3月", "apr avr abr апр 4月",
    "may mai mag mei мая май 5月", "jun juin giu июн 6月", "jul juil lug июл 7月", "aug aoû ago авг 8月",
    "sep set сен 9月", "oct okt ott out окт 10月", "nov ноя 11月", "dec dez déc dic дек 12月",
)  # fmt: skip
"""How the words for each month begin, in some languages."""


_NEAR = 0.35
"""Least cosine of a sentence to what was asked, for a value in it to be meant."""


class ValueCheck:
    """Looks for values in the sentences that may be cited, in reading order."""

    def __init__(self, quotes: Sequence[Quote], embedder: Embedder, question: str, support: float) -> None:
        self._quotes = quotes
        self._embedder = embedder
        self._question = question
        self._support = support
        self._texts = [fold(quote.text) for quote in quotes]
        self._vectors = embedder.embed(self._texts) if quotes else None

    @cached_property
    def _language(self) -> str:
        return prevailing_language(self._texts)

    def sources(self, value: Scalar, about: str) -> tuple[int, ...]:
        """The rows of the quotes that support the value, the best first; none if it has no support.

        `about` says in words what the value is. A number, a date, a name or a few words have to be in one sentence
        that is near to what was asked. A text of whole sentences is checked like those of an answer. True and False
        are checked as the statement that `about` makes, or its denial.
        """
        if self._vectors is None:
            return ()
        if isinstance(value, bool):
            return self._statement(about if value else f"It is not true: {about} does not hold", _NEAR)
        text = fold(value).strip() if isinstance(value, str) else _figure(value)
        if not isinstance(value, str) or len(words(text)) <= _A_FEW_WORDS or self._standing(text):
            return self._nearest(self._standing(text), f"{self._question} {about}: {text}", about)
        found: list[int] = []
        for span in sentence_spans(text):
            sources = self._statement(span.of(text).strip(), self._support)
            if not sources:
                return ()
            found += [row for row in sources if row not in found]
        return tuple(found)

    def _statement(self, sentence: str, threshold: float) -> tuple[int, ...]:
        assert self._vectors is not None
        similarity = self._vectors @ self._embedder.embed([sentence])[0]
        return check_support(sentence, self._texts, similarity, threshold).sources

    def _standing(self, text: str) -> list[int]:
        """The rows of the quotes that have a value of a few words."""
        day = _day(text)
        if day is not None:
            return [row for row, quote in enumerate(self._quotes) if self._has_day(quote, day)]
        return [row for row, quote in enumerate(self._texts) if self._has(quote, text)]

    def _has(self, quote: str, text: str) -> bool:
        """True if the quote has the text, or its numbers, names and words in another order."""
        if _flat(text) in _flat(quote):
            return True
        claimed = numbers(text, self._language)
        if not claimed <= supported_numbers(quote, self._language):
            return False
        own = set(words(quote))
        if not all(any(same_name(fold(name, case=True), word) for word in own) for name in names(text, self._language)):
            return False
        said = {one for one in terms(text, self._language) if not one.isdigit()}
        return bool(said or claimed) and said <= set(terms(quote, self._language))

    def _has_day(self, quote: Quote, day: date) -> bool:
        """True if the day, its month and its year are in the sentence or the headings above it."""
        text = fold(f"{quote.text}\n{' '.join(quote.citation.location.heading)}")
        if day.isoformat() in text:
            return True
        figures = {number.lstrip("0") for number in re.findall(r"\d+", text)}
        figures |= numbers(text, self._language)
        if str(day.year) not in figures or str(day.day) not in figures:
            return False
        begins = _MONTHS[day.month - 1].split()
        named = any(word.startswith(tuple(begins)) for word in words(text)) or begins[-1] in text
        dotted = {day.strftime(form) for form in ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d")}
        short = {re.sub(r"\b0", "", form) for form in dotted}
        return named or any(form in text for form in dotted | short)

    def _nearest(self, rows: Sequence[int], asked: str, about: str) -> tuple[int, ...]:
        """Of some quotes, the one nearest to what was asked; none if that is far from it."""
        if not rows:
            return ()
        assert self._vectors is not None
        near = self._vectors @ self._embedder.embed([asked])[0]
        wanted = set(terms(f"{self._question} {about}", self._language))
        shared = [len(wanted & set(terms(quote, self._language))) for quote in self._texts]
        best = max(rows, key=lambda row: (near[row] + 0.1 * shared[row] / max(1, len(wanted)), -row))
        return (best,) if near[best] >= _NEAR or shared[best] else ()


def _figure(number: float) -> str:
    """A number as it is compared: without sign, and 2 for 2.0."""
    return f"{abs(number):.12g}" if isinstance(number, float) else str(abs(number))


def _flat(text: str) -> str:
    """The text as one line of words in lower case, between spaces; so "4" is not found in "34"."""
    return " ".join(["", *re.findall(r"[^\W_]+", fold(text, case=True)), ""])


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
