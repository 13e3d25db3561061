"""Sentences of the passages that contradict what an answer cites: other numbers for the same thing, or a denial.

Two sentences speak of the same thing where most of the words of the shorter one stand in the other and their meanings
are near. A false alarm is worse than a miss: what differs in its names or dates as well is taken for another thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..languages import language_of
from ..numerals import counts, numbers
from ..polarity import clauses
from ..terms import content_words, names, term, terms
from ..types import Vectors
from .passages import Quote

_LEAST_SIMILAR = 0.7
_LEAST_SHARED = 0.6
"""Share of the shorter sentence's words that the other one has to have."""
_LEAST_WORDS = 3
"""Words that both have: fewer say too little to be about the same thing."""


def find_contradictions(cited: Sequence[int], quotes: Sequence[Quote], vectors: Vectors) -> list[tuple[int, int]]:
    """Pairs of rows of `quotes`: one that is cited, and one from another place that says otherwise; the nearest first.

    `vectors` has shape (len(quotes), dim), rows of unit length.
    """
    read = {row: _Statement(quote.text) for row, quote in enumerate(quotes)}
    found: dict[tuple[int, int], float] = {}
    for row in cited:
        similarity = vectors @ vectors[row]
        for other in range(len(quotes)):
            near = float(similarity[other])
            if other == row or near < _LEAST_SIMILAR or (other, row) in found or quotes[row].text == quotes[other].text:
                continue
            if read[row].contradicts(read[other]):
                found[row, other] = near
    return sorted(found, key=lambda pair: -found[pair])


@dataclass(frozen=True)
class _Statement:
    """What is compared of a sentence, each thing when it is first asked for."""

    text: str

    @cached_property
    def language(self) -> str:
        return language_of(self.text)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(numbers(self.text, self.language))

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(name.lower() for name in names(self.text, self.language))

    @cached_property
    def counts(self) -> dict[str, set[str]]:
        """What is counted -> how many of it there are."""
        counted: dict[str, set[str]] = {}
        for number, what in counts(self.text, self.language):
            counted.setdefault(what, set()).add(number)
        return counted

    @cached_property
    def terms(self) -> frozenset[str]:
        counted = {term(word, self.language) for word in content_words(self.text) if numbers(word, self.language)}
        return frozenset(terms(self.text, self.language)) - counted

    def contradicts(self, other: _Statement) -> bool:
        """True where both speak of the same thing, and not both can be right."""
        shared = self.terms & other.terms
        shorter = min(len(self.terms), len(other.terms))
        if len(shared) < _LEAST_WORDS or len(shared) < _LEAST_SHARED * shorter:
            return False
        if self.names - other.names and other.names - self.names:
            return False
        return self._counts_otherwise(other) or self._denies(other)

    def _counts_otherwise(self, other: _Statement) -> bool:
        """Another number of the same things, where all other numbers are the same; or one other number alone."""
        here, there = self.numbers - other.numbers, other.numbers - self.numbers
        if not here or not there:
            return False
        for what in self.counts.keys() & other.counts.keys():
            one, two = self.counts[what], other.counts[what]
            if one.isdisjoint(two) and here == one and there == two:
                return True
        return len(here) == len(there) == 1 and self.names == other.names and self.terms == other.terms

    def _denies(self, other: _Statement) -> bool:
        """A clause with the same words and a negation in one of the two only."""
        if self.numbers != other.numbers or not self.names & other.names:
            return False
        told = clauses(other.text, self.language)
        for clause in clauses(self.text, self.language):
            for said in told:
                both = clause.terms & said.terms
                alike = len(both) >= _LEAST_WORDS and len(both) >= 0.8 * max(len(clause.terms), len(said.terms))
                if alike and clause.opposes(said):
                    return True
        return False
