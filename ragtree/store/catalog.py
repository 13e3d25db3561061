"""The catalog: documents, nodes, caches and facts, in one SQLite file. The mirrors are made from it.

The SQL of each table has its own module. Here they share a connection, transactions and error messages.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import StoreError
from ..types import Document, Node
from . import copies, documents, facts, file_records, history, nodes, vectors, write_ahead
from .connection import PATIENCE
from .documents import Described, DocumentRecord, StoredDocument
from .facts import Facts
from .file_records import FileRecord
from .inherited import note_inherited, refuse_inherited
from .migrations import migrate
from .model_caches import ModelCaches
from .nodes import NodeEntry, SummaryState
from .removed_words import note_removed
from .tree_change import PlacedNode, TreeChange
from .vectors import vector_key

__all__ = ["Catalog", "vector_key"]


class Catalog(ModelCaches):
    """The catalog through one connection, which the threads of the process share."""

    _writes = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._update: int | None = None
        """The number of the history's update that commits belong to."""
        self._in_update = False
        refuse_inherited(path)
        with self._reported():
            self._db = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            try:
                migrate(self._db, str(path.parent))
            except BaseException:
                self._db.close()
                raise
            history.begin(self._db)

    # --- facts about the index

    def facts(self) -> Facts:
        """What the index records about itself."""
        return self._read(facts.read)

    def set_facts(self, changes: Mapping[str, str]) -> None:
        """Change some facts."""
        self._write(facts.write, changes)

    def copies(self) -> list[tuple[str, ...]]:
        """Groups of nodes with the same text, by id."""
        return self._read(copies.read)

    # --- documents and files

    def records(self) -> dict[str, DocumentRecord]:
        """All documents by id, without their texts."""
        return self._read(documents.records)

    def document(self, document_id: str) -> Document | None:
        """A document with its text; None if it is not there."""
        return self._read(documents.document, document_id)

    def names(self) -> list[tuple[str, ...]]:
        """The id, title, path, kind, date and language of every document, by id. What is not known is empty."""
        return self._read(documents.names)

    def described(self, only: str | None = None) -> list[Described]:
        """What is known of every document, by id, or of a single one. No text is read."""
        return self._read(documents.described, only)

    def built(self, document_id: str) -> str:
        """The fingerprint of the settings that a document's tree was built with; empty if it has none."""
        return self._read(documents.built, document_id)

    def document_count(self) -> int:
        """The number of documents."""
        return self._read(documents.count)

    def built_otherwise(self, fingerprint: str) -> list[str]:
        """Documents whose trees were built with other settings, shortest first."""
        return self._read(documents.built_otherwise, fingerprint)

    def characters(self, ids: Sequence[str]) -> int:
        """The number of characters of some documents together."""
        return self._read(documents.characters, ids)

    def files(self) -> dict[str, FileRecord]:
        """What the files of the folder held when they were last read, by id."""
        return self._read(file_records.files)

    def note_files(self, records: Sequence[FileRecord], gone: Sequence[str]) -> None:
        """Store the records of files, and remove those of files that are gone."""
        if records or gone:
            with self.transaction() as db:
                file_records.write(db, records)
                file_records.remove(db, gone)

    # --- the tree

    @contextmanager
    def one_update(self) -> Iterator[None]:
        """Make all commits within the block count as one update in the history."""
        if self._in_update:
            yield
            return
        self._in_update, self._update = True, None
        try:
            yield
        finally:
            self._in_update = False

    def change(
        self,
        tree: TreeChange,
        written: Iterable[StoredDocument] = (),
        removed: Collection[str] = (),
        known: Mapping[str, str] | None = None,
        read: Sequence[FileRecord] = (),
        all_anew: bool = False,
    ) -> None:
        """Commit documents and their part of the tree in one transaction, and mark what Chroma does not have yet.

        `known` are facts that change with it, `read` are records of the files that the documents came from. `all_anew`
        marks all vectors in Chroma as outdated.
        """
        written = tuple(written)
        with self.transaction(lasting=True) as db:
            recording = history.Recording(db, [one.document.id for one in written], removed)
            note_removed(db, list(removed))
            for stored in written:
                note_removed(db, [stored.document.id], stored.document.text)
                documents.write(db, stored)
            documents.remove(db, list(removed))
            vectors.put(db, tree.vectors)
            nodes.write(db, tree)
            write_ahead.clear(db)
            file_records.write(db, read)
            if all_anew:
                nodes.mark_all_unstored(db)
            facts.write(db, known or {})
            facts.next_state(db)
            number = recording.end([one.node.id for one in tree.nodes], self._update if self._in_update else None)
            self._update = number

    def nodes(self, level: int | None = None) -> list[Node]:
        """All nodes, or those of a level: chunks first and in reading order."""
        return self._read(nodes.nodes, level)

    def nodes_of(self, ids: Sequence[str]) -> list[Node]:
        """The nodes with these ids, in this order; ids that do not exist are skipped."""
        return self._read(nodes.nodes_of, ids)

    def placed_of(self, ids: Sequence[str]) -> list[PlacedNode]:
        """The same, with their places and the keys of their vectors."""
        return self._read(nodes.placed_of, ids)

    def of_document(self, document_id: str) -> list[PlacedNode]:
        """The nodes of a document: chunks in reading order, then level by level."""
        return self._read(nodes.of_document, document_id)

    def chunks_of(self, document_id: str) -> list[Node]:
        """The chunks of a document in reading order."""
        return [one.node for one in self._read(nodes.of_document, document_id, chunks_only=True)]

    def entries(self, kinds: Sequence[str]) -> list[NodeEntry]:
        """Nodes of some kinds without their texts, lowest level first."""
        return self._read(nodes.entries, kinds)

    def entries_of(self, ids: Sequence[str]) -> dict[str, NodeEntry]:
        """Nodes by id, without their texts."""
        return self._read(nodes.entries_of, ids)

    def children(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the children of some nodes, in order."""
        return self._read(nodes.children, ids)

    def parents(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the parents of some nodes."""
        return self._read(nodes.parents, ids)

    def above(self, ids: Sequence[str]) -> list[str]:
        """The ids of all nodes above some nodes, without these, lowest level first."""
        return self._read(nodes.above, ids)

    def documents_below(self, node_id: str) -> list[str]:
        """The ids of the document nodes below a theme, or below the collection, by document."""
        return self._read(nodes.documents_below, node_id)

    def changed(self, new: Sequence[PlacedNode], old: Sequence[str]) -> TreeChange:
        """How `new` nodes differ from the catalog's. Nodes with `old` ids that are not among them are gone."""
        return self._read(nodes.changed, new, old)

    def neighbours(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """For chunks, by id, the chunks before and after them in their document."""
        return self._read(nodes.neighbours, ids)

    def top(self) -> list[str]:
        """The ids of nodes without a parent, highest first: where a walk down the tree begins."""
        return self._read(nodes.roots)

    def level_sizes(self) -> tuple[int, ...]:
        """The number of nodes at each level, chunks first."""
        return self._read(nodes.level_sizes)

    def kind_sizes(self) -> dict[str, int]:
        """The number of nodes of each kind."""
        return self._read(nodes.kind_sizes)

    def chunk_tokens(self) -> int:
        """The tokens of all chunks."""
        return self._read(nodes.chunk_tokens)

    def condition(self) -> SummaryState:
        """How up to date the summaries are."""
        return self._read(nodes.condition)

    def unfinished_documents(self) -> set[str]:
        """Documents with a summary that the language model has yet to write."""
        return self._read(nodes.unfinished_documents)

    def unfinished_themes(self) -> bool:
        """True if a theme, or the collection, has a summary that has yet to be written."""
        return self._read(nodes.unfinished_themes)

    def without_vectors(self) -> list[str]:
        """The ids of nodes whose vector is lost, lowest level first."""
        return self._read(nodes.without_vectors)

    def set_keys(self, keys: Collection[tuple[bytes, str]]) -> None:
        """Assign other vectors to nodes, given as pairs of vector key and node id."""
        self._write(nodes.set_keys, keys)

    # --- what Chroma does not have yet

    def to_store(self, count: int) -> list[PlacedNode]:
        """Up to `count` nodes whose current version Chroma does not have, lowest level first."""
        return self._read(nodes.to_store, count)

    def to_forget(self) -> list[str]:
        """The ids of records that Chroma has to delete."""
        return self._read(nodes.to_forget)

    def pending(self) -> bool:
        """True if Chroma is behind."""
        return self._read(nodes.pending)

    def mark_stored(self, ids: Iterable[str]) -> None:
        """Note that Chroma has these nodes."""
        self._write(nodes.mark_stored, ids)

    def mark_forgotten(self, ids: Iterable[str]) -> None:
        """Note that Chroma has deleted these records."""
        self._write(nodes.mark_forgotten, ids)

    def mark_in_line(self) -> None:
        """Note that Chroma has the current version of every node, and nothing else."""
        self._write(nodes.mark_in_line)

    def mark_all_unstored(self) -> None:
        """Note that every node has to be written to Chroma again."""
        self._write(nodes.mark_all_unstored)

    def _leave_behind(self) -> None:
        connection = getattr(self, "_db", None)
        if connection is not None:
            note_inherited(self._path, connection)

    def close(self) -> None:
        """Close the file. Closing twice does no harm."""
        with self._lock:
            with suppress(StoreError, sqlite3.ProgrammingError):  # it is closed already
                if self._writes:
                    facts.write_copy(self._path.parent, self.facts())
            self._db.close()
