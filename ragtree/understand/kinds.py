"""The kind of a request, and what it wants, by classifiers that learn from examples (prompts/kinds.md,
prompts/wanted.md and prompts/calculations.md).

They are trained when the first question comes, in a tenth of a second each, and need no embedder: sentence vectors in
addition to the words changed nothing for held-out questions (tests/benchmarks/test_kinds.py has the figures).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from ..prompting import examples
from ..tables.base import Operation
from ..text.folding import fold
from ..text.scripts import UNSPACED
from .base import AnswerKind, DocumentOrder, RequestKind
from .classifier import WORD, Classifier

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
    "go on": "fact",
    "definition": "fact",
    "fact": "fact",
}
"""The sections of prompts/kinds.md, and the kind of request that each of them is."""

WANTED: dict[str, AnswerKind] = {
    "person": "person",
    "time": "time",
    "count": "count",
    "amount": "amount",
    "something else": "other",
}
"""The sections of prompts/wanted.md, and the kind of answer that each of them wants."""
OPERATIONS: tuple[Operation, ...] = ("value", "sum", "mean", "highest", "lowest", "count")
_NOT_COMPUTED = "something else"
"""The sections of prompts/calculations.md: what is asked of tables, and what is not answered from them."""
_DOCUMENT_WORDS = "words for documents"
"""The section with words for documents of any kind, a few in a line."""
_EARLY = 4
"""A question that asks for documents has a word for them among this many words at its beginning."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
ORDERS: dict[str, DocumentOrder] = {
    "newest document": "newest document",
    "oldest document": "oldest document",
    "longest document": "longest document",
}
_IN_FRONT = 4
"""Most words before a kind of document that may choose among the documents: "the most recent set of minutes"."""
_MOST_PHRASES = 40
"""Most phrases of a question that are looked at, 3 ms each: a pasted text need not choose anything."""
_CHOOSES = 0.8
"""Least margin with which a phrase chooses a document; "the last page of the letter" has .4, "the last letter" 1.2."""
_SURE = 0.5
"""Least margin with which a question is taken to ask for something other than a fact. Of CovidQA's 1,380 questions,
which ask for facts, 9 % reach it; of the others in tests/benchmarks/kinds.jsonl a sixth does not, and is answered as a
fact."""


@dataclass(frozen=True, slots=True)
class Classification:
    """The kind of a request, the section of examples that it is most like, and how sure that is.

    `margin` is the distance to the next kind in the classifier's own unit.
    """

    kind: RequestKind
    detail: str
    margin: float

    @property
    def is_sure(self) -> bool:
        """False if it may as well be a fact, which most questions ask for."""
        return self.kind == "fact" or self.margin >= _SURE


@dataclass(frozen=True, slots=True)
class Order:
    """Words of a question that choose one document of a kind, and by what."""

    by: DocumentOrder
    phrase: str


