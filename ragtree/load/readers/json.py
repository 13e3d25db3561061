"""JSON and JSON lines: strings and numbers with the keys that lead to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...settings import LoadSettings
from ..base import Loaded
from .outline import Outline, text_lines
from .plain_text import decode
from .sheet_rows import check_rows

_LONG = 200
"""Characters; a longer string is a text of its own, not a field beside others."""

_TITLES = ("title", "name", "headline", "subject")
_MOST_DEPTH = 100


class JsonLoader:
    """`.json`; an object is a paragraph of `key: value` under the keys above it. Invalid JSON is read as text."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = decode(data, source)
        try:
            value = json.loads(text.removeprefix("\ufeff"), strict=False)
        except (ValueError, RecursionError):
            return Loaded(text, lines=True)
        outline = Outline()
        for path, paragraph in paragraphs(value):
            _put(outline, path, paragraph)
        return outline.loaded(_title(value))


class JsonLinesLoader:
    """`.jsonl`; a passage is located by the line of its row. A line that is not JSON is read as text."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        outline = Outline()
        count = 0
        for line, (_, row) in enumerate(text_lines(decode(data, source)), start=1):
            if not row.strip():
                continue
            count += 1
            check_rows(count, source, limits)
            try:
                found = list(paragraphs(json.loads(row.removeprefix("\ufeff"), strict=False)))
            except (ValueError, RecursionError):
                found = [((), row)]
            for path, paragraph in found:
                _put(outline, path, paragraph, line)
        return outline.loaded()


def paragraphs(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (keys, text) of a value: the short fields of an object together, then its long texts and inner objects."""
    if len(path) > _MOST_DEPTH:
        return
    if isinstance(value, dict):
        fields = {str(key): _short(inner) for key, inner in value.items()}
        yield path, "; ".join(f"{key}: {text}" for key, text in fields.items() if text)
        for key, inner in value.items():
            if not fields[str(key)]:
                yield from paragraphs(inner, (*path, str(key)))
    elif isinstance(value, list):
        together = _short(value)
        if together:
            yield path, together
            return
        for inner in value:
            yield from paragraphs(inner, path)
    else:
        yield path, _scalar(value)


def _put(outline: Outline, path: tuple[str, ...], paragraph: str, line: int | None = None) -> None:
    outline.enter(1, "")
    for level, key in enumerate(path, start=1):
        outline.enter(level, key)
    outline.add(paragraph, line=line)


def _short(value: Any) -> str:
    """A value that fits beside others: a scalar, or a list of a few; empty for any other."""
    if isinstance(value, dict):
        return ""
    if isinstance(value, list):
        if any(isinstance(inner, (dict, list)) for inner in value):
            return ""
        text = ", ".join(_scalar(inner) for inner in value)
    else:
        text = _scalar(value)
    return text if len(text) <= _LONG and "\n" not in text else ""


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _title(value: Any) -> str:
    said = value if isinstance(value, dict) else {}
    return next((said[key] for key in _TITLES if isinstance(said.get(key), str)), "")
