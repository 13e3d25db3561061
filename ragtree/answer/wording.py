"""What ragtree itself says in an answer, in the language of the question (prompts/wording.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import PromptError
from ..prompting import find_file
from ..text_files import read_text

_FILE = "wording.toml"
_USUAL = "en"


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language."""

    not_in_documents: str
    nearest: str
    documents_say: str
    documents_disagree: str
    unsupported: str
    written_without: str
    left_out: str
    greeting: str
    thanks: str
    goodbye: str
    about: str
    documents_total: str
    documents_found: str
    documents_mention: str
    no_document: str
    no_mention: str
    newest: str
    oldest: str
    longest: str
    no_dates: str
    more: str
    dated: str
    group: str
    listed: str
    table_sum: str
    table_mean: str
    table_highest: str
    table_lowest: str
    table_count: str
    table_count_all: str


def wording(language: str = _USUAL, own: Path | None = None) -> Wording:
    """The sentences in a language (a code), or in English if it is unknown; `own` is the user's folder of templates.

    Raises PromptError for a file of the user's that cannot be read, or that has a sentence which is never used.
    """
    known = _read(own)
    return known.get(language, known[_USUAL])


def all_wordings() -> Iterator[str]:
    """Everything that may be said, in all languages that come with ragtree."""
    for said in _read(None).values():
        yield from (getattr(said, field.name) for field in fields(Wording))


@cache
def _read(own: Path | None) -> dict[str, Wording]:
    ours = _table(find_file(_FILE))
    theirs = _table(find_file(_FILE, own)) if own is not None else {}
    return {
        code: Wording(**{**ours[_USUAL], **ours.get(code, {}), **theirs.get(code, {})}) for code in {**ours, **theirs}
    }


def _table(path: Path) -> dict[str, dict[str, str]]:
    try:
        table: dict[str, Any] = tomllib.loads(read_text(path))
    except (OSError, ValueError) as error:
        raise PromptError(f"{path} cannot be read as TOML: {error}") from error
    known = {field.name for field in fields(Wording)}
    for code, said in table.items():
        if not isinstance(said, dict) or not all(isinstance(text, str) for text in said.values()):
            raise PromptError(f'{path}: {code} wants lines such as nearest = "..." under a heading [{code}]')
        if unknown := said.keys() - known:
            raise PromptError(f"{path}: [{code}] has {sorted(unknown)}, which is never used; known are {sorted(known)}")
    return table
