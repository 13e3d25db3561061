"""The catalog: documents, nodes, caches and facts, in one SQLite file. The mirrors are made from it.

The SQL of each table has its own module. Here they share a connection, transactions and error messages.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from ..errors import StoreError
from ..processes import OfOneProcess
from ..types import Document, Node, Vectors
from . import ahead, copies, documents, facts, files, history, kept_texts, nodes, vectors
from .documents import Described, DocumentRecord, StoredDocument
from .facts import Facts
from .faults import told
from .files import FileRecord
from .formats import bring_up_to_date
from .inherited import note_inherited, refuse_inherited
from .nodes import Condition, Entry
from .removed_words import note_removed
from .tree_change import Placed, TreeChange
from .vectors import vector_key

__all__ = ["Catalog", "vector_key"]

P = ParamSpec("P")
R = TypeVar("R")

_PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""


class Catalog(OfOneProcess):
    """The catalog through one connection, which the threads of the process share."""

    _writes = True
    _lenders: tuple[Catalog, ...] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._update: int | None = None
        """The number of the history's update that commits belong to."""
        self._in_update = False
        refuse_inherited(path)
        with self._reported():
            self._db = sqlite3.connect(path, timeout=_PATIENCE, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            try:
                bring_up_to_date(self._db, str(path.parent))
            except BaseException:
                self._db.close()
                raise
            history.begin(self._db)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            back = "get back what can be read with: ragtree repair FOLDER"
            raise told(error, str(self._path), back) from error

    @contextmanager
    def transaction(self, lasting: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction: all or nothing. Threads take turns. What is committed survives the end of the process.

        A `lasting` transaction survives a power failure, too, with everything committed before it, but waits some
        milliseconds for the disk. It is for what was paid for, and for what the mirrors are written from.
        """
        with self._lock, self._reported():
            self._db.execute(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _read(self, query: Callable[Concatenate[sqlite3.Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock, self._reported():
            return query(self._db, *args, **kwargs)

    def _write(
        self, statement: Callable[Concatenate[sqlite3.Connection, P], None], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        with self.transaction() as db:
            statement(db, *args, **kwargs)

    def rows(self, query: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        """The rows of any query, for modules without a method here."""
        with self._lock, self._reported():
            return self._db.execute(query, values).fetchall()

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
        return self._read(files.files)

    def note_files(self, records: Sequence[FileRecord], gone: Sequence[str]) -> None:
        """Store the records of files, and remove those of files that are gone."""
        if records or gone:
            with self.transaction() as db:
                files.write(db, records)
                files.remove(db, gone)

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
            ahead.clear(db)
            files.write(db, read)
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

    def placed_of(self, ids: Sequence[str]) -> list[Placed]:
        """The same, with their places and the keys of their vectors."""
        return self._read(nodes.placed_of, ids)

    def of_document(self, document_id: str) -> list[Placed]:
        """The nodes of a document: chunks in reading order, then level by level."""
        return self._read(nodes.of_document, document_id)

    def chunks_of(self, document_id: str) -> list[Node]:
        """The chunks of a document in reading order."""
        return [one.node for one in self._read(nodes.of_document, document_id, chunks_only=True)]

    def entries(self, kinds: Sequence[str]) -> list[Entry]:
        """Nodes of some kinds without their texts, lowest level first."""
        return self._read(nodes.entries, kinds)

    def entries_of(self, ids: Sequence[str]) -> dict[str, Entry]:
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

    def changed(self, new: Sequence[Placed], old: Sequence[str]) -> TreeChange:
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

    def condition(self) -> Condition:
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

    def to_store(self, count: int) -> list[Placed]:
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

    # --- caches: what was paid for

    @contextmanager
    def borrowing(self, lenders: Sequence[Catalog]) -> Iterator[None]:
        """In the block, vectors, summaries and contexts that are missing here are copied from these catalogs.

        Their keys are hashes of all that they were made from, so none can tell anything of another text.
        """
        self._lenders = tuple(lenders)
        try:
            yield
        finally:
            self._lenders = ()

    def get_vectors(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """The vectors that exist, each of shape (dim,), by key."""
        found = self._read(vectors.get, keys)
        for lender in self._lenders:
            lent = lender.get_vectors([key for key in keys if key not in found])
            if lent:
                self.put_vectors(lent)
            found |= lent
        return found

    def put_vectors(self, rows: Mapping[bytes, Vectors]) -> None:
        """Store vectors, each of shape (dim,), by key."""
        with self.transaction(lasting=True) as db:
            vectors.put(db, rows)

    def get_summary(self, key: str) -> str | None:
        """A summary as it was stored, or None."""
        return self._read(kept_texts.get, "summaries", key)

    def borrowed_summary(self, key: str) -> str | None:
        """A summary as it was stored, here or in a catalog of `borrowing`, or None."""
        found = self.get_summary(key)
        for lender in self._lenders if found is None else ():
            found = lender.get_summary(key)
            if found is not None:
                self.put_summary(key, found)
                break
        return found

    def put_summary(self, key: str, summary: str) -> None:
        """Store a summary, or anything else that a model wrote about a group."""
        with self.transaction(lasting=True) as db:
            kept_texts.put(db, "summaries", key, summary)

    def put_summary_of(self, key: str, summary: str, answers: Collection[str]) -> None:
        """Store a summary, and delete the answers (by key) that it was made from. If a power failure undoes this, the
        summary can be made from them again."""
        with self.transaction() as db:
            kept_texts.put(db, "summaries", key, summary)
            kept_texts.drop(db, "answers", answers)

    def get_answer(self, key: str) -> str | None:
        """What a model answered for a summary that is not finished, or None."""
        return self._read(kept_texts.get, "answers", key)

    def put_answer(self, key: str, answer: str) -> None:
        """Store an answer until its summary is finished."""
        with self.transaction(lasting=True) as db:
            kept_texts.put(db, "answers", key, answer)

    def get_context(self, key: str) -> str | None:
        """The sentence that was written for a chunk; empty if it was rejected, None if none was asked for."""
        found = self._read(kept_texts.get, "contexts", key)
        for lender in self._lenders if found is None else ():
            found = lender.get_context(key)
            if found is not None:
                self.put_context(key, found)
                break
        return found

    def put_context(self, key: str, sentence: str) -> None:
        """Store the sentence of a chunk."""
        with self.transaction(lasting=True) as db:
            kept_texts.put(db, "contexts", key, sentence)

    def get_page(self, key: str) -> str | None:
        """The recognized text of a picture, or None."""
        return self._read(kept_texts.get, "pages", key)

    def put_page(self, key: str, page: str) -> None:
        """Store the recognized text of a picture."""
        with self.transaction() as db:
            kept_texts.put(db, "pages", key, page)

    def compact(self) -> None:
        """Rewrite the file without deleted data, so that no byte of it is left in the file or in its log.

        Waits up to 10 seconds for readers of an earlier state, who need the log.
        """
        with self._lock, self._reported():
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA busy_timeout = 10000")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._db.execute(f"PRAGMA busy_timeout = {_PATIENCE * 1000:.0f}")

    def _leave_behind(self) -> None:
        connection = getattr(self, "_db", None)
        if connection is not None:
            note_inherited(self._path, connection)

    def close(self) -> None:
        """Close the file. Closing twice does no harm."""
        with self._lock:
            with suppress(StoreError, sqlite3.ProgrammingError):  # it is closed already
                if self._writes:
                    facts.keep_copy(self._path.parent, self.facts())
            self._db.close()
