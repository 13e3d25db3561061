"""SQuALITY: broad questions on stories, each answered by four people in a paragraph."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...types import Document
from ..base import Dataset, Question
from .base import HubName, Split
from .collected import Collected
from .row_files import DatasetRow, Identifier, RowEntry, check, head_keys, json_lines
from .single import one_file_format

_PLOT = 1
"""The number of the question that always asks for the plot of the story."""


class _Response(DatasetRow):
    response_text: str


class _SqualityQuestion(DatasetRow):
    question_text: str
    question_number: int
    responses: tuple[_Response, ...] = ()


class _Metadata(DatasetRow):
    passage_id: Identifier


class _Story(DatasetRow):
    metadata: _Metadata
    document: str
    questions: tuple[_SqualityQuestion, ...]


def _build(entries: Iterable[RowEntry], split: str) -> Dataset:
    collected = Collected()
    for entry in entries:
        story = check(entry, _Story)
        key = story.metadata.passage_id
        title = next((line.strip() for line in story.document.splitlines() if line.strip()), "")
        collected.add_document(Document(key, story.document, title), entry.where)
        for asked in story.questions:
            question = Question(
                id=f"{key}-{asked.question_number}",
                text=asked.question_text,
                kind="plot" if asked.question_number == _PLOT else "detail",
                document_id=key,
                references=tuple(response.response_text for response in asked.responses),
            )
            collected.add_question(question, entry.where)
    return collected.dataset(FORMAT, split, "document")


def _fits(file: Path) -> bool:
    return {"document", "question_text", "question_number"} <= head_keys(file, "{")


FORMAT = one_file_format(
    name="squality",
    title="SQuALITY",
    source="Wang et al., SQuALITY: Building a Long-Document Summarization Dataset the Hard Way (EMNLP 2022, "
    "arXiv 2205.11465), v1-3; https://github.com/nyu-mll/SQuALITY",
    hub=(HubName("pszemraj/SQuALITY-v1.3"),),
    splits=(Split("train", 50, 250), Split("dev", 25, 125), Split("test", 52, 260)),
    default="dev",
    fits=_fits,
    entries=json_lines,
    build=_build,
)
