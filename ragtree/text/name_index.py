"""An index of the names of documents by word, phrase, number and day; `ragtree.references` looks questions up in it.

A document has several names: its title, parts of the title, and its file's name. Its kind, its folder, and the words of
its numbers are its kinds; a folder of several words only if it has no kind. Names have no words of dates, which are
compared as days.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .dates import bounds, dates, spanning
from .scripts import UNSPACED
from .stems import query_terms
from .stop_words import stop_words
from .titles import DocumentName, folders, segments, split_name, tokens, without

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
Phrase = tuple[str, ...]
Key = TypeVar("Key")

LONGEST_PHRASE = 24
"""Most tokens of a name that are compared as a phrase."""
_MOST_LANGUAGES = 4
_UNSPACED = re.compile(f"[{UNSPACED}]")
_PART = 0.7
"""The weight of a part of a title as a phrase; the whole title has 1."""
_SERIES = (0.0, 0.0, 0.6, 1.0)
"""The weight of a number, by how many different numbers its word has: a single one is part of a name (Windows 95)."""


class NameIndex:
    """Names, indexed for lookup. A document is identified by its place in the sequence of names."""

    def __init__(self, names: Sequence[DocumentName]) -> None:
        self.size = len(names)
        counts = Counter(name.language for name in names)
        self.languages = tuple(language for language, _ in counts.most_common(_MOST_LANGUAGES)) or ("en",)
        self.lengths = np.array([len(name.path) for name in names], dtype=np.int64)
        self.first_day, self.last_day = np.zeros((2, len(names)), dtype=np.int64)
        """For a document without a date both are 0."""
        self.phrases: dict[Phrase, dict[int, float]] = defaultdict(dict)
        """Phrase -> the documents that it names, and its weight for each (0 to 1)."""
        self.files: set[Phrase] = set()
        """Phrases that are a file's name or path with its extension."""
        self.numbers: dict[tuple[str, str], list[tuple[int, Phrase]]] = defaultdict(list)
        """Word and first part of a number -> the documents, each with all parts of its number."""
        self._begun: dict[str, set[str]] = defaultdict(set)
        words: dict[str, set[int]] = defaultdict(set)
        terms: dict[str, set[int]] = defaultdict(set)
        pairs: dict[tuple[str, str], set[int]] = defaultdict(set)
        kinds: dict[str, set[int]] = defaultdict(set)
        of_names: dict[str, set[int]] = defaultdict(set)
        owners: list[int] = []
        for place, name in enumerate(names):
            self._note(place, name)
            own = _kind_terms(name)
            ways = list(_terms_of_names(name))
            for way in [way for way in ways if not own.issuperset(way)] or ways:
                for term in way:
                    of_names[term].add(len(owners))
                    terms[term].add(place)
                for pair in pairwise(way):
                    pairs[pair].add(place)
                owners.append(place)
            for term in own:
                kinds[term].add(place)
                terms[term].add(place)
            for forms in terms_of(_words(" ".join(folders(name.path)[-1:])), (name.language,)):
                for term in forms:
                    terms[term].add(place)
            for word in _words(f"{name.title} {name.stem}"):
                words[word].add(place)
        self.words, self.terms, self.kinds, self.names = map(_arrays, (words, terms, kinds, of_names))
        self.pairs = _arrays(pairs)
        self.owners = np.array(owners, dtype=np.int64)
        self.whole = np.zeros(len(owners))
        """The weight of all terms of each name together, shape (n_names,)."""
        for term, ids in self.names.items():
            self.whole[ids] += self.weight(self.terms[term].size)
        values: dict[str, set[str]] = defaultdict(set)
        for word, value in self.numbers:
            values[word].add(value)
        self.series = {word: _SERIES[min(len(found), len(_SERIES) - 1)] for word, found in values.items()}
        """Word -> the weight of a number that stands with it."""

    def weight(self, held: int) -> float:
        """The weight of a word that `held` documents have; a word that none has weighs as much as a word of one."""
        return float(np.log1p(self.size / max(1, held)))

    def counters(self, word: str, has_meaning: bool = True) -> set[str]:
        """The words with numbers that a word may mean: itself, its abbreviations (`ch`), and words it abbreviates."""
        beginnings = {word[:length] for length in range(2, len(word))}
        same = {one for one in (word, *beginnings) if one in self.series}
        return same | self._begun.get(word, set()) if has_meaning and len(word) > 1 else same

    def shared_days(self, first: int, last: int) -> Floats:
        """For every document, how much its time and the days from `first` to `last` overlap (0 to 1): the mean of the
        overlap's share of the document's time and its share of the shorter of the two."""
        begin, end = _days(np.array([first])), _days(np.array([last]))
        own_begin, own_end = _days(self.first_day), _days(self.last_day)
        shared = np.minimum(own_end, end) - np.maximum(own_begin, begin) + 1
        own = np.maximum(own_end - own_begin + 1, 1)
        shorter = np.maximum(np.minimum(own, end - begin + 1), 1)
        return np.where((self.last_day > 0) & (shared > 0), (shared / own + shared / shorter) / 2, 0.0)

    def _note(self, place: int, name: DocumentName) -> None:
        """Add the phrases, numbers and days of a document."""
        for way, share in _ways(name).items():
            phrases = self.phrases[phrase(way)]
            phrases[place] = max(share, phrases.get(place, 0.0))
        file = name.path.rpartition("/")[2]
        for with_ending in {phrase(file), phrase(name.path)} if split_name(name.path)[1] else set():
            self.phrases[with_ending][place] = 1.0
            self.files.add(with_ending)
        for word, values in name.numbers:
            self.numbers[word, values[0]].append((place, values))
            for length in range(2, len(word) + 1):
                self._begun[word[:length]].add(word)
        said = spanning(date.iso for part in (name.title, name.stem, *folders(name.path)) for date in dates(part))
        if name.date and (not said or _is_within(name.date, said)):
            said = name.date
        if said:
            self.first_day[place], self.last_day[place] = bounds(said)


