"""Finds the documents that a question names by number, file, title, kind or date, or by words of these.

A document is named if its name explains what the question says (the share of the question's words, weighted by how
few names have them) and the question says enough of the name. A number with its word ("chapter 13"), a file's name and
a whole title name a document, whatever else the question asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from .dates import DateSpan, bounds, dates
from .languages import language_of
from .name_index import LONGEST_PHRASE, Floats, NameIndex, Phrase, is_unspaced, terms_of, union
from .numerals import numbers
from .stop_words import stop_words
from .titles import DocumentName, Token, number_after, roman, tokens

_MOST = 50
_MOST_CHARACTERS = 2000
_LEAST = 0.01
_TINY = 1e-9
_LEAST_NAME = 0.25
"""The factor for the confidence if a question says next to nothing of a name."""
_WELL_SAID = 0.3
"""How much less the rest of a question counts if it says all of a name."""
_FILE, _WHOLE, _REQUESTED = 0.99, 0.98, 0.8
"""The confidence in a file's name with its extension, in a name that is the whole question, and in a name after a
single word that no name has (summarize, explain)."""
_PHRASES = (0.0, 0.0, 0.45, 0.75, 0.9)
"""The confidence in any other name that a question contains, by the number of its meaningful words: two common words
may be adjacent by chance."""
_EXACT, _PART, _OUTER = 0.97, 0.95, 0.6
"""The confidence in a number: the one that is asked for, a part of it (ch13-01 of chapter 13), or the whole of it."""
_KIND_AND_MORE, _KIND = 0.85, 0.3
"""The share of a name that its kind says: with another of its words or its date, and alone."""
_FEW = 3
"""A kind with another word counts that much if the question's words leave about this many documents."""
_APART, _APART_ORDER = 0.5, 0.7
"""The factors for a name whose words are apart in the question, or of which it says one word: for the confidence, and
for the order, where one word costs nothing."""
_ANY_DAY, _OTHER_DATE = 0.6, 0.3
"""How much of an asked time a document of a single day in it explains; the factor for a document of another time."""
_REQUEST, _UNKNOWN = 0.3, 0.7
"""The weight of a word that no name has, as a share of one that one name has: the first word of a question, others."""
_BY_WORDS, _AS_WRITTEN = 0.93, 0.03
"""Words weigh less than a name that is said literally; words in the same form decide between equals."""
_LONGEST_JOINT = 3
"""Most letters of a word between two numbers: and, und, et."""
_ORDINAL_SIGN = re.compile("(?<=第)[〇零一二三四五六七八九十百千]+")


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A document that a question may name, and how sure that is (0 to 1)."""

    document_id: str
    score: float


@dataclass(frozen=True, slots=True)
class _PreparedQuestion:
    """A question, prepared for the comparison with names."""

    text: str
    languages: tuple[str, ...]
    """Its own, and that of most names, because a short question tells little."""
    tokens: tuple[Token, ...]
    has_meaning: list[bool]
    """For every token, whether it is not a stop word."""
    dates: list[DateSpan]


class DocumentNames:
    """The names of all documents of an index, indexed for questions."""

    def __init__(self, names: Sequence[tuple[str, DocumentName]]) -> None:
        self._keys = [key for key, _ in names]
        self._index = NameIndex([name for _, name in names])

    def match(self, question: str, limit: int = _MOST) -> tuple[NameMatch, ...]:
        """The documents that a question may name, surest first, at most `limit`; it names those from 0.5 up."""
        asked = self._asked(question[:_MOST_CHARACTERS])
        if not self._keys or not asked.tokens:
            return ()
        named, counted = self._by_number(asked)
        named = np.maximum(named, self._by_phrase(asked))
        explained, said, together = self._by_words(asked, counted)
        order = explained**1.5 * (0.4 + 0.6 * said) * (1 - _AS_WRITTEN) + _AS_WRITTEN * self._as_written(asked)
        order = 1 - (1 - _BY_WORDS * order * (explained > 0)) * (1 - named)
        sureness = explained ** (1 - _WELL_SAID * together) * (_LEAST_NAME + (1 - _LEAST_NAME) * together)
        sureness = 1 - (1 - sureness) * (1 - named)
        best = float(order.max())
        if best <= 0:
            return ()
        scores = (float(sureness.max()) / best * order).round(4)
        first = np.lexsort((self._index.lengths, -scores))[:limit]
        return tuple(NameMatch(self._keys[place], float(scores[place])) for place in first if scores[place] >= _LEAST)

    def of_kind(self, word: str) -> frozenset[str]:
        """The ids of the documents whose kind a word names: `letters`, or `chapters` if files are called ch01, ch02."""
        (token, *more) = tokens(word) or [Token("", 0, 0)]
        if more or not token.text:
            return frozenset()
        ids = set(union(self._index.kinds, self._terms(token.text)).tolist())
        for counter in self._index.counters(token.text):
            if self._index.series[counter] == 1:
                ids |= set(union(self._index.kinds, self._terms(counter)).tolist())
        return frozenset(self._keys[place] for place in ids)

    def _asked(self, question: str) -> _PreparedQuestion:
        text = _ORDINAL_SIGN.sub(lambda found: min(numbers(found[0], "zh"), default=found[0]), question)
        usual = self._index.languages[0]
        languages = tuple(dict.fromkeys((language_of(text), usual)))
        stops = frozenset[str]().union(*map(stop_words, languages))
        found = tuple(tokens(text))
        has_meaning = [token.text not in stops for token in found]
        told = [token.text for token, meant in zip(found, has_meaning, strict=True) if meant]
        if not any(self._index.terms.keys() & self._terms(word) for word in told):
            has_meaning = [True] * len(found)  # a name may consist of stop words
        return _PreparedQuestion(text, languages, found, has_meaning, dates(text))

    def _by_number(self, asked: _PreparedQuestion) -> tuple[Floats, set[int]]:
        """How sure it is that a number means each document, and the places of the tokens that are such numbers."""
        named, counted = np.zeros(len(self._keys)), set[int]()
        counters = [
            self._index.counters(token.text, has_meaning)
            for token, has_meaning in zip(asked.tokens, asked.has_meaning, strict=True)
        ]
        before, end = set[str](), -2
        for place in range(len(asked.tokens)):
            near = set[str]().union(*counters[_word_before(asked, place) : place], *counters[place + 1 : place + 2])
            if place == end or (place == end + 1 and len(asked.tokens[end].text) <= _LONGEST_JOINT):
                near |= before  # PEP 483 and 484
            for values, length in _numbers_at(asked, place) if near else ():
                for word in near | set[str]().union(*counters[place + length : place + length + 1]):
                    for document, sure in self._numbered(word, values):
                        named[document] = max(named[document], sure)
                        before, end = near, place + length
                        counted.update(range(place, end))
        for place in counted:
            asked.has_meaning[place] = True  # the B of Appendix B
        return named, counted

    def _numbered(self, word: str, values: Phrase) -> Iterator[tuple[int, float]]:
        """Yield the documents with the number, and how sure it is that they are meant."""
        series = self._index.series.get(word, 0.0)
        for document, its in self._index.numbers.get((word, values[0]), ()) if series else ():
            shared = min(len(its), len(values))
            if its[:shared] == values[:shared]:
                yield document, series * (_EXACT if its == values else _PART if len(its) > len(values) else _OUTER)

    def _by_phrase(self, asked: _PreparedQuestion) -> Floats:
        """How sure it is that a name which the question says literally means each document; the longest names count."""
        named = np.zeros(len(self._keys))
        said = tuple(token.text for token in asked.tokens)
        reached = 0
        for start in range(len(said)):
            ends = range(min(len(said), start + LONGEST_PHRASE), max(reached, start), -1)
            end = next((end for end in ends if said[start:end] in self._index.phrases), 0)
            if not end:
                continue
            reached = end
            outside = [place for place, meant in enumerate(asked.has_meaning) if meant and not start <= place < end]
            sure = _PHRASES[min(sum(asked.has_meaning[start:end]) or end - start, len(_PHRASES) - 1)]
            if said[start:end] in self._index.files:
                sure = _FILE
            elif not outside:
                sure = _WHOLE
            elif outside == [0] and not union(self._index.terms, self._terms(said[0])).size:
                sure = max(sure, _REQUESTED)
            for place, share in self._index.phrases[said[start:end]].items():
                named[place] = max(named[place], sure * share)
        return named

    def _by_words(self, asked: _PreparedQuestion, counted: set[int]) -> tuple[Floats, Floats, Floats]:
        """For every document: the share of the question that its name explains; the share of its name that the question
        says, for the order; and the same for the confidence, lower if the words are apart.
        """
        index = self._index
        explained, of_kind, words = np.zeros((3, len(self._keys)))
        of_names = np.zeros(len(index.owners))
        times = [date for date in asked.dates if not any(_lies_in(asked.tokens[place], date) for place in counted)]
        asked_terms = list(self._asked_terms(asked, times))
        total = 0.0
        for forms, opens in dict(reversed(asked_terms)).items():
            ids = union(index.terms, forms)
            weight = index.weight(ids.size) * (1 if ids.size else _REQUEST if opens else _UNKNOWN)
            total += weight
            explained[ids] += weight
            kinds = union(index.kinds, forms)
            of_kind[kinds] += weight
            words[np.setdiff1d(ids, kinds, assume_unique=True)] += 1
            of_names[union(index.names, forms)] += weight
        for date in times:
            shared = index.shared_days(*bounds(date.iso))
            weight = index.weight(int((shared > 0).sum()))
            total += weight
            explained += weight * (shared > 0) * (_ANY_DAY + (1 - _ANY_DAY) * shared)
            explained[(index.last_day > 0) & (shared == 0)] *= _OTHER_DATE
        said = np.zeros(len(self._keys))
        np.maximum.at(said, index.owners, np.minimum(1, of_names / np.maximum(index.whole, _TINY)))
        runs = np.minimum(1, self._pairs([forms for forms, _ in asked_terms]) / np.maximum(words - 1, 1))
        together = said * (_APART + (1 - _APART) * runs)
        said *= _APART_ORDER + (1 - _APART_ORDER) * np.where(words > 1, runs, 1)
        enough = np.minimum(1, explained / np.log1p(len(self._keys) / _FEW))
        alone = explained - of_kind <= _TINY
        for share in (said, together):
            with_kind = np.where(alone, np.minimum(share, _KIND), np.maximum(share, _KIND_AND_MORE * enough))
            np.copyto(share, with_kind, where=of_kind > 0)
        return explained / max(total, _TINY), said, together

    def _pairs(self, asked_terms: Sequence[Phrase]) -> Floats:
        """For every document, how many pairs of adjacent words its names share with the question."""
        found = np.zeros(len(self._keys))
        for one, other in dict.fromkeys(pairwise(asked_terms)):
            ids = [self._index.pairs[pair] for pair in product(one, other) if pair in self._index.pairs]
            if ids:
                found[np.unique(np.concatenate(ids))] += 1
        return found

    def _as_written(self, asked: _PreparedQuestion) -> Floats:
        """For every document, the share of the question's words that its name has in the same form, also stop words."""
        found, total = np.zeros(len(self._keys)), _TINY
        for word in dict.fromkeys(token.text for token in asked.tokens):
            ids = self._index.words.get(word)
            if ids is not None:
                found[ids] += self._index.weight(ids.size)
                total += self._index.weight(ids.size)
        return found / total

    def _asked_terms(self, asked: _PreparedQuestion, times: Sequence[DateSpan]) -> Iterator[tuple[Phrase, bool]]:
        """Yield for every meaningful word outside of dates its terms, and whether it opens a longer question."""
        run: list[str] = []
        for place, token in enumerate(asked.tokens):
            left_out = not asked.has_meaning[place] or any(_lies_in(token, date) for date in times)
            if run and (left_out or not is_unspaced(token.text)):
                yield from ((forms, False) for forms in terms_of(run, self._index.languages))
                run = []
            if left_out:
                continue
            if is_unspaced(token.text):
                run.append(token.text)
                continue
            short = [word for word in self._index.counters(token.text) if self._index.series[word] == 1]
            terms = [*self._terms(token.text), *(term for word in sorted(short) for term in self._terms(word))]
            yield tuple(dict.fromkeys(terms)), place == 0 and len(asked.tokens) > 1
        yield from ((forms, False) for forms in terms_of(run, self._index.languages))

    def _terms(self, word: str) -> Phrase:
        return tuple(term for forms in terms_of([word], self._index.languages) for term in forms)


