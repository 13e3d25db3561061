"""The plain format: a folder with corpus*.jsonl and queries*.jsonl, and optionally qrels.tsv and META.json.

Rows of the corpus have id, title and text; `PlainRow` says what queries have. Instead of a corpus there may be a folder
files/ with documents in their own formats, and queries that name their `files`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from ...errors import DatasetError
from ...load.parsing import scan
from ...load.pool import read_files
from ...reports import Skipped
from ...settings import LoadSettings
from ...types import Document
from ..base import Dataset, Question, Scope
from .base import Format, HubName, Split
from .collected import Collected, compare_counts
from .paragraph_corpus import with_title
from .qrels import Qrels, qrels_table, read_qrels, tell_missing
from .questions import PlainRow, plain_question
from .row_files import DatasetRow, Identifier, RowEntry, Text, Where, check, json_file, json_lines, listed
from .splits import is_same, split_in, unknown_split

_CORPUS = "corpus*.jsonl"
_FILES = "files"
_QUERIES = "queries*.jsonl"
_Queries = Sequence[tuple[Where, PlainRow]]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else listed(value)


_Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class _CorpusText(DatasetRow):
    id: Identifier
    title: Text = ""
    text: str


class _Meta(DatasetRow):
    name: Text = ""
    source: _Texts = ()
    licence: Text = ""
    caveats: _Texts = ()
    docs: int | None = None
    files: int | None = None
    queries: int | None = None


def _read(path: Path, split: str | None) -> Dataset:
    collected = Collected()
    queries = [
        (entry.where, check(entry, PlainRow)) for file in _query_files(path, split) for entry in json_lines(file)
    ]
    qrels = _qrels(path, queries, collected)
    alone = not qrels and bool(queries) and all(row.doc_id for _, row in queries)
    if any(path.glob(_CORPUS)):
        # Spans are offsets into the bare text. If whole documents are looked for, the title is searched, too.
        _add_corpus(path, collected, titled=not alone and not any(row.spans for _, row in queries))
    else:
        _add_files(path / _FILES, collected)
    for where, row in queries:
        question, missing = plain_question(row, collected.documents, qrels.get(row.id, {}), where)
        collected.count("pieces of evidence are not in their documents: left out", len(missing))
        collected.add_question(question, where)
    tell_missing(qrels, collected)
    scope: Scope = "document" if alone else "corpus"
    abstention = _abstention(collected.questions.values())
    return _described(collected.dataset(FORMAT, split or "", scope, abstention=abstention), path)


def _query_files(path: Path, wanted: str | None) -> list[Path]:
    """The files of the wanted split; without one, all files, if they are parts of one split."""
    files = sorted(path.glob(_QUERIES))
    if not files:
        raise DatasetError(f"{path} holds no {_QUERIES}; give the folder that holds them, and {_CORPUS}")
    named = {split_in(file) for file in files}
    if wanted is not None:
        files = [file for file in files if is_same(split_in(file), wanted)]
    if not files or (wanted is None and len(named) > 1):
        raise unknown_split(wanted or "", str(path), sorted(named))
    return files


def _qrels(path: Path, queries: _Queries, collected: Collected) -> Qrels:
    file = path / "qrels.tsv"
    if file.is_file():
        return read_qrels(qrels_table(file), collected)
    return {row.id: dict.fromkeys(row.files, 1) for _, row in queries if row.files}


def _add_corpus(path: Path, collected: Collected, titled: bool) -> None:
    for file in sorted(path.glob(_CORPUS)):
        for entry in json_lines(file):
            row = check(entry, _CorpusText)
            text = with_title(row.title, row.text) if titled else row.text
            collected.add_document(Document(row.id, text, row.title), entry.where)


def _add_files(folder: Path, collected: Collected) -> None:
    """Add documents in their own formats. A notice names each that cannot be read."""
    files = scan(folder)
    numbers = {file.id: number for number, file in enumerate(files, start=1)}
    for entry, item in read_files(files, LoadSettings()):
        if isinstance(item, Document):
            collected.add_document(item, Where(str(folder), "file", numbers[entry.id]))
        elif isinstance(item, Skipped):
            collected.tell(f"a document could not be read: {item.source}: {item.reason}")


def _abstention(questions: Iterable[Question]) -> str:
    """The text that all references of unanswerable questions share; empty if they have several, or none."""
    said = {text for question in questions if question.unanswerable for text in question.references}
    return said.pop() if len(said) == 1 else ""


def _described(dataset: Dataset, path: Path) -> Dataset:
    """The dataset with what META.json says about it."""
    file = path / "META.json"
    meta = check(RowEntry(Where(str(file), "key", ""), json_file(file)), _Meta) if file.is_file() else _Meta()
    name = meta.name or path.resolve().name
    documents = meta.files if meta.docs is None else meta.docs
    counts = (len(dataset.documents), len(dataset.questions))
    licence = f"licence: {meta.licence}" if meta.licence else ""
    return replace(
        dataset,
        name=name,
        source="; ".join(filter(None, (*meta.source, licence))),
        notices=(*compare_counts(name, Split("", documents, meta.queries), counts), *dataset.notices, *meta.caveats),
    )


def _read_hub(place: HubName, split: str | None) -> Dataset:
    raise DatasetError(f"{place}: the plain form is a folder; give its path, or choose another format for the Hub")


def _recognises(path: Path) -> bool:
    return path.is_dir() and any(path.glob(_QUERIES)) and (any(path.glob(_CORPUS)) or (path / _FILES).is_dir())


FORMAT = Format(
    name="plain",
    title="plain form",
    source="",
    hub=(),
    splits=(),
    default="",
    recognises=_recognises,
    read=_read,
    read_hub=_read_hub,
)
