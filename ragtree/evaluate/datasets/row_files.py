"""Reads rows of JSON lines, JSON files and tables, each with the place that an error names."""

from __future__ import annotations

import csv
import json
import re
import reprlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ...errors import DatasetError
from ...text_files import marked_encoding, open_text, read_text, text_lines

_HEAD = 1 << 20
"""Bytes of a file that recognition reads. A first article of 10,000 words in escapes (\\u0905) takes some 400,000."""
_OPENING = 64
"""Bytes that show the opening character of a file."""
_KEY = re.compile(r'(?<!\\)"(\w+)"\s*:')


class Where(NamedTuple):
    """The place of a row: `line 3`, `index 2` of an array, `key 1909.00694`, `row 5` of the Hub."""

    source: str
    unit: str
    at: int | str

    def __str__(self) -> str:
        return f"{self.source}, {self.unit} {self.at}"


class RowEntry(NamedTuple):
    """A row as it was read, and its place."""

    where: Where
    data: object


class DatasetRow(BaseModel):
    """A row of a dataset. Unknown fields are ignored, and ids may be numbers."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


RowT = TypeVar("RowT", bound=BaseModel)
Identifier = Annotated[str, Field(min_length=1)]


def blank(value: object) -> object:
    """Null -> an empty text."""
    return "" if value is None else value


def listed(value: object) -> object:
    """Null -> an empty list; a dictionary of columns, as on the Hub -> a list of rows."""
    if value is None:
        return []
    if isinstance(value, dict) and value and all(isinstance(column, list) for column in value.values()):
        names = list(value)
        return [dict(zip(names, row, strict=True)) for row in zip(*value.values(), strict=True)]
    return value


Text = Annotated[str, BeforeValidator(blank)]
"""A text that may be null."""


def check(entry: RowEntry, model: type[RowT]) -> RowT:
    """The row as `model`. Raises DatasetError, which names the place, the field and the value."""
    try:
        return model.model_validate(entry.data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the row"
        value = first["input"]
        if first["type"] == "missing" and isinstance(value, dict):
            there = ", ".join(map(str, value)) or "nothing"
            raise DatasetError(f"{entry.where}: there is no field {field}; there is {there[:160]}") from error
        raise DatasetError(f"{entry.where}: {field}: {first['msg']}; it is {shortened(value)}") from error


def shortened(value: object) -> str:
    """A value for a message of one line."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = 80
    short.maxlevel = short.maxdict = short.maxlist = 2
    return short.repr(value)


def json_lines(path: Path) -> Iterator[RowEntry]:
    """Yield the rows of a file with one JSON value per line, read one at a time. Empty lines are skipped."""
    for where, line in lines(path):
        if line.strip():
            yield RowEntry(where, _parse(line, where))


def lines(path: Path) -> Iterator[tuple[Where, str]]:
    """Yield the places and lines of a file. Raises DatasetError for a line that is not text."""
    try:
        for number, line in text_lines(path):
            yield Where(str(path), "line", number), line
    except ValueError as error:
        raise DatasetError(f"{path}, {error}") from error


def json_file(path: Path) -> Any:
    """The JSON value of a file."""
    try:
        return _parse(read_text(path), path)
    except ValueError as error:
        raise DatasetError(f"{path}, {error}") from error


def json_array(path: Path) -> Iterator[RowEntry]:
    """Yield the items of a file that is one JSON array."""
    items = json_file(path)
    if not isinstance(items, list):
        raise DatasetError(f"{path}: an array of rows was expected, but it is {shortened(items)}")
    for index, item in enumerate(items):
        yield RowEntry(Where(str(path), "index", index), item)


def table(path: Path) -> Iterator[RowEntry]:
    """Yield the rows of a comma-separated table, as mappings from the names in its first line."""
    with open_text(path, newline="") as file:
        reader = csv.DictReader(file)
        while True:
            try:
                row = next(reader, None)
            except (csv.Error, UnicodeDecodeError) as error:
                raise DatasetError(f"{path}, line {reader.line_num + 1}: not a table in UTF-8: {error}") from error
            if row is None:
                return
            yield RowEntry(Where(str(path), "line", reader.line_num), row)


def _parse(text: str, where: object) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{where}: not JSON: {error}: {shortened(text[:200])}") from error


def head_keys(path: Path, opening: str) -> frozenset[str]:
    """Fields, at any depth, in the beginning of a file of JSON or JSON lines that opens with `opening`: `[` or `{`."""
    if not path.is_file():
        return frozenset()
    with path.open("rb") as file:
        beginning = file.read(_OPENING)
        encoding = marked_encoding(beginning)
        if not beginning.decode(encoding, "replace").lstrip("\ufeff \t\r\n").startswith(opening):
            return frozenset()
        return frozenset(_KEY.findall((beginning + file.read(_HEAD)).decode(encoding, "replace")))
