"""A line of a questions file -> a Question whose quotes are spans. Two forms:

    {"id": "q01", "kind": "fact", "question": "...", "answer": "...",
     "quotes": [{"source": "letters/a.md", "quote": "...", "also": [{"source": "minutes/b.md", "quote": "..."}]}]}
    {"id": "q01", "text": "...", "answers": ["..."], "doc_id": "letters/a.md", "spans": [[10, 25]]}

In the first form, for a folder of your own, a question without an answer in the documents has `"answer": null` and no
quotes. What is in `also` says the same as its quote, so that finding either is enough. The second form is that of the
plain format; it may also have options, label, evidence, unanswerable, types and files.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from ...errors import DatasetError
from ...types import Document, Span
from ..base import Place, Proof, Question
from .collected import Collected
from .quotes import prove
from .row_files import DatasetRow, Identifier, RowEntry, Text, Where, check, json_lines, listed

_Texts = Annotated[tuple[str, ...], BeforeValidator(listed)]
_Documents = Mapping[str, Document]


class _AnswerText(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    quote: str


class _Quote(_AnswerText):
    also: tuple[_AnswerText, ...] = ()


class _OwnRow(BaseModel):
    """A line that was written by hand, so an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    kind: str = ""
    question: str
    answer: str | None
    quotes: tuple[_Quote, ...] = ()


class PlainRow(DatasetRow):
    """A line of queries.jsonl."""

    id: Identifier
    text: str
    answers: _Texts = ()
    options: _Texts = ()
    label: int | None = None
    """Counted from 0."""
    doc_id: Text = ""
    spans: Annotated[tuple[tuple[int, int], ...], BeforeValidator(listed)] = ()
    """Half-open ranges of characters of the text of `doc_id`."""
    evidence: _Texts = ()
    unanswerable: bool = False
    types: _Texts = ()
    """Kinds of the answers, one each."""
    type: Text = ""
    files: _Texts = ()
    """Documents that answer it, if there are no qrels."""

    @model_validator(mode="after")
    def _fits_itself(self) -> PlainRow:
        if self.label is not None and not 0 <= self.label < len(self.options):
            raise ValueError(f"label is {self.label}, but the options are 0 to {len(self.options) - 1}")
        if self.spans and not self.doc_id:
            raise ValueError("spans are there, but no doc_id says of which document")
        return self

    @property
    def kind(self) -> str:
        """`type`, or else the word that all `types` share."""
        return self.type or (self.types[0] if len(set(self.types)) == 1 else "")


def read_questions(path: Path, documents: _Documents) -> list[Question]:
    """The questions of a file, about `documents` by id.

    Raises DatasetError for a file that cannot be read; and, with the line, for a field that is missing or wrong, a
    repeated id, an unknown document, and a quote or piece of evidence that its document does not contain.
    """
    collected = Collected()
    try:
        for entry in json_lines(path):
            own = isinstance(entry.data, dict) and "question" in entry.data
            question = _own_question(entry, documents) if own else _plain_question(entry, documents)
            collected.add_question(question, entry.where)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}; give a file of questions") from error
    return list(collected.questions.values())


def _own_question(entry: RowEntry, documents: _Documents) -> Question:
    row = check(entry, _OwnRow)
    proofs = []
    for quote in row.quotes:
        first, *others = [place for said in (quote, *quote.also) for place in _places(said, documents, entry.where)]
        proofs.append(Proof(first, tuple(others)))
    return Question(
        id=row.id,
        text=row.question,
        kind=row.kind,
        references=() if row.answer is None else (row.answer,),
        unanswerable=row.answer is None,
        proofs=tuple(proofs),
    )


def _places(said: _AnswerText, documents: _Documents, where: Where) -> tuple[Place, ...]:
    """The places of the quote in its document."""
    proof = prove(said.quote, [_document(said.source, documents, where)])
    if proof is None:
        raise DatasetError(f"{where}: {said.source} does not say {said.quote[:80]!r}; quote it as it stands")
    return proof.places


def _plain_question(entry: RowEntry, documents: _Documents) -> Question:
    row = check(entry, PlainRow)
    relevant = {_document(key, documents, entry.where).id: 1 for key in row.files}
    question, missing = plain_question(row, documents, relevant, entry.where)
    if missing:
        raise DatasetError(
            f"{entry.where}: no document of the question says {missing[0][:80]!r}; quote it as it stands"
        )
    return question


def plain_question(
    row: PlainRow, documents: _Documents, relevant: Mapping[str, int], where: Where
) -> tuple[Question, list[str]]:
    """The question, and the pieces of its evidence that none of its documents contains.

    Spans are used as proofs; without spans, evidence is looked for in `doc_id`, or else in the relevant documents.
    Raises DatasetError for an unknown document and for a span outside of its text.
    """
    own = [_document(row.doc_id, documents, where)] if row.doc_id else []
    missing = []
    if row.spans:
        proofs = [Proof(_place(span, own[0], where)) for span in row.spans]
    else:
        near = own or [documents[key] for key, score in relevant.items() if score > 0 and key in documents]
        found = {quote: prove(quote, near) for quote in row.evidence}
        proofs = [proof for proof in found.values() if proof is not None]
        missing = [quote for quote, proof in found.items() if proof is None]
    question = Question(
        id=row.id,
        text=row.text,
        kind=row.kind,
        document_id=row.doc_id,
        references=row.answers,
        unanswerable=row.unanswerable,
        options=row.options,
        label=row.label,
        proofs=tuple(proofs),
        relevant=relevant,
    )
    return question, missing


def _place(span: tuple[int, int], document: Document, where: Where) -> Place:
    start, end = span
    if not 0 <= start < end <= len(document.text):
        length = len(document.text)
        raise DatasetError(f"{where}: spans: [{start}, {end}] is not in {document.id}, which has {length:,} characters")
    return Place(document.id, Span(start, end))


def _document(key: str, documents: _Documents, where: Where) -> Document:
    if key not in documents:
        raise DatasetError(f"{where}: there is no document {key!r}; it is named as it is in the corpus or folder")
    return documents[key]
