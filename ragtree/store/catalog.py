"""The catalog: documents, nodes, caches and what Chroma still has to learn, in one SQLite file.

It is written first and in transactions; Chroma follows it (see `grow/outbox.py`) and can be made anew from it.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from ..errors import StoreError
from ..types import Document, Node, Vectors
from . import history
from .base import node_from_json
from .documents import DOCUMENT_COLUMNS, DocumentRecord, StoredDocument, document_of_row, document_row
from .facts import keep_facts
from .faults import told
from .formats import bring_up_to_date
from .removed_words import note_removed
from .tree_change import TreeChange, difference, write_change

_PATIENCE = 60.0
"""Seconds that one waits for another process which writes."""


class Catalog:
    """One connection, shared by the threads of the process."""

    _writes = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
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
        """All or nothing; threads take turns. What is done survives the end of the process.

        A `lasting` one survives the power's, too, with all that was done before it: it waits for the disk, some
        milliseconds. It is for what was paid for, and for what the other stores are written by.
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

    def _rows(self, query: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        with self._lock, self._reported():
            return self._db.execute(query, values).fetchall()

    def rows(self, query: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        """The rows of a query, for what keeps tables of its own beside these."""
        return self._rows(query, *values)

    # --- facts about the index

    def meta(self, key: str) -> str | None:
        """A fact about the index, or None."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def set_meta(self, facts: Mapping[str, str]) -> None:
        """Write facts about the index."""
        with self.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(facts.items()))

    # --- documents

    def records(self) -> dict[str, DocumentRecord]:
        """All documents by id, without their texts."""
        rows = self._rows("SELECT id, sha256, origin, size, modified FROM documents ORDER BY id")
        return {row[0]: DocumentRecord(*row) for row in rows}

    def document(self, document_id: str) -> Document | None:
        """A document with its text."""
        rows = self._rows(
            f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id = ?",
            document_id,
        )
        if not rows:
            return None
        return document_of_row(rows[0])

    # --- the tree

    def apply(
        self,
        documents: Iterable[StoredDocument],
        removed: Iterable[str],
        nodes: Sequence[Node],
        keys: Sequence[bytes],
        facts: Mapping[str, str],
        all_anew: bool = False,
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> None:
        """Make `nodes` (leaves in reading order, then level by level) the whole tree, in one transaction.

        `keys` are the nodes' rows in the cache of vectors. `all_anew` says that Chroma's vectors are no longer right;
        `also` is done in the same transaction.
        """
        self.change(documents, removed, self.difference(nodes, keys), facts, all_anew, also)

    def difference(self, nodes: Sequence[Node], keys: Sequence[bytes]) -> TreeChange:
        """How a whole tree differs from the one that is there."""
        with self._lock, self._reported():
            return difference(self._db, nodes, keys)

    def change(
        self,
        documents: Iterable[StoredDocument],
        removed: Iterable[str],
        tree: TreeChange,
        facts: Mapping[str, str],
        all_anew: bool = False,
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> None:
        """Change documents and tree in one transaction; note what Chroma has to learn. See `apply`."""
        removed, written = tuple(removed), []
        with self.transaction(lasting=True) as db:
            recording = history.Recording(db)
            note_removed(db, removed)
            db.executemany("DELETE FROM documents WHERE id = ?", [(key,) for key in removed])
            for stored in documents:
                written.append(stored.document.id)
                note_removed(db, [stored.document.id], stored.document.text)
                db.execute("INSERT OR REPLACE INTO documents VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", document_row(stored))
            write_change(db, tree)
            recording.end(written, removed, [node.id for node in tree.nodes])
            if all_anew:
                db.execute("UPDATE nodes SET stored = 0")
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(facts.items()))
            if also is not None:
                also(db)

    def nodes(self, level: int | None = None) -> list[Node]:
        """All nodes, or those of a level, leaves first and in reading order."""
        if level is None:
            rows = self._rows("SELECT node FROM nodes ORDER BY level, document_id, position")
        else:
            rows = self._rows("SELECT node FROM nodes WHERE level = ? ORDER BY document_id, position", level)
        return [node_from_json(row[0]) for row in rows]

    def nodes_of(self, ids: Sequence[str]) -> list[Node]:
        """The nodes of those ids, in that order, without those that are not there."""
        found: dict[str, Node] = {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            rows = self._rows(f"SELECT id, node FROM nodes WHERE id IN ({','.join('?' * len(part))})", *part)
            found.update((key, node_from_json(node)) for key, node in rows)
        return [found[key] for key in ids if key in found]

    def with_keys(self, ids: Sequence[str]) -> list[tuple[Node, bytes]]:
        """At most some thousand nodes of those ids that are there, in that order, with their vectors' keys."""
        marks = ",".join("?" * len(ids))
        rows = self._rows(f"SELECT id, node, vector FROM nodes WHERE id IN ({marks})", *ids)
        found = {key: (node_from_json(node), vector) for key, node, vector in rows}
        return [found[key] for key in ids if key in found]

    def leaves_of(self, document_id: str) -> list[Node]:
        """The chunks of a document in reading order."""
        rows = self._rows("SELECT node FROM nodes WHERE level = 0 AND document_id = ? ORDER BY position", document_id)
        return [node_from_json(row[0]) for row in rows]

    def leaf_keys(self, without: Collection[str]) -> dict[str, bytes]:
        """The rows of the cache of vectors of all leaves, by id, but for those of these documents."""
        rows = self._rows("SELECT id, vector, document_id FROM nodes WHERE level = 0")
        return {key: vector for key, vector, document_id in rows if document_id not in without}

    def neighbours(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Of leaves, by id, those that stand before and after them in their document."""
        found: dict[str, tuple[str, ...]] = {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            rows = self._rows(
                "SELECT leaf.id, beside.id FROM nodes AS leaf JOIN nodes AS beside ON beside.level = 0 "
                "AND beside.position IN (leaf.position - 1, leaf.position + 1) "
                "AND beside.document_id = leaf.document_id "
                f"WHERE leaf.level = 0 AND leaf.id IN ({','.join('?' * len(part))}) "
                "ORDER BY leaf.id, beside.position",
                *part,
            )
            for key, other in rows:
                found[key] = (*found.get(key, ()), other)
        return found

    def top(self) -> list[str]:
        """Ids of the highest level: where a walk down the tree begins."""
        rows = self._rows("SELECT id FROM nodes WHERE level = (SELECT max(level) FROM nodes) ORDER BY position")
        return [row[0] for row in rows]

    def level_sizes(self) -> tuple[int, ...]:
        """Number of nodes at each level, leaves first."""
        return tuple(row[0] for row in self._rows("SELECT count(*) FROM nodes GROUP BY level ORDER BY level"))

    def characters(self) -> int:
        """Characters of all documents."""
        return int(self._rows("SELECT coalesce(sum(length(text)), 0) FROM documents")[0][0])

    def stale_nodes(self) -> int:
        """Number of summaries below which something has changed since they were written."""
        return int(self._rows("SELECT count(*) FROM nodes WHERE stale > 0")[0][0])

    def leaf_tokens(self) -> int:
        """Tokens of all leaves."""
        return int(self._rows("SELECT coalesce(sum(tokens), 0) FROM nodes WHERE level = 0")[0][0])

    # --- what Chroma has to learn

    def to_store(self, count: int) -> list[tuple[Node, bytes]]:
        """Some nodes that Chroma does not have as they are, lowest level first, with their vectors' keys."""
        rows = self._rows(
            "SELECT node, vector FROM nodes WHERE stored = 0 ORDER BY level, document_id, position LIMIT ?", count
        )
        return [(node_from_json(node), key) for node, key in rows]

    def to_forget(self) -> list[str]:
        """Ids of records that Chroma has to drop."""
        return [row[0] for row in self._rows("SELECT id FROM gone ORDER BY id")]

    def pending(self) -> bool:
        """True where Chroma is behind."""
        return bool(self._rows("SELECT 1 FROM nodes WHERE stored = 0 UNION ALL SELECT 1 FROM gone LIMIT 1"))

    def mark_stored(self, ids: Iterable[str]) -> None:
        """Chroma has these nodes."""
        with self.transaction() as db:
            db.executemany("UPDATE nodes SET stored = 1 WHERE id = ?", [(key,) for key in ids])

    def mark_forgotten(self, ids: Iterable[str]) -> None:
        """Chroma has dropped these records."""
        with self.transaction() as db:
            db.executemany("DELETE FROM gone WHERE id = ?", [(key,) for key in ids])

    def mark_in_line(self) -> None:
        """Chroma has every node as it is, and no other."""
        with self.transaction() as db:
            db.execute("UPDATE nodes SET stored = 1 WHERE stored = 0")
            db.execute("DELETE FROM gone")

    def mark_all_unstored(self) -> None:
        """Chroma has to be written anew."""
        with self.transaction() as db:
            db.execute("UPDATE nodes SET stored = 0")

    # --- caches: what was paid for

    def get_vectors(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Vectors that are there, each of shape (dim,)."""
        found: dict[bytes, Vectors] = {}
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self._rows(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", *part)
            found.update((key, np.frombuffer(blob, dtype="<f4")) for key, blob in rows)
        return found

    def put_vectors(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keep vectors (len(keys), dim)."""
        rows = [(key, row.astype("<f4").tobytes()) for key, row in zip(keys, vectors, strict=True)]
        with self.transaction(lasting=True) as db:
            db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def get_summary(self, key: str) -> str | None:
        """A summary as it was written down, or None."""
        rows = self._rows("SELECT summary FROM summaries WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def put_summary(self, key: str, summary: str) -> None:
        """Keep a summary, or what else a model said of a group."""
        with self.transaction(lasting=True) as db:
            db.execute("INSERT OR REPLACE INTO summaries VALUES (?, ?)", (key, summary))

    def put_summary_of(self, key: str, summary: str, answers: Collection[str]) -> None:
        """Keep a summary instead of the answers, by key, that it was made of: it can be made of them again."""
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO summaries VALUES (?, ?)", (key, summary))
            db.executemany("DELETE FROM answers WHERE key = ?", [(answer,) for answer in answers])

    def get_answer(self, key: str) -> str | None:
        """What a model has answered for a summary that is not there yet; None for nothing."""
        rows = self._rows("SELECT answer FROM answers WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def put_answer(self, key: str, answer: str) -> None:
        """Keep an answer until the summary is that it is for."""
        with self.transaction(lasting=True) as db:
            db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, answer))

    def get_context(self, key: str) -> str | None:
        """The sentence that was written for a chunk, empty where it was not sound; None where none was asked for."""
        rows = self._rows("SELECT sentence FROM contexts WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def put_context(self, key: str, sentence: str) -> None:
        """Keep the sentence of a chunk."""
        with self.transaction(lasting=True) as db:
            db.execute("INSERT OR REPLACE INTO contexts VALUES (?, ?)", (key, sentence))

    def compact(self) -> None:
        """Write the file anew without what was deleted: no byte of it is left in the file or in its log.

        It waits some seconds for those who read an earlier moment, whom the log has to serve.
        """
        with self._lock, self._reported():
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA busy_timeout = 10000")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._db.execute("PRAGMA busy_timeout = 5000")

    def close(self) -> None:
        """Let go of the file. Closing twice does no harm."""
        with self._lock:
            with suppress(StoreError, sqlite3.ProgrammingError):  # it was closed
                if self._writes:
                    keep_facts(self._path.parent, dict(self._rows("SELECT key, value FROM meta")))
            self._db.close()


def vector_key(embedder: str, text: str) -> bytes:
    """The key of a text's vector in the cache."""
    return hashlib.sha256(f"{embedder}\0{text}".encode("utf-8", "surrogatepass")).digest()
