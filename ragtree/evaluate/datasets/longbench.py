"""LongBench, with a file per task, and LongBench v2, which is multiple choice. Every question has its own context."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ...errors import DatasetError
from ...types import Document
from ..base import Dataset, Question
from .base import Format, HubName, Split
from .collected import Collected
from .hub import rows_of
from .row_files import DatasetRow, Identifier, RowEntry, Text, check, head_keys, json_array, json_lines, listed
from .splits import unknown_split

_SECOND = "v2"
_LETTERS = "ABCD"


class _LongBenchQuestion(DatasetRow):
    id: Annotated[Identifier, Field(validation_alias="_id")]
    context: str


class _First(_LongBenchQuestion):
    input: Text
    answers: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    all_classes: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    dataset: Text = ""

    def question(self, document_id: str) -> Question:
        right = [index for index, name in enumerate(self.all_classes) if name in self.answers]
        return Question(
            id=self.id,
            text=self.input,
            kind=self.dataset,
            document_id=document_id,
            references=self.answers,
            options=self.all_classes if len(right) == 1 else (),
            label=right[0] if len(right) == 1 else None,
        )


class _Second(_LongBenchQuestion):
    question_text: Annotated[str, Field(validation_alias="question")]
    choice_A: str  # noqa: N815
    choice_B: str  # noqa: N815
    choice_C: str  # noqa: N815
    choice_D: str  # noqa: N815
    answer: Literal["A", "B", "C", "D"] | None = None
    difficulty: Text = ""

    def question(self, document_id: str) -> Question:
        options = (self.choice_A, self.choice_B, self.choice_C, self.choice_D)
        label = None if self.answer is None else _LETTERS.index(self.answer)
        return Question(
            id=self.id,
            text=self.question_text,
            kind=self.difficulty,
            document_id=document_id,
            references=() if label is None else (options[label],),
            options=options,
            label=label,
        )


def _build(entries: Iterable[RowEntry], task: str) -> Dataset:
    collected = Collected()
    keys: dict[str, str] = {}
    for entry in entries:
        asked = check(entry, _Second) if task == _SECOND else check(entry, _First)
        question = asked.question(keys.get(asked.context, asked.id))
        if not question.text.strip():
            collected.count("rows ask nothing, as in the summaries of LongBench: left out")
            continue
        if asked.context not in keys:
            keys[asked.context] = asked.id
            collected.add_document(Document(asked.id, asked.context), entry.where)
        collected.add_question(question, entry.where)
    if not collected.questions:
        raise DatasetError(f"LongBench {task} asks no questions; take one of its tasks that do, such as qasper")
    return collected.dataset(FORMAT, task, "document")


def _read(path: Path, split: str | None) -> Dataset:
    files = [path] if path.is_file() else [file for file in sorted(path.iterdir()) if _fits(file)]
    tasks = {_task(file): file for file in files}
    if not tasks:
        raise DatasetError(f"{path} holds no file of LongBench; give the path of the file itself")
    if split is None and len(tasks) == 1:
        split = next(iter(tasks))
    if split is None or split not in tasks:
        raise unknown_split(split or "", str(path), tasks)
    file = tasks[split]
    return _build(json_array(file) if _is_array(file) else json_lines(file), split)


def _read_hub(place: HubName, split: str | None) -> Dataset:
    if place.name.lower().endswith("-v2"):
        return _build(rows_of(place, "train"), _SECOND)
    task = place.config or split
    if task is None:
        raise unknown_split("", str(place), (split.name for split in FORMAT.splits if split.name != _SECOND))
    return _build(rows_of(HubName(place.name, task), "test"), task)


def _task(file: Path) -> str:
    """The task of a file. The first LongBench has a file per task; the second is one file."""
    return _SECOND if "choice_A" in _keys(file) else file.stem


def _is_array(file: Path) -> bool:
    return bool(head_keys(file, "["))


def _keys(file: Path) -> frozenset[str]:
    return head_keys(file, "{") | head_keys(file, "[")


def _fits(file: Path) -> bool:
    keys = _keys(file)
    return {"input", "context"} <= keys or {"question", "choice_A", "choice_D"} <= keys


def _recognises(path: Path) -> bool:
    return any(map(_fits, sorted(path.iterdir()))) if path.is_dir() else _fits(path)


_TASKS = (
    "narrativeqa qasper multifieldqa_zh hotpotqa 2wikimqa musique dureader qmsum triviaqa trec lsht "
    "passage_retrieval_en passage_retrieval_zh"
).split()

FORMAT = Format(
    name="longbench",
    title="LongBench",
    source="Bai et al., LongBench (ACL 2024, arXiv 2308.14508) and LongBench v2 (arXiv 2412.15204); "
    "https://github.com/THUDM/LongBench",
    hub=(
        *(HubName(f"{owner}/LongBench") for owner in ("zai-org", "THUDM")),
        *(HubName(f"{owner}/LongBench-v2") for owner in ("zai-org", "THUDM")),
    ),
    splits=(
        *(Split(task, questions=200) for task in _TASKS),
        Split("multifieldqa_en", questions=150),
        Split(_SECOND, questions=503),
    ),
    default="",
    recognises=_recognises,
    read=_read,
    read_hub=_read_hub,
)
