"""What kind of request is it? A linear classifier over words, learnt from examples (prompts/kinds.md).

An example marks in brackets what it is about: `Which letters mention [money]?` The words outside of all brackets are
the words of requests. In the outline of a question every run of other words becomes one X, so that "Which minutes
mention the new crane?" is read as "which X mention X ?" and not by its crane. The classifier sees words and characters
of the question and of its outline. It is trained when the first question comes, in a tenth of a second, and needs no
embedder: sentence vectors beside the words changed nothing for questions that were kept apart
(tests/benchmarks/test_kinds.py has the figures).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..prompting import examples
from .base import RequestKind

SECTIONS: dict[str, RequestKind] = {
    "overview": "overview",
    "documents": "documents",
    "documents that mention": "documents",
    "number of documents": "documents",
    "newest document": "documents",
    "oldest document": "documents",
    "longest document": "documents",
    "list": "list",
    "count": "count",
    "compare": "compare",
    "greeting": "small talk",
    "thanks": "small talk",
    "goodbye": "small talk",
    "about the assistant": "small talk",
    "definition": "fact",
    "fact": "fact",
}
"""The sections of the file, and the kind of request that each of them is."""

_SLOT = re.compile(r"\[([^\]]*)\]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SIGN = re.compile(r"([?？！!.,¿¡])")
_DOCUMENT_WORDS = "words for documents"
"""The section with words for documents of any kind, a few in a line."""
_EARLY = 4
"""Words from the beginning of a question among which one for documents stands if it asks for documents."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
_TOPIC = "X"
_SURE = 0.5
"""Margin from which on a question is taken for something else than a fact. Of CovidQA's 1,380 questions, which ask for
facts, 9 % pass it; of the others in tests/benchmarks/kinds.jsonl a sixth does not, and is answered as a fact."""


@dataclass(frozen=True, slots=True)
class Told:
    """The kind of a request, the section of examples that it is most like, and how sure that is.

    `margin` is the distance to the next kind in the classifier's own unit.
    """

    kind: RequestKind
    detail: str
    margin: float

    @property
    def is_sure(self) -> bool:
        """False where it may as well be a fact, which most questions ask for."""
        return self.kind == "fact" or self.margin >= _SURE


class Kinds:
    """Learns from the examples when the first question comes. Threads may share it."""

    def __init__(self, prompts: Path | None = None) -> None:
        self._prompts = prompts

    def tell(self, question: str) -> Told:
        """The kind of a question."""
        learnt = self._learnt
        scores = dict(zip(learnt.sections, learnt.scores(question), strict=True))
        best = max(scores, key=lambda section: scores[section])
        others = [score for section, score in scores.items() if SECTIONS[section] != SECTIONS[best]]
        return Told(SECTIONS[best], best, scores[best] - max(others))

    def is_overview(self, question: str) -> bool:
        """True for a question that surely asks for an overview."""
        told = self.tell(question)
        return told.kind == "overview" and told.is_sure

    def names_documents(self, question: str) -> bool:
        """True if a word for documents stands early in a question: "How many papers ...". In scripts without spaces
        words cannot be told apart, and any question may."""
        if _UNSPACED.search(question):
            return True
        said = [word.lower() for word in _WORD.findall(question)]
        return any(word in self._document_words for word in said[:_EARLY])

    @cached_property
    def _document_words(self) -> frozenset[str]:
        lines = examples("kinds", self._prompts)[_DOCUMENT_WORDS]
        return frozenset(word.lower() for line in lines for word in line.split())

    def is_request_word(self, word: str) -> bool:
        """True for a word that requests are made of (which, document, mention), and not what they are about."""
        return word.lower() in self._learnt.words

    @cached_property
    def _learnt(self) -> _Learnt:
        found = examples("kinds", self._prompts)
        return _Learnt([(section, line) for section, lines in found.items() if section in SECTIONS for line in lines])


class _Learnt:
    """A classifier that has been trained."""

    def __init__(self, lines: Sequence[tuple[str, str]]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC

        self.words = frozenset(word.lower() for _, line in lines for word in _WORD.findall(_SLOT.sub(" ", line)))
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
        """For every section how well the question fits it."""
        found: list[float] = np.ravel(self._classifier.decision_function(self._features([question]))).tolist()
        return found

    def _features(self, texts: Sequence[str]) -> Any:
        """Shape (texts, features), sparse."""
        from scipy.sparse import hstack

        whole, outlines = self._marked(texts), self._outlines(texts)
        parts = [one.transform(whole) for one in self._whole] + [one.transform(outlines) for one in self._outline]
        return hstack(parts).tocsr()

    def _marked(self, texts: Iterable[str]) -> list[str]:
        """In lower case, the punctuation apart, and a sign for the beginning and one for the end."""
        return ["^ " + _SIGN.sub(r" \1 ", text.lower()) + " $" for text in texts]

    def _outlines(self, texts: Iterable[str]) -> list[str]:
        return self._marked(outline(text, self.words) for text in texts)


def outline(question: str, known: frozenset[str]) -> str:
    """The question with one X for every run of words that are not `known`."""
    parts: list[str] = []
    for match in _WORD.finditer(question):
        word = match[0].lower()
        said = word if word in known else _TOPIC
        if said != _TOPIC or parts[-1:] != [_TOPIC]:
            parts.append(said)
    return " ".join(parts) + ("?" if question.rstrip().endswith(("?", "？")) else "")
