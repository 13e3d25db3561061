"""The lexical index: the words of leaves and summaries, for BM25 search (tantivy)."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..processes import after_fork
from ..text.languages import AUTO, language_of
from ..types import Node
from . import faults
from .lexical_fields import headings_above, index_terms
from .lexical_reader import TERMS, LexicalReader, lexical_errors

if TYPE_CHECKING:
    from tantivy import Index, IndexWriter

_HEAP = 64 * 2**20
"""Bytes that tantivy gathers in memory before it writes them."""
_LOCK = ".tantivy-writer.lock"
_PATIENCE = 10.0
"""Seconds to wait for a writer's lock. A forked child holds it, too, until it has closed the lock file."""
_BETWEEN = 0.02


@contextmanager
def _written(index: Index, what: str) -> Iterator[IndexWriter]:
    """A writer whose changes are committed at the end of the block, all of them or none."""
    with lexical_errors(what):
        writer = _writer(index)
        yield writer
        writer.commit()
        writer.wait_merging_threads()


def _writer(index: Index) -> IndexWriter:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return index.writer(_HEAP, num_threads=1)
        except ValueError as error:
            if "LockBusy" not in str(error) or time.monotonic() >= until:
                raise
            time.sleep(_BETWEEN)


def _let_go_of_writers() -> None:
    """Close the lock files that a forked child has inherited. A lock is held while any process has its file open."""
    open_files = Path("/proc/self/fd")
    for number in open_files.iterdir() if open_files.is_dir() else ():
        with suppress(OSError):
            if number.readlink().name == _LOCK:
                os.close(int(number.name))


after_fork(_let_go_of_writers)


class LexicalIndex:
    """Leaves and summaries are two indexes, so that a word is weighted by how rare it is among nodes of the same kind.

    It holds nothing that the catalog does not have. If it cannot be read, or has another schema, it is deleted and
    written again. `path` None keeps it in memory. `language` is `auto`, or the code of the language of all texts.
    """

    def __init__(self, path: Path | None, language: str = AUTO, read_only: bool = False) -> None:
        """With `read_only`, nothing is made or deleted; raises IndexDamagedError instead."""
        self._language = language
        self._leaves = _opened(path / "leaves" if path else None, read_only)
        self._summaries = _opened(path / "summaries" if path else None, read_only)

    def upsert(self, nodes: Sequence[Node]) -> None:
        """Write nodes, replacing the words of those that exist."""
        self._write(nodes, (), "upsert")

    def delete(self, ids: Iterable[str]) -> None:
        """Remove nodes. Ids that do not exist are ignored."""
        self._write((), ids, "delete")

    def change(self, nodes: Sequence[Node], gone: Iterable[str]) -> None:
        """Write nodes and remove others at once. Existing readers do not see it."""
        self._write(nodes, gone, "change")

    def _write(self, nodes: Sequence[Node], gone: Iterable[str], what: str) -> None:
        from tantivy import Document

        removed = list(gone)  # leaves are written before their summaries, and removed after them
        kinds = (
            (self._leaves, True),
            (self._summaries, False),
        )
        for index, leaves in reversed(kinds) if removed else kinds:
            part = [node for node in nodes if (node.level == 0) == leaves]
            if not part and not removed:
                continue
            with _written(index, what) as writer:
                for key in (*removed, *(node.id for node in part)):
                    writer.delete_documents_by_term("key", key)
                for node in part:
                    language = language_of(node.text, self._language)
                    terms = index_terms(f"{headings_above(node)}\n{node.context}\n{node.text}", language)
                    writer.add_document(Document(**{"key": node.id, "language": language, TERMS: " ".join(terms)}))

    def clear(self) -> None:
        """Remove every node."""
        for index in (self._leaves, self._summaries):
            with _written(index, "clear") as writer:
                writer.delete_all_documents()

    def search(
        self, text: str, count: int, leaves: bool, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Ids and BM25 scores of the leaves, or summaries, that share words with the text, best first."""
        return self.reader().search(text, count, leaves, among)

    def size(self, leaves: bool) -> int:
        """Number of leaves, or of summaries."""
        return self.reader().size(leaves)

    def ids(self) -> set[str]:
        """The ids of all nodes."""
        return self.reader().ids()

    def reader(self) -> LexicalReader:
        """A search of the words as they were last written, by any process. Later writes do not change it."""
        with lexical_errors("read"):
            searchers = []
            for index in (self._leaves, self._summaries):
                index.reload()
                searchers.append(index.searcher())
        return LexicalReader(searchers[0], searchers[1], self._leaves.schema, self._language)

    def close(self) -> None:
        """Nothing is held open between calls."""


def _opened(path: Path | None, read_only: bool = False) -> Index:
    from tantivy import Index, SchemaBuilder

    schema = (
        SchemaBuilder()
        .add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
        .add_text_field("language", tokenizer_name="raw", index_option="basic")
        .add_text_field(TERMS, tokenizer_name="whitespace", index_option="freq")
        .build()
    )
    if path is None:
        return Index(schema)
    for attempt in (1, 2):
        try:
            if not read_only:
                path.mkdir(parents=True, exist_ok=True)
            elif not Index.exists(str(path)):
                raise OSError("it is not there")
            index = Index(schema, str(path))
            index.config_reader("Manual")  # new words are seen only once a reader asks for them
            return index
        except (ValueError, OSError) as error:
            if attempt == 2 or read_only:
                back = "it is made anew by a process that may write: ragtree index FOLDER"
                raise faults.store_error(error, f"the lexical index at {path}", back) from error
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    raise AssertionError("unreachable")
