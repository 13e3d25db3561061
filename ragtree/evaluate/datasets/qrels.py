"""Corpora with judgements: documents, queries, and how relevant documents are to queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, TypeAdapter, ValidationError

from ...errors import DatasetError
from ...types import Document
from ..base import Question
from .collected import Collected
from .paragraph_corpus import with_title
from .row_files import DatasetRow, Identifier, RowEntry, Text, check, lines, shortened

Qrels = dict[str, dict[str, int]]
"""Graded relevance by query id and document id."""

Key = Annotated[Identifier, Field(validation_alias=AliasChoices("_id", "id"))]


class _JudgedText(DatasetRow):
    id: Key
    title: Text = ""
    text: Text


class _Query(DatasetRow):
    id: Key
    text: str


class _Judgement(DatasetRow):
    query_id: Annotated[Identifier, Field(validation_alias="query-id")]
    document_id: Annotated[Identifier, Field(validation_alias="corpus-id")]
    score: int


def read_qrels(entries: Iterable[RowEntry], collected: Collected) -> Qrels:
    """The judgements from rows with query-id, corpus-id and score. If a pair has two scores, the last one counts."""
    qrels: Qrels = {}
    for entry in entries:
        row = check(entry, _Judgement)
        scores = qrels.setdefault(row.query_id, {})
        if scores.get(row.document_id, row.score) != row.score:
            collected.count("judgements contradict an earlier one of the same query and document: the last one counts")
        scores[row.document_id] = row.score
    return qrels


def qrels_table(path: Path) -> Iterator[RowEntry]:
    """Yield the lines of a file with query id, document id and score, separated by tabs, with or without a header."""
    for where, line in lines(path):
        columns = line.split("\t")
        if columns == [""] or (where.at == 1 and len(columns) == 3 and not _is_score(columns[2])):
            continue
        if len(columns) != 3:
            raise DatasetError(f"{where}: query, document and score were expected, but it is {shortened(columns)}")
        yield RowEntry(where, dict(zip(("query-id", "corpus-id", "score"), columns, strict=True)))


def _is_score(text: str) -> bool:
    try:
        TypeAdapter(int).validate_python(text)
    except ValidationError:
        return False
    return True


def add_corpus(entries: Iterable[RowEntry], collected: Collected) -> None:
    """Add the documents: the text below its title, as in BEIR's own loaders."""
    for entry in entries:
        row = check(entry, _JudgedText)
        collected.add_document(Document(row.id, with_title(row.title, row.text), row.title), entry.where)


def add_queries(entries: Iterable[RowEntry], qrels: Qrels, collected: Collected) -> None:
    """Add the queries that were judged."""
    for entry in entries:
        row = check(entry, _Query)
        if row.id in qrels:
            collected.add_question(Question(row.id, row.text, relevant=qrels[row.id]), entry.where)
    tell_missing(qrels, collected)


def tell_missing(qrels: Mapping[str, Mapping[str, int]], collected: Collected) -> None:
    """Count the judged queries and documents that are missing."""
    queries = sum(query not in collected.questions for query in qrels)
    documents = {document for scores in qrels.values() for document in scores} - set(collected.documents)
    collected.count("judged queries are not among the queries: left out", queries)
    collected.count("judged documents are not in the corpus: nothing can find them", len(documents))
