"""The catalog: what there is to say of every document."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from ..references import DocumentNames
from ..titles import name_of
from .base import DocumentEntry

_OURS = ("title", "kind", "date", "language", "words")
"""What a document node says beside the document's own metadata."""


Described: TypeAlias = tuple[str, str, str, dict[str, Any]]
"""Of a document its id, path, label, and the metadata of its node."""


class DocumentEntries:
    """The entries of one state of the tree, by id."""

    def __init__(self, described: Sequence[Described]) -> None:
        self._described = described

    @cached_property
    def by_id(self) -> dict[str, DocumentEntry]:
        """Every document."""
        return {entry.id: entry for entry in map(_entry, self._described)}

    @cached_property
    def names(self) -> DocumentNames:
        """Their names, made ready for questions."""
        return DocumentNames(
            [(one.id, name_of(one.title, one.source, one.kind, one.date, one.language)) for one in self.by_id.values()]
        )


def _entry(described: Described) -> DocumentEntry:
    key, source, label, metadata = described
    own = {name: value for name, value in metadata.items() if name not in _OURS}
    title = label or str(metadata.get("title", "")) or PurePosixPath(source).name
    kind, date = str(metadata.get("kind", "")), str(metadata.get("date", ""))
    language = str(metadata.get("language", "") or "en")
    return DocumentEntry(key, title, source, kind, date, language, int(metadata.get("words", 0)), own)
