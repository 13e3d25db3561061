"""What the catalog knows about every document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import PurePosixPath

from ..store.documents import Described
from ..text.dates import is_iso
from ..text.references import DocumentNames
from .base import DocumentEntry

_OURS = ("title", "kind", "date", "language", "words")
"""Keys in the metadata of a document node that are not the document's own."""
_TENTH = 10


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DocumentEntries:
    """The entries of one state of the tree, by id; `names` finds the same documents by their names."""

    def __init__(self, described: Sequence[Described], names: DocumentNames) -> None:
        self._described = described
        self.names = names

    @cached_property
    def by_id(self) -> dict[str, DocumentEntry]:
        """The entry of every document, by its id."""
        return {entry.id: entry for entry in map(entry_of, self._described)}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of at least a tenth of the documents each, the most frequent first."""
        counts = Counter(one.language for one in self.by_id.values())
        return tuple(code for code, count in counts.most_common() if count * _TENTH >= len(self.by_id))


def entry_of(one: Described) -> DocumentEntry:
    """The entry of a document."""
    metadata = one.metadata
    own = {name: value for name, value in metadata.items() if name not in _OURS}
    title = one.label or str(metadata.get("title", "")) or PurePosixPath(one.source).name
    kind, date, words = str(metadata.get("kind", "")), str(metadata.get("date", "")), metadata.get("words", 0)
    language = str(metadata.get("language", "") or "en")
    date = date if is_iso(date) else ""  # the date that a document states may be "soon"
    words = words if isinstance(words, int) else 0
    modified = _EPOCH + timedelta(microseconds=one.modified // 1000) if one.modified else None
    return DocumentEntry(one.id, title, one.source, kind, date, language, words, own, one.size, modified)
