"""Sentences of the passages that contradict what an answer cites: other numbers, dates or names for the same thing, a
denial, or the opposite state.

Two sentences are about the same thing if most of the words of the shorter one are in the other, and their meanings are
close. A false alarm is worse than a miss, so what else they say must not make them about different things: not both may
have words of their own, and none may have its own adjective before a shared noun ("the older vaccine"). Pairs of
sentences in tests/answer/test_planted_contradictions.py measure this.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

from ..text.folding import fold
from ..text.languages import language_of
from ..text.months import NAME, NUMBERS
from ..text.numerals import counts, numbers
from ..text.polarity import clauses, is_negation
from ..text.terms import WORD, content_words, names, seems_a_name, term, terms, words
from ..types import Vectors
from .passages import Quote

_LEAST_SIMILAR = 0.5
_LEAST_SHARED = 0.6
"""Share of the shorter sentence's words that the other one has to have."""
_LEAST_WORDS = 3
"""Least number of words that both have: fewer say too little to be about the same thing."""
_WHOLE_SENTENCE = 6
"""In sentences of at least this many words, two shared ones are enough if they have no others."""
_DATE = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?({NAME})|({NAME})\s+(\d{{1,2}})(?:st|nd|rd|th)?)\b"
    r"\.?(?:,?\s+(?:de\s+)?(\d{4}))?",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"\b(?:met|meets?|meeting|held|sail\w*|paid|pays|wrote|writes|visit\w*|receiv\w*|sent|issued|dated|read|lit|came|"
    r"went|left|saw|said|counted|every|each|another|again|tagt\w*|schrieb|zahlte)\b",
    re.IGNORECASE,
)
"""Words for what happens more than once, so that two dates of it do not contradict each other."""
_SLOT = "\N{WHITE SQUARE}"
_ONE_ANSWER = re.compile(
    rf"^(?:the|its|his|her|their|our) .*\b(?:is|was) {_SLOT}$"
    rf"|\b(?:designed|built|written|founded|invented|discovered|painted|composed|directed|led|headed|owned|won) by"
    rf" {_SLOT}$"
    rf"|^the .*\b(?:is|are|lies|stands) in {_SLOT}$|\b(?:born|buried|based|located|situated) in {_SLOT}$"
)
"""English sentences that only one name can complete."""
_OPPOSITES = (
    "awake asleep, alive dead, open closed, guilty innocent, legal illegal, allowed forbidden, allowed prohibited, "
    "permitted prohibited, mandatory optional, compulsory voluntary, required optional, safe dangerous, safe unsafe, "
    "possible impossible, empty full, true false, accepted refused, accepted rejected, approved rejected, "
    "increased decreased, rose fell, won lost, able unable, insured uninsured, present absent, succeeded failed"
)


def find_contradictions(cited: Sequence[int], quotes: Sequence[Quote], vectors: Vectors) -> list[tuple[int, int]]:
    """Pairs of rows of `quotes`: one that is cited, and another one that contradicts it; the most similar first.

    `vectors` has shape (len(quotes), dim), rows of unit length. What a model says of a picture contradicts nothing.
    """
    read = {
        row: _Statement(fold(quote.text)) for row, quote in enumerate(quotes) if not quote.citation.location.described
    }
    found: dict[tuple[int, int], float] = {}
    for row in (row for row in cited if row in read):
        similarity = vectors @ vectors[row]
        for other in read:
            near = float(similarity[other])
            if other == row or near < _LEAST_SIMILAR or (other, row) in found or read[row].text == read[other].text:
                continue
            if read[row].contradicts(read[other]):
                found[row, other] = near
    return sorted(found, key=lambda pair: -found[pair])