def _lies_in(token: Token, date: DateSpan) -> bool:
    return date.start <= token.start < date.end


def _word_before(asked: _PreparedQuestion, place: int) -> int:
    """The place of the word that goes with a number: right before it, or before one stop word (chapter number 13)."""
    passes = place > 1 and asked.has_meaning[place - 2] and not asked.has_meaning[place - 1]
    return place - 2 if passes else max(0, place - 1)


def _numbers_at(asked: _PreparedQuestion, place: int) -> list[tuple[Phrase, int]]:
    """The numbers that may begin at a token (figures, words, Roman numerals, a letter), with their length in tokens."""
    values = number_after(asked.tokens, place, asked.text)
    if values:
        return [(values, len(values))]
    here, *following = (token.text for token in asked.tokens[place : place + 2])
    if len(here) == 1 or roman(here):
        return [((value,), 1) for value in (here, roman(here)) if value]
    before = asked.tokens[place - 1].text if place else ""
    one = _in_words(here, asked.languages) or _in_words(f"{before} {here}", asked.languages) - {before}
    two = _in_words(" ".join((here, *following)), asked.languages) if one else set()
    if len(two) == 1 and two != one:
        return [((min(two),), 2)]  # twenty-one
    return [((value,), 1) for value in sorted(one)]


def _in_words(text: str, languages: Sequence[str]) -> set[str]:
    return set[str]().union(*(numbers(text, language) for language in languages))