class RequestClassifier:
    """Classifies questions; it learns from the examples when the first one comes. Threads may share it."""

    def __init__(self, prompts: Path | None = None) -> None:
        self._prompts = prompts

    def classify(self, question: str) -> Classification:
        """The kind of a question. One without letters asks about the assistant, and one in a script without examples
        asks for a fact."""
        learnt = self._learnt
        letters = {letter for letter in fold(question, case=True) if letter.isalpha()}
        if not letters:
            return Classification("small talk", "about the assistant", _SURE)
        if letters.isdisjoint(learnt.letters):
            return Classification("fact", "fact", 0.0)
        scores = dict(zip(learnt.sections, learnt.scores(question), strict=True))
        best = max(scores, key=lambda section: scores[section])
        others = [score for section, score in scores.items() if SECTIONS[section] != SECTIONS[best]]
        return Classification(SECTIONS[best], best, scores[best] - max(others))

    def wanted(self, question: str) -> AnswerKind:
        """The kind of thing that an answer to the question has to name."""
        learnt = self._learnt_wanted
        best = max(zip(learnt.scores(question), learnt.sections, strict=True))
        return WANTED[best[1]]

    def operation(self, question: str) -> Operation | None:
        """What the question asks of a table, if it asks anything of one; None for what is not computed: comparisons,
        ranks, values by group, reasons."""
        learnt = self._learnt_operations
        best = max(zip(learnt.scores(question), learnt.sections, strict=True))[1]
        return next((one for one in OPERATIONS if one == best), None)

    def is_word_for_tables(self, word: str) -> bool:
        """True for a word that requests and questions about tables are made of: total, spend, carry."""
        return self.is_request_word(word) or fold(word, case=True) in self._learnt_operations.words

    def is_overview(self, question: str) -> bool:
        """True if the question surely asks for an overview."""
        told = self.classify(question)
        return told.kind == "overview" and told.is_sure

    def names_documents(self, question: str) -> bool:
        """True if a word for documents is near the beginning of a question: "How many papers ...". In scripts without
        spaces words cannot be told apart, so that it is always True."""
        if _UNSPACED.search(question):
            return True
        said = WORD.findall(fold(question, case=True))
        return any(word in self._document_words for word in said[:_EARLY])

    @cached_property
    def _document_words(self) -> frozenset[str]:
        lines = examples("kinds", self._prompts)[_DOCUMENT_WORDS]
        return frozenset(fold(word, case=True) for line in lines for word in line.split())

    def order(self, question: str, is_kind: Callable[[str], bool], stops: Collection[str] = ()) -> Order | None:
        """The words that choose one document of a kind by its age or length, if any: `the latest minutes` in "What fee
        do the latest minutes give?", if `is_kind` knows minutes. `stops` are the stop words."""
        words = list(WORD.finditer(question))
        phrases = [
            question[words[first].start() : word.end()]
            for place, word in enumerate(words)
            if is_kind(word[0]) or word[0].lower() in self._document_words
            for first in range(max(1, place - _IN_FRONT), place)
            if not _chooses_another(words[first:place], stops)
        ]
        told = [(self.classify(phrase), phrase) for phrase in islice(dict.fromkeys(phrases), _MOST_PHRASES)]
        choosing = [(one.margin, one.detail, phrase) for one, phrase in told if one.detail in ORDERS]
        margin, section, phrase = max(choosing, default=(0.0, "", ""))
        return Order(ORDERS[section], phrase) if margin >= _CHOOSES else None

    def is_request_word(self, word: str) -> bool:
        """True for a word that requests are made of (which, document, mention), rather than what they are about.

        A word with a capital that no example has is a name: Ben, although Dutch requests have the word ben. A word for
        documents is none, as German writes it with a capital: "Wie viele Artikel gibt es?"
        """
        plain, lower = fold(word), fold(word, case=True)
        is_plain = plain.islower() or plain in self._learnt.capitalized
        return lower in self._document_words or (lower in self._learnt.words and is_plain)

    @cached_property
    def _learnt(self) -> Classifier:
        found = examples("kinds", self._prompts)
        return Classifier(
            [(section, line) for section, lines in found.items() if section in SECTIONS for line in lines]
        )

    @cached_property
    def _learnt_wanted(self) -> Classifier:
        found = examples("wanted", self._prompts)
        return Classifier([(section, line) for section in WANTED for line in found[section]])

    @cached_property
    def _learnt_operations(self) -> Classifier:
        found = examples("calculations", self._prompts)
        return Classifier([(section, line) for section in (*OPERATIONS, _NOT_COMPUTED) for line in found[section]])


def _chooses_another(before: Sequence[re.Match[str]], stops: Collection[str]) -> bool:
    """True if the words before one for documents choose something inside them: "the longest sentence in the" letter."""
    is_stop = [fold(word[0], case=True) in stops for word in before]
    return len(before) > 3 and is_stop[-3:] == [False, True, True]
