"""The results of a run, one line for each question and cell, written at once, so that a run can be resumed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import DatasetError


class Record(BaseModel):
    """The result of a question in a cell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cell: str
    question: str
    values: Mapping[str, float] = {}
    """Measures of this question alone, by name."""
    ranking: tuple[str, ...] | None = None
    """Documents, best first, if the dataset says which are relevant."""
    answer: str | None = None
    refused: bool | None = None
    search_seconds: float = 0.0
    read_seconds: float = 0.0
    context_tokens: float = 0.0
    """Tokens of the passages that were found, at the largest budget."""
    prompt_tokens: int = 0
    answer_tokens: int = 0


class TreeRecord(BaseModel):
    """What a tree cost to build, without what came from caches."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tree: str
    unit: str
    nodes: int
    tokens: int
    embedded: int
    summarized: int
    seconds: float


class VerdictRecord(BaseModel):
    """The judge's verdict on two cells' answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: str
    second: str
    question: str
    score: float
    """1 if the first cell's answer won in both orders, 0 if the second's did, 0.5 for a tie."""
    unread: int = 0


@dataclass(frozen=True, slots=True)
class KeptRecords:
    """Everything that a journal holds."""

    records: dict[tuple[str, str], Record]
    trees: dict[tuple[str, str], TreeRecord]
    verdicts: dict[tuple[str, str, str], VerdictRecord]


_KINDS: Mapping[str, type[Record] | type[TreeRecord] | type[VerdictRecord]] = {
    "record": Record,
    "tree": TreeRecord,
    "verdict": VerdictRecord,
}


class Journal:
    """A file of JSON lines to which entries are only appended. A last line that a crash cut short is dropped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.kept = KeptRecords({}, {}, {})
        self._file: TextIO | None = None

    def __enter__(self) -> Journal:
        whole = self._read()
        self._file = self._path.open("r+" if self._path.exists() else "w", encoding="utf-8", newline="\n")
        self._file.seek(whole)
        self._file.truncate()
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, entry: Record | TreeRecord | VerdictRecord) -> None:
        """Keep an entry. It is written to the file before this returns."""
        assert self._file is not None, "a journal is used in a with block"
        kind = next(name for name, type_ in _KINDS.items() if isinstance(entry, type_))
        self._file.write(json.dumps({kind: entry.model_dump(mode="json", exclude_defaults=True)}) + "\n")
        self._file.flush()
        self._take(entry)

    def _read(self) -> int:
        """Take every complete line, and return the position where the last one ends, in bytes."""
        if not self._path.exists():
            return 0
        end = 0
        for number, line in enumerate(self._path.read_bytes().splitlines(keepends=True), start=1):
            if not line.endswith(b"\n"):
                break
            try:
                ((kind, fields),) = json.loads(line).items()
                self._take(_KINDS[kind].model_validate(fields))
            except (ValueError, KeyError, AttributeError, ValidationError) as error:
                raise DatasetError(
                    f"{self._path}, line {number}: it is no record of a run ({type(error).__name__}); "
                    "move the folder away, or name another --out"
                ) from error
            end += len(line)
        return end

    def _take(self, entry: BaseModel) -> None:
        if isinstance(entry, Record):
            self.kept.records[entry.cell, entry.question] = entry
        elif isinstance(entry, TreeRecord):
            self.kept.trees[entry.tree, entry.unit] = entry
        elif isinstance(entry, VerdictRecord):
            self.kept.verdicts[entry.first, entry.second, entry.question] = entry