def phrase(text: str) -> Phrase:
    """The tokens of a text in order, at most LONGEST_PHRASE."""
    return tuple(token.text for token in tokens(text)[:LONGEST_PHRASE])


def terms_of(words: Sequence[str], languages: tuple[str, ...]) -> Iterator[Phrase]:
    """Yield for every word its possible terms; characters of scripts without spaces form terms in pairs."""
    for unspaced, run in groupby(words, is_unspaced):
        for word in ["".join(run)] if unspaced else run:
            yield from _forms(word, languages)


def is_unspaced(word: str) -> bool:
    """True for a character of a script that puts no spaces between words."""
    return _UNSPACED.fullmatch(word) is not None


def union(postings: Mapping[str, Ids], terms: Sequence[str]) -> Ids:
    """The sorted ids that `postings` lists under any of the terms."""
    found = [postings[term] for term in dict.fromkeys(terms) if term in postings]
    if len(found) == 1:
        return found[0]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)


@lru_cache(maxsize=1 << 17)
def _forms(word: str, languages: tuple[str, ...]) -> tuple[Phrase, ...]:
    return tuple(query_terms(word, languages)) or ((word,),)


def _ways(name: DocumentName) -> dict[str, float]:
    """The names of a document, and the weight of each as a phrase."""
    file = name.path.rpartition("/")[2]
    parts = segments(name.title)
    counted = {token for number in name.numbers for token in (number.word, *number.values)}
    rest = parts[1:] if parts[1:] and counted.issuperset(phrase(parts[0])) else parts
    whole = (name.title, " ".join(rest), name.stem, file.rpartition(".")[0] or file)
    return dict.fromkeys(parts, _PART) | dict.fromkeys(whole, 1.0)


def _terms_of_names(name: DocumentName) -> Iterator[list[str]]:
    stops = stop_words(name.language) - {value for number in name.numbers for value in number.values}
    for way in _ways(name):
        words = [token.text for token in tokens(without(way, dates(way)))]
        kept = [word for word in words if word not in stops] or words
        if kept:
            yield [term for forms in terms_of(kept, (name.language,)) for term in forms]


def _kind_terms(name: DocumentName) -> set[str]:
    folder = [part for part in folders(name.path)[-1:] if not name.kind or len(_words(part)) == 1]
    said = " ".join([name.kind, *folder, *(number.word for number in name.numbers)])
    words = [word for word in _words(said) if not word.isdigit()]
    return {term for forms in terms_of(words, (name.language,)) for term in forms}


def _words(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


def _is_within(one: str, other: str) -> bool:
    (first, last), (begin, end) = bounds(one), bounds(other)
    return begin <= first and last <= end


def _days(days: Ids) -> Ids:
    """Days such as 19230602 as numbers that grow by about one a day."""
    return days // 10000 * 372 + days // 100 % 100 * 31 + days % 100


def _arrays(sets: Mapping[Key, set[int]]) -> dict[Key, Ids]:
    return {key: np.array(sorted(ids), dtype=np.int64) for key, ids in sets.items()}