@dataclass(frozen=True)
class _Statement:
    """The parts of a sentence that are compared, each computed on first use."""

    text: str

    @cached_property
    def language(self) -> str:
        return language_of(self.text)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(numbers(self.text, self.language))

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(fold(name, case=True) for name in names(self.text, self.language))

    @cached_property
    def counts(self) -> dict[str, set[str]]:
        """What is counted -> the numbers given for it."""
        counted: dict[str, set[str]] = {}
        for number, what in counts(self.text, self.language):
            counted.setdefault(what, set()).add(number)
        return counted

    @cached_property
    def terms(self) -> frozenset[str]:
        language = self.language
        without = {
            term(word, language)
            for word in content_words(self.text)
            if numbers(word, language) or is_negation(word, language)
        }
        return frozenset(terms(self.text, language)) - without

    @cached_property
    def skeleton(self) -> tuple[str, tuple[str, ...]]:
        """The words in lower case with a sign for every name, and the names: "the keeper was □", ("Abel Strake",)."""
        said: list[str] = []
        named: list[str] = []
        for place, match in enumerate(WORD.finditer(self.text)):
            word = match[0]
            is_name = word[0].isupper() and bool(content_words(word)) and (place > 0 or seems_a_name(word))
            if is_name and said and said[-1] == _SLOT:
                named[-1] += f" {word}"
                continue
            said.append(_SLOT if is_name else word.lower())
            named += [word] if is_name else []
        return " ".join(said), tuple(named)

    def beyond(self, other: _Statement) -> frozenset[str]:
        """Its terms that the other one does not have in any form."""
        return frozenset(
            one
            for one in self.terms - other.terms
            if not any(_is_form(one, another) for another in other.terms - self.terms)
        )

    def contradicts(self, other: _Statement) -> bool:
        """True if both are about the same thing, and not both can be right."""
        if self.text.lstrip().startswith(("|", "#")) or other.text.lstrip().startswith(("|", "#")):
            return False  # a row of a table says nothing without its column names
        if self._names_otherwise(other):
            return True
        if not self._speaks_of_the_same(other):
            return False
        checks = (self._counts_otherwise, self._denies, self._dates_otherwise, self._is_the_opposite)
        return any(check(other) for check in checks)

    def _speaks_of_the_same(self, other: _Statement) -> bool:
        own, others = self.beyond(other), other.beyond(self)
        shared = len(self.terms) - len(own)
        if not own and not others and shared == _LEAST_WORDS - 1:
            return min(len(words(self.text)), len(words(other.text))) >= _WHOLE_SENTENCE
        return shared >= max(_LEAST_WORDS, _LEAST_SHARED * min(len(self.terms), len(other.terms)))

    def _names_others(self, other: _Statement) -> bool:
        return bool(self.names - other.names and other.names - self.names)

    def _adds_nothing(self, other: _Statement) -> bool:
        """True if not both have terms of their own, and neither narrows down what they share."""
        own, others = self.beyond(other), other.beyond(self)
        return not (own and others) and not self._narrows(own) and not other._narrows(others)

    def _narrows(self, own: frozenset[str]) -> bool:
        """True if a word of its own comes directly before one that both have: the second patient, an older lamp."""
        said = WORD.findall(self.text)
        return any(
            term(word, self.language) in own
            and word[0].islower()
            and not word.endswith("ly")
            and term(behind, self.language) in self.terms - own
            for word, behind in pairwise(said)
        )

    def _counts_otherwise(self, other: _Statement) -> bool:
        """True for another number of the same things, if all others agree; or if one number is all that differs."""
        here, there = self.numbers - other.numbers, other.numbers - self.numbers
        if not here or not there or self._names_others(other) or not self._adds_nothing(other):
            return False
        if _dates(self.text) != _dates(other.text):
            return False  # days are compared separately
        for what in self.counts.keys() & other.counts.keys():
            one, two = self.counts[what], other.counts[what]
            if one.isdisjoint(two) and here == one and there == two:
                return True
        return len(here) == len(there) == 1 and not self.beyond(other) and not other.beyond(self)

    def _denies(self, other: _Statement) -> bool:
        """True if a clause has the same words in both, and a negation in only one."""
        if self.numbers != other.numbers or self._names_others(other) or not self._adds_nothing(other):
            return False
        if self.beyond(other) | other.beyond(self) and not self.names & other.names:
            return False
        told = clauses(other.text, self.language)
        for clause in clauses(self.text, self.language):
            for said in told:
                both = clause.terms & said.terms
                alike = len(both) >= _LEAST_WORDS and len(both) >= 0.8 * max(len(clause.terms), len(said.terms))
                if alike and clause.opposes(said):
                    return True
        return False

    def _dates_otherwise(self, other: _Statement) -> bool:
        """True for another day of the same thing, if it happens only once."""
        here, there = _dates(self.text), _dates(other.text)
        if len(here) != 1 or len(there) != 1 or not _differ(here[0], there[0]) or _AGAIN.search(self.text):
            return False
        one, two = (_Statement(_DATE.sub(" ", statement.text)) for statement in (self, other))
        if one._names_others(two) or one.numbers != two.numbers or len(one.terms) < _LEAST_WORDS - 1:
            return False
        return not one.beyond(two) and not two.beyond(one)

    def _names_otherwise(self, other: _Statement) -> bool:
        """True for the same words with another name at the end, if only one name can be right. English only."""
        if self.language != "en" or self.numbers != other.numbers:
            return False
        (said, here), (told, there) = self.skeleton, other.skeleton
        if said != told or not here or here[:-1] != there[:-1] or not _ONE_ANSWER.search(said):
            return False
        return set(here[-1].lower().split()).isdisjoint(there[-1].lower().split())

    def _is_the_opposite(self, other: _Statement) -> bool:
        """True if all but one word is the same, and that means the opposite."""
        if self.numbers != other.numbers or self._names_others(other):
            return False
        return (self.beyond(other), other.beyond(self)) in _opposites()


def _is_form(one: str, other: str) -> bool:
    """True for terms that may be forms of one word: one of them begins with the other."""
    short, long = sorted((one, other), key=len)
    return len(short) >= 4 and long.startswith(short)


def _dates(text: str) -> list[tuple[int, int, str]]:
    """Day, month and year (empty if none is named) of every date with a day."""
    return [
        (int(found[1] or found[4]), NUMBERS[(found[2] or found[3]).lower()], found[5] or "")
        for found in _DATE.finditer(text)
    ]


def _differ(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    """True for different days of one year; a date without a year is taken to be in that of the other."""
    return one[:2] != other[:2] and (one[2] == other[2] or not one[2] or not other[2])


@cache
def _opposites() -> frozenset[tuple[frozenset[str], frozenset[str]]]:
    pairs = [tuple(frozenset({term(word)}) for word in pair.split()) for pair in _OPPOSITES.split(", ")]
    return frozenset((one, other) for pair in pairs for one, other in (pair, pair[::-1]))
