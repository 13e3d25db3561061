"""Is a sentence supported by its sources? Numbers, names, content words, negation and meaning have to agree.

Mathematics over texts and similarities; it loads no model. `terms`, `numerals` and `polarity` read the texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .text.folding import fold
from .text.languages import language_of
from .text.numerals import counts, numbers, supported_numbers
from .text.polarity import Clause, clauses
from .text.terms import content_words, names, opening_words, same_name, seems_a_name, stem, term, terms, words

__all__ = ["Entails", "Support", "check_support", "content_words", "stem"]

Entails: TypeAlias = Callable[[str, str], bool]
"""A model of natural language inference: (a text, a claim) -> True if the claim follows from the text."""

_MOST_SOURCES = 3
_NEAR = 0.1
"""Sources whose similarity is this close to the best one's can support a sentence together with it."""
_LEAST_SHARED = 0.5
"""Share of a sentence's content words that its sources must contain."""
_SAME_BUT_FOR_NUMBERS = 0.8
"""A best source with this share of a sentence's content words, but with other numbers, contradicts the sentence."""
_LOOKED_AT = 8
"""How many of the most similar sources, the best one included, may support a sentence together."""
_LEAST_BROUGHT = 2
"""Missing words that a source must add if its similarity is not near the best one's."""
_BEFORE = 3
"""How many sentences before the best source are searched for the name that its pronoun stands for."""
_SAME_CLAUSE = 0.5
"""A clause that has this share of another clause's words is about the same thing."""
_JUST_WORDS = re.compile(r"(?:'s)?(?:\s+[\w'-]+)+\s+")
_ORDERED = frozenset({"en", "fr", "es", "it", "pt"})
"""Languages in which the subject stands before its verb."""
_PASSIVE = re.compile(r"\bby\b|\bwas\b|\bwere\b|\band\b|\bor\b|\bpar\b|\bpor\b|\bda\b|\bet?\b|\by\b")
"""Words after which the order of two names does not say who does what."""
_AROUND = 5
"""Sentences on each side of the best source that help to detect the language: one alone is too easily mistaken."""
_PRONOUN = re.compile(r"\b(?:he|she|they|it|him|her|them|his|hers|their|i|my|me|you|your|we|us|our)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Support:
    """How well a sentence is supported (0 to 1), and by which sources, best first; by none if it is unsupported."""

    sources: tuple[int, ...]
    score: float
    contradicted_by: int | None = None
    """The source that contradicts the sentence: it denies it, or has another number or name in its place."""


def check_support(
    sentence: str,
    sources: Sequence[str],
    similarity: NDArray[np.floating],
    threshold: float,
    given: str = "",
    entails: Entails | None = None,
) -> Support:
    """Find the sources that support `sentence`.

    `similarity` has shape (len(sources),): the cosine of the sentence to each source; the sources are in reading order.
    A sentence is supported if the best source is at least `threshold` similar; if this source and at most two others,
    which are similar or next to it, contain every number and name (where the source says "he", a name may be in the
    sentences before it); if numbers count the same things, and names have the same roles; if the sources contain at
    least half of the content words; and if they deny what the sentence denies. Last, `entails` decides, if it is given.

    Names and words of `given`, the question that the sentence answers, need no source: "it is 74 feet high"
    supports "the tower at Maw Head is 74 feet high" if the question was about Maw Head. Numbers always need one.
    """
    if not len(sources):
        return Support((), 0.0)
    best = int(np.argmax(similarity))
    score = float(similarity[best])
    if score < threshold:
        return Support((), max(0.0, score))
    language = language_of("\n".join([sentence, *sources[max(0, best - _AROUND) : best + _AROUND]]))
    claim, asked = _AnalysedText(sentence, language), _AnalysedText(given, language)
    read = _near(claim, sources, similarity, threshold)
    near, found = list(read.values()), list(read)
    unnamed = _unnamed(claim, near, asked, sources)
    if unnamed:
        persons = _stood_for(unnamed, claim, near[0], sources[max(0, best - _BEFORE) : best])
        if persons is None:
            return Support((), 0.0)
        found += [index for index in dict.fromkeys(best - 1 - back for back in persons) if index not in found]
    if _says_otherwise(claim, near, asked):
        return Support((), 0.0, best)
    if not (_has_numbers(claim, near) and _has_words(claim, near, asked)):
        return Support((), 0.0)
    if entails and not entails(" ".join(sources[index] for index in sorted(found)), sentence):
        return Support((), 0.0)
    return Support(tuple(_needed(claim, near, found)), min(1.0, score))


def names_and_numbers_supported(sentence: str, sources: Sequence[str], given: str = "") -> bool:
    """True if the sources contain every number of a sentence, and every name that the question `given` does not."""
    language = language_of("\n".join([sentence, *sources[:_AROUND]]))
    claim, asked, told = (
        _AnalysedText(sentence, language),
        _AnalysedText(given, language),
        _AnalysedText("\n".join(sources), language),
    )
    if not claim.numbers <= supported_numbers(told.text, language):
        return False
    return all(told.has_name(name) or asked.has_name(name) for name in claim.all_names)


def _says_otherwise(claim: _AnalysedText, near: Sequence[_AnalysedText], asked: _AnalysedText) -> bool:
    if _exchanges(claim, near, asked) or _swaps_roles(claim, near) or _denies(claim, near):
        return True
    best = near[0]
    if not claim.numbers or not best.numbers or not claim.numbers.isdisjoint(best.numbers):
        return False
    content = claim.terms - claim.numbers
    return bool(content) and len(content & best.terms) >= _SAME_BUT_FOR_NUMBERS * len(content)


class _AnalysedText:
    """A text and its features, each computed on first use."""

    def __init__(self, text: str, language: str) -> None:
        self.text = fold(text)
        self.language = language

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(terms(self.text, self.language))

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(words(self.text))

    @cached_property
    def names(self) -> list[str]:
        return names(self.text, self.language)

    @cached_property
    def all_names(self) -> list[str]:
        """`names`, and the opening words of sentences that seem to be names."""
        return [*self.names, *(word for word in opening_words(self.text) if seems_a_name(word, self.language))]

    @cached_property
    def numbers(self) -> set[str]:
        return numbers(self.text, self.language)

    @cached_property
    def clauses(self) -> list[Clause]:
        return clauses(self.text, self.language)

    def has_name(self, name: str) -> bool:
        """True if the text contains the name in any of its forms."""
        name = fold(name, case=True)
        if name in self.words or (not name.isascii() and name in self.terms):
            return True
        return any(word[:2] == name[:2] and same_name(name, word) for word in self.words)


def _near(
    claim: _AnalysedText, sources: Sequence[str], similarity: NDArray[np.floating], threshold: float
) -> dict[int, _AnalysedText]:
    """The best source and those that add most of the words it lacks, its neighbours included; by index, best first."""
    order = [int(index) for index in np.argsort(-similarity, kind="stable")[:_LOOKED_AT]]
    best = order[0]
    order += [index for index in (best - 1, best + 1) if 0 <= index < len(sources) and index not in order]
    read = {index: _AnalysedText(sources[index], claim.language) for index in order}
    least = max(threshold, float(similarity[best]) - _NEAR)
    near = [best]
    missing = claim.terms - read[best].terms
    while missing and len(near) < _MOST_SOURCES:
        brought = {index: len(missing & text.terms) for index, text in read.items() if index not in near}
        most = max(brought, key=lambda index: brought[index], default=best)
        others = [index for index, count in brought.items() if count and similarity[index] >= least]
        if brought.get(most, 0) < _LEAST_BROUGHT:
            if not others:
                break
            most = others[0]
        near.append(most)
        missing -= read[most].terms
    return {index: read[index] for index in sorted(near, key=lambda index: -similarity[index])}


def _unnamed(
    claim: _AnalysedText, near: Sequence[_AnalysedText], asked: _AnalysedText, sources: Sequence[str]
) -> list[str]:
    """The names of the claim, in lower case, that are neither in its sources nor in the question."""
    has = [*near, asked]
    missing = [fold(name, case=True) for name in claim.names if not any(text.has_name(name) for text in has)]
    for word in opening_words(claim.text):
        said = any(text.has_name(word) or term(word, claim.language) in text.terms for text in has)
        if not said and (seems_a_name(word, claim.language) or _is_a_name_of(word, sources, claim.language)):
            missing.append(fold(word, case=True))
    return missing


def _is_a_name_of(word: str, sources: Sequence[str], language: str) -> bool:
    """True if a source uses the word as a name: then it is also a name at the beginning of a sentence."""
    return any(
        word in text.text and word in text.names for text in (_AnalysedText(source, language) for source in sources)
    )


def _stood_for(
    missing: Sequence[str], claim: _AnalysedText, best: _AnalysedText, before: Sequence[str]
) -> list[int] | None:
    """How far before the best source each missing name is, if the source has pronouns in their place; else None.

    0 is the sentence just before it. Also None if the source names somebody whom the claim does not name: then a name
    was exchanged.
    """
    pronouns = len(_PRONOUN.findall(best.text)) - len(_PRONOUN.findall(claim.text))
    if len(set(missing)) > pronouns or not all(claim.has_name(name) for name in best.all_names):
        return None
    places = []
    for name in missing:
        texts = [_AnalysedText(text, claim.language) for text in reversed(before)]
        place = next((back for back, text in enumerate(texts) if text.has_name(name)), None)
        if place is None:
            return None
        places.append(place)
    return places


def _exchanges(claim: _AnalysedText, near: Sequence[_AnalysedText], asked: _AnalysedText) -> bool:
    """True if the claim repeats a source with another name in it, and the sources with that name add nothing else."""
    nearest = max(near, key=lambda text: len(claim.words & text.words))
    known = {name for text in near for name in text.names}
    new = [*claim.all_names, *known.intersection(opening_words(claim.text))]
    new = [name for name in new if not (nearest.has_name(name) or asked.has_name(name))]
    if not new or all(claim.has_name(name) for name in nearest.all_names):
        return False
    lacks = claim.terms - nearest.terms - {term(name, claim.language) for name in new}
    return not any(lacks & text.terms for text in near if any(text.has_name(name) for name in new))


def _swaps_roles(claim: _AnalysedText, near: Sequence[_AnalysedText]) -> bool:
    """True if two names are around the same verb in reverse order: A sold B, B sold A; not if only one is passive."""
    for said in _around_verbs(claim):
        told = [other for text in near for other in _around_verbs(text) if {*said.names} == {*other.names}]
        same = [other for other in told if other.terms & said.terms and other.passive == said.passive]
        if same and all(other.names != said.names for other in same):
            return True
    return False


def _around_verbs(text: _AnalysedText) -> Iterator[_Between]:
    """Yield successive names with nothing but words between them, in languages whose word order says who does what."""
    if text.language not in _ORDERED:
        return
    names_here = "|".join(re.escape(name) for name in dict.fromkeys(text.all_names))
    for one, other in pairwise(re.finditer(rf"\b(?:{names_here})\b", text.text) if names_here else ()):
        between = text.text[one.end() : other.start()]
        if one[0] != other[0] and _JUST_WORDS.fullmatch(between):
            pair = (term(one[0], text.language), term(other[0], text.language))
            yield _Between(pair, frozenset(terms(between, text.language)), bool(_PASSIVE.search(between)))


@dataclass(frozen=True, slots=True)
class _Between:
    """Two successive names, and the terms between them."""

    names: tuple[str, str]
    terms: frozenset[str]
    passive: bool


def _has_numbers(claim: _AnalysedText, near: Sequence[_AnalysedText]) -> bool:
    """True if the sources contain every number of the claim, and no other number for the thing that it counts."""
    if not claim.numbers <= {number for text in near for number in supported_numbers(text.text, text.language)}:
        return False
    told: dict[str, set[str]] = {}
    for text in near:
        for number, counted in counts(text.text, text.language):
            told.setdefault(counted, set()).add(number)
    return all(number in told.get(counted, {number}) for number, counted in counts(claim.text, claim.language))


def _has_words(claim: _AnalysedText, near: Sequence[_AnalysedText], asked: _AnalysedText) -> bool:
    """True if the sources contain enough of the claim's terms beyond the question's, and the best one at least one."""
    content = claim.terms - asked.terms - {term(word, claim.language) for word in asked.words}
    if asked.text and not content and not claim.numbers:
        return False  # it only repeats the question
    has = frozenset[str]().union(*(text.terms for text in near))
    if content and len(content & has) < _LEAST_SHARED * len(content):
        return False
    said = content | claim.numbers
    return not said or bool(said & (near[0].terms | near[0].numbers))  # else it is like one source and repeats another


def _denies(claim: _AnalysedText, near: Sequence[_AnalysedText]) -> bool:
    """True if a clause of the claim denies what the most similar clauses of its sources say, or the reverse."""
    told = [clause for text in near for clause in text.clauses if clause.terms]
    for clause in claim.clauses:
        shares = [len(clause.terms & other.terms) / max(1, len(clause.terms)) for other in told]
        most = max(shares, default=0.0)
        if most < _SAME_CLAUSE:
            if clause.terms and clause.negations and not any(other.negations or other.denials for other in told):
                return True
        elif all(clause.opposes(other) for other, share in zip(told, shares, strict=True) if share == most):
            return True
    return False


def _needed(claim: _AnalysedText, near: Sequence[_AnalysedText], found: Sequence[int]) -> Iterator[int]:
    """Yield the best source, others with words that those before it lack, and those that name whom a pronoun means."""
    missing = claim.terms | claim.numbers
    for position, index in enumerate(found):
        has = near[position].terms | near[position].numbers if position < len(near) else frozenset[str]()
        if position == 0 or missing & has or position >= len(near):
            yield index
        missing -= has
