"""Documents of other indexes -> an index of its own, with the vectors and summaries that were made of them there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from ..errors import QueryError
from ..reports import SyncReport
from ..retrieve.filtered_nodes import filter_documents
from ..retrieve.where import conditions
from ..store.catalog import Catalog
from ..store.documents import StoredDocument
from ..store.snapshots import Snapshot
from ..types import Where
from .open_index import OpenIndex
from .sync import Sync


@dataclass(frozen=True, slots=True)
class Selection:
    """Documents of an index, to be copied to another one."""

    index: OpenIndex
    """An open `RagTree`."""
    where: Where = field(default_factory=dict)
    """Only documents that pass this filter (as in `search`); empty for all."""
    prefix: str = ""
    """Put before the ids and sources of the documents, so that those of several indexes differ."""


def copy(sync: Sync, catalog: Catalog, selections: Sequence[Selection], add: bool = True) -> SyncReport:
    """Bring an index in line with selections of others, which are read at one moment each; without `add`, only remove
    what they do not select.

    Raises QueryError for a filter that cannot be used, and for two documents with one id.
    """
    for selection in selections:
        if any(one.key == "level" for one in conditions(selection.where)):
            raise QueryError("documents cannot be selected by level; name their source, or their metadata")
    with ExitStack() as held:
        taken = [(selection, _held(held, selection.index)) for selection in selections]
        ids = [(selection, snapshot, _selected(selection, snapshot)) for selection, snapshot in taken]
        counts = Counter(f"{selection.prefix}{key}" for selection, _, keys in ids for key in keys)
        twice = [key for key, count in counts.items() if count > 1]
        if twice:
            raise QueryError(f"two selections have a document {twice[0]!r}; give them different prefixes")
        held.enter_context(catalog.borrowing([snapshot.catalog for _, snapshot in taken]))
        return sync.copies(counts.keys(), _documents(ids)) if add else sync.keep_only(counts.keys())


def _held(held: ExitStack, index: OpenIndex) -> Snapshot:
    """One state of the index, until the stack is closed."""
    snapshots = index._reader.snapshots
    snapshot = snapshots.acquire()
    held.callback(snapshots.release, snapshot)
    return snapshot


def _selected(selection: Selection, snapshot: Snapshot) -> list[str]:
    """The ids of the documents that pass, in order."""
    passing = filter_documents(selection.where, snapshot.table) if selection.where else None
    return [key for key in snapshot.catalog.records() if passing is None or key in passing]


def _documents(ids: Sequence[tuple[Selection, Snapshot, list[str]]]) -> Iterator[StoredDocument]:
    for selection, snapshot, keys in ids:
        records, prefix = snapshot.catalog.records(), selection.prefix
        for key in keys:
            document = snapshot.catalog.document(key)
            assert document is not None, "one state of the tree"
            renamed = replace(document, id=prefix + key, source=prefix + document.source)
            yield StoredDocument(renamed, replace(records[key], id=prefix + key))
