"""Sorts questions into the sections of a file of examples: a linear classifier over their words.

An example marks in brackets what it is about: `Which letters mention [money]?` In the outline of a question every run
of words that no example has outside brackets becomes one X, so that "Which minutes mention the new crane?" is read as
"which X mention X ?" and its crane does not count. The classifier sees words and characters of the question and of its
outline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..text.folding import fold

_SLOT = re.compile(r"\[([^\]]*)\]")
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SIGN = re.compile(r"([?!.,¿¡])")
_TOPIC = "X"


class Classifier:
    """A linear classifier, trained on pairs (section, example)."""

    def __init__(self, lines: Sequence[tuple[str, str]]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC

        written = {word for _, line in lines for word in WORD.findall(_SLOT.sub(" ", fold(line)))}
        self.words = frozenset(fold(word, case=True) for word in written)
        self.capitalized = frozenset(word for word in written if not word.islower())
        self.letters = frozenset(letter for _, line in lines for letter in fold(line, case=True) if letter.isalpha())
        words: dict[str, Any] = {"token_pattern": r"\S+", "sublinear_tf": True, "lowercase": False}
        letters: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (1, 4), "sublinear_tf": True}
        self._whole = (TfidfVectorizer(ngram_range=(1, 2), **words), TfidfVectorizer(**letters))
        self._outline = (TfidfVectorizer(ngram_range=(1, 3), **words), TfidfVectorizer(**letters))
        texts = [_SLOT.sub(r"\1", line) for _, line in lines]
        for vectorizers, said in ((self._whole, self._marked(texts)), (self._outline, self._outlines(texts))):
            for vectorizer in vectorizers:
                vectorizer.fit(said)
        self._classifier = LinearSVC(class_weight="balanced")
        self._classifier.fit(self._features(texts), [section for section, _ in lines])
        self.sections: list[str] = self._classifier.classes_.tolist()

    def scores(self, question: str) -> list[float]:
        """How well the question fits each section, in the order of `sections`."""
        found: list[float] = np.ravel(self._classifier.decision_function(self._features([question]))).tolist()
        return found

    def _features(self, texts: Sequence[str]) -> Any:
        """Shape (texts, features), sparse."""
        from scipy.sparse import hstack

        whole, outlines = self._marked(texts), self._outlines(texts)
        parts = [one.transform(whole) for one in self._whole] + [one.transform(outlines) for one in self._outline]
        return hstack(parts).tocsr()

    def _marked(self, texts: Iterable[str]) -> list[str]:
        """The texts in lower case, with punctuation set apart, and a sign for the beginning and one for the end."""
        return ["^ " + _SIGN.sub(r" \1 ", fold(text, case=True)) + " $" for text in texts]

    def _outlines(self, texts: Iterable[str]) -> list[str]:
        return self._marked(outline(text, self.words) for text in texts)


def outline(question: str, known: frozenset[str]) -> str:
    """The question with one X for every run of words that are not `known`."""
    parts: list[str] = []
    for word in WORD.findall(fold(question, case=True)):
        said = word if word in known else _TOPIC
        if said != _TOPIC or parts[-1:] != [_TOPIC]:
            parts.append(said)
    return " ".join(parts) + ("?" if fold(question).rstrip().endswith("?") else "")
