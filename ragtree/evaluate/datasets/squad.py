"""SQuAD 1.1 and 2.0, and other datasets of their format: answers are spans of a paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from ...errors import DatasetError
from ...types import Document, Span
from ..base import Dataset, Place, Proof, Question
from .base import HubName, Split
from .collected import Collected
from .paragraph_corpus import Paragraphs
from .row_files import DatasetRow, Identifier, RowEntry, Text, Where, check, head_keys, json_file, listed, shortened
from .single import one_file_format


class _SquadAnswer(DatasetRow):
    text: str
    answer_start: Annotated[int, Field(ge=0)]


class _SquadQuestion(DatasetRow):
    id: Identifier
    question: str
    answers: Annotated[tuple[_SquadAnswer, ...] | None, BeforeValidator(lambda value: value and listed(value))] = None
    """None if they are hidden."""
    is_impossible: bool | None = None

    @property
    def unanswerable(self) -> bool:
        """True if the question has no answer. Files say so by `is_impossible`, the Hub by an empty list of answers."""
        return self.answers == () if self.is_impossible is None else self.is_impossible


class _SquadParagraph(DatasetRow):
    context: str
    qas: tuple[_SquadQuestion, ...]


class _SquadArticle(DatasetRow):
    title: Text = ""
    paragraphs: tuple[_SquadParagraph, ...]

    @model_validator(mode="before")
    @classmethod
    def _of_one_question(cls, row: Any) -> Any:
        """The Hub has a row per question."""
        if not isinstance(row, dict) or "context" not in row:
            return row
        return {"title": row.get("title"), "paragraphs": [{"context": row["context"], "qas": [row]}]}


def _build(entries: Iterable[RowEntry], split: str) -> Dataset:
    collected = Collected()
    paragraphs = Paragraphs(collected)
    asked: list[tuple[_SquadQuestion, Document, Where]] = []
    for entry in entries:
        article = check(entry, _SquadArticle)
        for paragraph in article.paragraphs:
            document = paragraphs.add(article.title.replace("_", " "), paragraph.context, entry.where)
            asked.extend((question, document, entry.where) for question in paragraph.qas)
    second = any(question.is_impossible is not None or question.unanswerable for question, _, _ in asked)
    for question, document, where in asked:
        kind = ("unanswerable" if question.unanswerable else "answerable") if second else ""
        collected.add_question(_question(question, document, kind, collected), where)
    return collected.dataset(FORMAT, split, "corpus", edition="2.0" if second else "1.1")


def _question(asked: _SquadQuestion, document: Document, kind: str, collected: Collected) -> Question:
    answers = () if asked.unanswerable else asked.answers or ()
    places = []
    for answer in answers:
        span = Span(answer.answer_start, answer.answer_start + len(answer.text))
        if answer.text and span.of(document.text) == answer.text:
            places.append(Place(document.id, span))
        else:
            collected.count("answers do not stand where their offsets say: no proof is made of them")
    places = list(dict.fromkeys(places))
    return Question(
        id=asked.id,
        text=asked.question,
        kind=kind,
        document_id=document.id,
        references=("",) if asked.unanswerable else tuple(answer.text for answer in answers),
        unanswerable=asked.unanswerable,
        proofs=(Proof(places[0], tuple(places[1:])),) if places else (),
        relevant={document.id: 1},
    )


def _entries(path: Path) -> Iterator[RowEntry]:
    whole: Any = json_file(path)
    articles = whole.get("data") if isinstance(whole, dict) else None
    if not isinstance(articles, list):
        raise DatasetError(f"{path}: articles in a list `data` were expected, but it is {shortened(whole)}")
    for index, article in enumerate(articles):
        yield RowEntry(Where(f"{path}, data", "index", index), article)


def _fits(file: Path) -> bool:
    keys = head_keys(file, "{")
    return {"data", "paragraphs", "context"} <= keys and "full_text" not in keys


FORMAT = one_file_format(
    name="squad",
    title="SQuAD",
    source="Rajpurkar et al., SQuAD (EMNLP 2016, arXiv 1606.05250) and SQuAD 2.0 (ACL 2018, arXiv 1806.03822); "
    "https://rajpurkar.github.io/SQuAD-explorer",
    hub=(HubName("rajpurkar/squad", "plain_text"), HubName("rajpurkar/squad_v2", "squad_v2")),
    splits=(
        Split("train", questions=87_599, edition="1.1"),
        Split("dev", questions=10_570, edition="1.1"),
        Split("train", questions=130_319, edition="2.0"),
        Split("dev", questions=11_873, edition="2.0"),
    ),
    default="dev",
    fits=_fits,
    entries=_entries,
    build=_build,
)
