"""Is a sentence supported by its sources? Numbers, names, content words and meaning have to agree.

Mathematics over texts and similarities; it loads no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MOST_SOURCES = 3
_NEAR = 0.1
"""Sources this close to the best one support a sentence together with it."""
_LEAST_SHARED_WORDS = 0.5
_COMMON = frozenset(
    "a about after all also although among an and another any are as at be because been before both but by "
    "can could did do does during each either for from further had has have he her hers him his how however i "
    "if in into is it its may might more most must neither no nor not of on one only or other our out over "
    "she should since so some such than that the their them then there these they this those though through "
    "to under until up upon us was we were what when where whether which while who whom whose why will with "
    "within without would you your yes according additionally furthermore moreover overall".split()
)


@dataclass(frozen=True, slots=True)
class Support:
    """How well a sentence is supported (0 to 1), and by which sources, best first; none where it is not."""

    sources: tuple[int, ...]
    score: float


def check_support(
    sentence: str, sources: Sequence[str], similarity: NDArray[np.floating], threshold: float, given: str = ""
) -> Support:
    """Find the sources that support `sentence`.

    `similarity` has shape (len(sources),): the cosine of the sentence to each source. Supported means: the
    best source is at least `threshold` similar; every number and every name of the sentence stands in the best
    sources (three at most); and they share at least half of its content words.

    Names and words of `given`, the question that the sentence answers, need no source: "it is 74 feet high"
    supports "the tower at Maw Head is 74 feet high" where Maw Head was asked about. Numbers always need one.
    """
    if not len(sources):
        return Support((), 0.0)
    order = np.argsort(-similarity, kind="stable")
    best = float(similarity[order[0]])
    near = [int(index) for index in order[:_MOST_SOURCES] if similarity[index] >= max(threshold, best - _NEAR)]
    if best < threshold:
        return Support((), max(0.0, best))
    stems = {stem(word) for index in near for word in _words(sources[index])}
    if not set(_numbers(sentence)) <= {number for index in near for number in _numbers(sources[index])}:
        return Support((), 0.0)
    asked = {stem(word) for word in _words(given)}
    known = {stem(name) for source in sources for name in _names(source)}
    begins = [word for word in _WORD.findall(sentence)[:1] if stem(word) in known]  # elsewhere it is a name
    if any(stem(name) not in stems | asked for name in [*begins, *_names(sentence)]):
        return Support((), 0.0)
    content = {stem(word) for word in content_words(sentence)} - asked
    if given and not content and not set(_numbers(sentence)):
        return Support((), 0.0)  # it only says the question again
    if content and len(content & stems) < _LEAST_SHARED_WORDS * len(content):
        return Support((), 0.0)
    nearest = {stem(word) for word in _words(sources[near[0]])} | set(_numbers(sources[near[0]]))
    said = content | set(_numbers(sentence))
    if said and not said & nearest:
        return Support((), 0.0)  # what is new in it comes from elsewhere than what it resembles
    return Support(tuple(_needed(sentence, sources, near)), min(1.0, best))


def _needed(sentence: str, sources: Sequence[str], near: Sequence[int]) -> Iterator[int]:
    """The best source, and of the others only those that bring words which the ones before lack."""
    missing = {stem(word) for word in content_words(sentence)} | set(_numbers(sentence))
    for position, index in enumerate(near):
        has = {stem(word) for word in _words(sources[index])} | set(_numbers(sources[index]))
        if position == 0 or missing & has:
            yield index
        missing -= has


def content_words(text: str) -> list[str]:
    """Words in lower case without those that every text has."""
    return [word for word in _words(text) if word not in _COMMON and len(word) > 1]


def stem(word: str) -> str:
    """A crude stem, alike for a word's inflections: its first five letters."""
    return word.lower().removesuffix("'s").removesuffix("’s")[:5]


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _numbers(text: str) -> Iterator[str]:
    return (_THOUSANDS.sub("", number) for number in _NUMBER.findall(text))


def _names(sentence: str) -> list[str]:
    """Words with a capital that do not begin the sentence."""
    words = _WORD.findall(sentence)[1:]
    return [word for word in words if word[0].isupper() and word.lower() not in _COMMON]
