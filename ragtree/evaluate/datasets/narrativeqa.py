"""NarrativeQA: questions on whole books and film scripts, or on their summaries if the stories are missing."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

from ...errors import DatasetError, LoadError
from ...load.parsing import parse
from ...settings import LoadSettings
from ...types import Document
from ..base import Dataset, Question
from .base import Format, HubName, Split
from .collected import Collected
from .hub import rows_of
from .row_files import DatasetRow, Identifier, Text, Where, check, listed, table
from .splits import hub_split, is_same, published_split

_SUMMARIES = Path("third_party", "wikipedia", "summaries.csv")
_STORIES = "tmp"
_KEY = re.compile(r"[\w-]+")
_HTML = re.compile(rb"<\s*(!doctype\s+html|html|head|body|pre|title)\b", re.IGNORECASE)
"""Film scripts come as web pages, books as plain text."""


class _Work(DatasetRow):
    document_id: Identifier
    set: str
    wiki_title: Text = ""


class _Summary(DatasetRow):
    document_id: Identifier
    summary: Text


class _NarrativeQuestion(DatasetRow):
    document_id: Identifier
    set: str
    question: str
    answer1: Text
    answer2: Text


class _Told(DatasetRow):
    text: Text = ""


class _HubSummary(_Told):
    title: Text = ""


class _HubWork(_Told):
    id: Identifier
    summary: _HubSummary


class _HubAsked(DatasetRow):
    document: _HubWork
    question: _Told
    answers: Annotated[tuple[_Told, ...], BeforeValidator(listed)] = ()


def _read(path: Path, split: str | None) -> Dataset:
    split = published_split(FORMAT, split)
    collected = Collected()
    told = _summaries(path, collected)
    for entry in table(path / "documents.csv"):
        work = check(entry, _Work)
        if is_same(work.set, split):
            story = _story(path / _STORIES, work.document_id, entry.where)
            _add_work(work.document_id, work.wiki_title, story, told.get(work.document_id, ""), entry.where, collected)
    numbers: Counter[str] = Counter()
    for entry in table(path / "qaps.csv"):
        asked = check(entry, _NarrativeQuestion)
        if is_same(asked.set, split):
            numbers[asked.document_id] += 1
            answers = (asked.answer1, asked.answer2)
            _add_question(
                asked.document_id, numbers[asked.document_id], asked.question, answers, entry.where, collected
            )
    return collected.dataset(FORMAT, split, "document")


def _summaries(path: Path, collected: Collected) -> dict[str, str]:
    file = path / _SUMMARIES
    if not file.is_file():
        return {}
    return {row.document_id: row.summary for row in (check(entry, _Summary) for entry in table(file))}


def _story(folder: Path, key: str, where: Where) -> bytes:
    """The bytes of a story; empty if it is missing."""
    # The id comes from a file, so it is checked before it becomes a path.
    if not _KEY.fullmatch(key):
        raise DatasetError(f"{where}: document_id: letters, digits, - and _ were expected, but it is {key[:80]!r}")
    file = folder / f"{key}.content"
    if not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        return b""
    return file.read_bytes()


def _read_hub(place: HubName, split: str | None) -> Dataset:
    split = published_split(FORMAT, split)
    collected = Collected()
    numbers: Counter[str] = Counter()
    for entry in rows_of(place, hub_split(split)):
        asked = check(entry, _HubAsked)
        key = asked.document.id
        if not numbers[key]:
            story = asked.document.text.encode("utf-8", "replace")
            summary = asked.document.summary
            _add_work(key, summary.title, story, summary.text, entry.where, collected)
        numbers[key] += 1
        answers = tuple(answer.text for answer in asked.answers)
        _add_question(key, numbers[key], asked.question.text, answers, entry.where, collected)
    return collected.dataset(FORMAT, split, "document")


def _add_work(key: str, title: str, story: bytes, summary: str, where: Where, collected: Collected) -> None:
    """Add the story as a document, or else its summary."""
    text = ""
    if story:
        kind = "html" if _HTML.search(story[:2000]) else "txt"
        try:
            text = parse(story, f"{key}.{kind}", LoadSettings()).text
        except LoadError as error:
            collected.tell(f"a story could not be read: {error}")
    if not text:
        text = summary
        collected.count(
            "stories are missing: the questions are asked of their summaries, which is another, easier task",
            bool(text.strip()),
        )
    if text.strip():
        collected.add_document(Document(key, text, title), where)
    else:
        collected.count("works have neither story nor summary: left out, with their questions")


def _add_question(
    work: str, number: int, text: str, answers: tuple[str, ...], where: Where, collected: Collected
) -> None:
    if work not in collected.documents:
        collected.count("questions are on works that are not there: left out")
        return
    references = tuple(answer for answer in answers if answer)
    collected.add_question(Question(f"{work}-{number}", text, document_id=work, references=references), where)


def _recognises(path: Path) -> bool:
    return path.is_dir() and all((path / name).is_file() for name in ("documents.csv", "qaps.csv"))


FORMAT = Format(
    name="narrativeqa",
    title="NarrativeQA",
    source="Kočiský et al., The NarrativeQA Reading Comprehension Challenge (TACL 2018, arXiv 1712.07040); "
    "https://github.com/google-deepmind/narrativeqa",
    hub=(HubName("deepmind/narrativeqa"),),
    splits=(Split("train", 1102, 32_747), Split("valid", 115, 3461), Split("test", 355, 10_557)),
    default="test",
    recognises=_recognises,
    read=_read,
    read_hub=_read_hub,
)
