"""The value types of an evaluation: questions, their right answers, and the documents that they are about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from ..types import Document, Span

Scope: TypeAlias = Literal["corpus", "document"]
"""One tree over all documents; or one tree per document, for questions that take their document for granted."""


class Place(NamedTuple):
    """A range of characters of a document."""

    document_id: str
    span: Span


@dataclass(frozen=True, slots=True)
class Proof:
    """A place that proves an answer, or part of it. `others` say the same: finding any of them is enough."""

    place: Place
    others: tuple[Place, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """All these places, with `place` first."""
        return (self.place, *self.others)


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what is right. Fields for which a dataset has nothing are empty."""

    id: str
    text: str
    kind: str = ""
    """The dataset's word for the kind of question: `fact`, `broad`, `boolean`, `hard`, ... Tables have a row for it."""
    document_id: str = ""
    """The document that the question takes for granted ("the paper")."""
    references: tuple[str, ...] = ()
    """Right answers, one for each person who was asked; any of them is right."""
    unanswerable: bool = False
    """True if the documents do not answer it, and saying so is right."""
    options: tuple[str, ...] = ()
    label: int | None = None
    """Index of the right option."""
    proofs: tuple[Proof, ...] = ()
    """What has to be found: all of them are needed for the whole answer."""
    relevant: Mapping[str, int] = field(default_factory=dict)
    """Graded relevance by document id (qrels); documents that are not named have 0."""


@dataclass(frozen=True)
class Dataset:
    """Documents and questions about them."""

    name: str
    split: str
    source: str
    """Where it was published: a paper and an address."""
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    scope: Scope = "corpus"
    abstention: str = ""
    """How the references say that there is no answer: `Unanswerable` in QASPER, an empty answer in SQuAD 2.0."""
    notices: tuple[str, ...] = ()
    """What a reader of the figures should know: counts that are not the published ones, proofs that were not found."""

    @property
    def proved(self) -> bool:
        """True if questions have proofs, relevant documents or options, and not only answers in words."""
        return any(question.proofs or question.relevant or question.options for question in self.questions)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the documents and questions: two runs with the same digest had the same data."""
        total = hashlib.sha256()
        for document in self.documents:
            total.update(json.dumps([document.id, document.sha256]).encode())
        for question in self.questions:
            total.update(json.dumps(_fields(question), sort_keys=True).encode("utf-8", "surrogatepass"))
        return total.hexdigest()


def _fields(question: Question) -> list[object]:
    return [
        question.id,
        question.text,
        question.kind,
        question.document_id,
        question.references,
        question.unanswerable,
        question.options,
        question.label,
        [proof.places for proof in question.proofs],
        dict(question.relevant),
    ]
