"""QuALITY: multiple choice over long articles. An article has several rows, one for each writer of questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from ...types import Document
from ..base import Dataset, Question
from .base import HubName, Split
from .collected import Collected
from .row_files import DatasetRow, RowEntry, Text, check, head_keys, json_lines
from .single import one_file_format


class _QualityQuestion(DatasetRow):
    question: str
    options: Annotated[tuple[str, ...], Field(min_length=2)]
    question_unique_id: str = ""
    gold_label: int | None = None
    """Counted from 1. The test split hides it."""
    difficult: bool | None = None

    @model_validator(mode="after")
    def _is_an_option(self) -> _QualityQuestion:
        if self.gold_label is not None and not 1 <= self.gold_label <= len(self.options):
            raise ValueError(f"gold_label is {self.gold_label}, but the options are 1 to {len(self.options)}")
        return self


class _QualityArticle(DatasetRow):
    article: str
    article_id: str = ""
    title: Text = ""
    questions: tuple[_QualityQuestion, ...]

    @model_validator(mode="before")
    @classmethod
    def _of_one_question(cls, row: Any) -> Any:
        """Copies on the Hub have a row per question, and emozilla/quality counts answers from 0."""
        if not isinstance(row, dict) or "questions" in row:
            return row
        asked = {"difficult": row.get("hard"), **row}
        if isinstance(row.get("answer"), int):
            asked["gold_label"] = row["answer"] + 1
        return {**row, "questions": [asked]}


def _build(entries: Iterable[RowEntry], split: str) -> Dataset:
    collected = Collected()
    keys: dict[str, str] = {}  # for articles without an id
    asked: Counter[str] = Counter()
    for entry in entries:
        row = check(entry, _QualityArticle)
        key = row.article_id or keys.setdefault(row.article, f"article-{len(keys) + 1}")
        if key not in collected.documents:
            collected.add_document(Document(key, row.article, row.title), entry.where)
            if row.article.lstrip().startswith("<"):
                collected.count("articles are HTML; the files named htmlstripped have their text")
        elif collected.documents[key].text != row.article:
            collected.count("rows repeat an article with another text; its first text counts")
        for question in row.questions:
            asked[key] += 1
            collected.add_question(_question(question, key, asked[key]), entry.where)
    return collected.dataset(FORMAT, split, "document")


def _question(row: _QualityQuestion, article: str, number: int) -> Question:
    label = None if row.gold_label is None else row.gold_label - 1
    return Question(
        id=row.question_unique_id or f"{article}-{number}",
        text=row.question,
        kind="" if row.difficult is None else ("hard" if row.difficult else "easy"),
        document_id=article,
        references=() if label is None else (row.options[label],),
        options=row.options,
        label=label,
    )


def _fits(file: Path) -> bool:
    keys = head_keys(file, "{")
    return {"article", "question", "options"} <= keys


FORMAT = one_file_format(
    name="quality",
    title="QuALITY",
    source="Pang et al., QuALITY: Question Answering with Long Input Texts, Yes! (NAACL 2022, arXiv 2112.08608); "
    "https://github.com/nyu-mll/quality",
    hub=(HubName("emozilla/quality"), HubName("tasksource/QuALITY")),
    splits=(Split("train", 150, 2523), Split("dev", 115, 2086), Split("test", 116, 2128)),
    default="dev",
    fits=_fits,
    entries=json_lines,
    build=_build,
    prefer="htmlstripped",
)
