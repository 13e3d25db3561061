"""Collects documents and questions that are read from rows, and notices for a reader of the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...errors import DatasetError
from ...types import Document
from ..base import Dataset, Question, Scope
from .base import Format, Split
from .row_files import Where
from .splits import is_same


class Collected:
    """Collects a dataset. A repeated id is an error that names both places."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.questions: dict[str, Question] = {}
        self._places: dict[tuple[str, str], Where] = {}
        self._counts: Counter[str] = Counter()
        self._told: list[str] = []

    def add_document(self, document: Document, where: Where) -> None:
        """Add a document. Raises DatasetError if its id came before."""
        self._first("document", document.id, where)
        self.documents[document.id] = document

    def add_question(self, question: Question, where: Where) -> None:
        """Add a question. Raises DatasetError if its id came before."""
        self._first("question", question.id, where)
        self.questions[question.id] = question

    def count(self, what: str, times: int = 1) -> None:
        """Count something for the notices, which say how often it came: `evidence paragraphs are not in the text`."""
        self._counts[what] += times

    def tell(self, sentence: str) -> None:
        """Add a sentence to the notices."""
        self._told.append(sentence)

    @property
    def notices(self) -> tuple[str, ...]:
        """What was told and counted, one sentence each."""
        return (*self._told, *(f"{times:,} {what}" for what, times in self._counts.items() if times))

    def dataset(
        self, format_: Format, split: str, scope: Scope, *, edition: str = "", name: str = "", abstention: str = ""
    ) -> Dataset:
        """The dataset, with a notice if its counts are not the published ones."""
        counts = (len(self.documents), len(self.questions))
        name = name or " ".join(filter(None, (format_.title, edition)))
        return Dataset(
            name=name,
            split=split,
            source=format_.source,
            documents=tuple(self.documents.values()),
            questions=tuple(self.questions.values()),
            scope=scope,
            abstention=abstention,
            notices=(*_other_counts(name, format_.splits, split, edition, counts), *self.notices),
        )

    def _first(self, what: str, key: str, where: Where) -> None:
        before = self._places.get((what, key))
        if before is not None:
            raise DatasetError(f"{where}: the {what} id {key!r} came before, in {before}; ids have to be unique")
        self._places[what, key] = where


def _other_counts(
    name: str, splits: Sequence[Split], split: str, edition: str, counts: tuple[int, int]
) -> tuple[str, ...]:
    for published in splits:
        if is_same(published.name, split) and published.edition == edition:
            return compare_counts(name, published, counts)
    return ()


def compare_counts(name: str, published: Split, counts: tuple[int, int]) -> tuple[str, ...]:
    """A notice for the documents and one for the questions, if there are not as many as were published."""
    said = (published.documents, published.questions)
    return tuple(
        f"{name} {published.name}".rstrip() + f" was published with {there:,} {what}; here are {here:,}"
        for what, there, here in zip(("documents", "questions"), said, counts, strict=True)
        if there is not None and there != here
    )
