"""The lexical index: the words of leaves and of summaries, searched by BM25 (tantivy)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ..errors import IndexDamagedError
from ..languages import AUTO, language_of
from ..types import Node
from .words import STEMMED, index_terms, query_terms

if TYPE_CHECKING:
    from tantivy import Index, Query

P = ParamSpec("P")
R = TypeVar("R")

_HEAP = 64 * 2**20
"""Bytes that are gathered before they are written."""
_PRESENT = 0.02
"""Share of the texts that are in a language from which on a question is read as if it were in that language, too."""


def _told(method: Callable[P, R]) -> Callable[P, R]:
    """tantivy's own errors as ours, in one sentence."""

    @wraps(method)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except (ValueError, OSError) as error:
            raise IndexDamagedError(
                f"the lexical index cannot {method.__name__} ({error}); write it anew with: ragtree repair FOLDER"
            ) from error

    return told


class LexicalIndex:
    """Leaves and summaries are two indexes, so that each is weighed by how rare a word is among its own kind.

    It holds nothing that the catalog does not have: one that cannot be read is thrown away and written anew.
    `path` None keeps it in memory. `language` is `auto` or the code of the language that all texts are in.
    """

    def __init__(self, path: Path | None, language: str = AUTO) -> None:
        self._language = language
        self._leaves = _opened(path / "leaves" if path else None)
        self._summaries = _opened(path / "summaries" if path else None)

    @_told
    def upsert(self, nodes: Sequence[Node]) -> None:
        """Write nodes; of those that are there already the old words are forgotten."""
        from tantivy import Document

        for index, leaves in ((self._leaves, True), (self._summaries, False)):
            part = [node for node in nodes if (node.level == 0) == leaves]
            if not part:
                continue
            writer = index.writer(_HEAP, num_threads=1)
            for node in part:
                writer.delete_documents_by_term("key", node.id)
                language = language_of(node.text, self._language)
                terms = index_terms(f"{node.context}\n{node.text}", language)
                writer.add_document(Document(key=node.id, language=language, body=" ".join(terms)))
            writer.commit()
            writer.wait_merging_threads()
            index.reload()

    @_told
    def delete(self, ids: Iterable[str]) -> None:
        """Remove nodes; ids that are not there do no harm."""
        gone = list(ids)
        for index in (self._summaries, self._leaves) if gone else ():
            writer = index.writer(_HEAP, num_threads=1)
            for key in gone:
                writer.delete_documents_by_term("key", key)
            writer.commit()
            writer.wait_merging_threads()
            index.reload()

    @_told
    def clear(self) -> None:
        """Forget every node."""
        for index in (self._leaves, self._summaries):
            writer = index.writer(_HEAP, num_threads=1)
            writer.delete_all_documents()
            writer.commit()
            writer.wait_merging_threads()
            index.reload()

    @_told
    def search(
        self, text: str, count: int, leaves: bool, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Ids and BM25 scores of the leaves, or summaries, that share words with the text, best first."""
        index = self._leaves if leaves else self._summaries
        searcher = index.searcher()
        if not searcher.num_docs or count < 1:
            return []
        query = self._query(text, index)
        if query is None or among == []:
            return []
        if among is not None:
            query = _restricted(query, index, among)
        hits = searcher.search(query, min(count, searcher.num_docs), count=False).hits
        found = [(str(searcher.doc(address).get_first("key")), float(score)) for score, address in hits]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def size(self, leaves: bool) -> int:
        """Number of leaves, or of summaries."""
        return (self._leaves if leaves else self._summaries).searcher().num_docs

    @_told
    def ids(self) -> set[str]:
        """The ids of all nodes."""
        from tantivy import Query

        found: set[str] = set()
        for index in (self._leaves, self._summaries):
            searcher = index.searcher()
            hits = searcher.search(Query.all_query(), max(1, searcher.num_docs), count=False).hits
            found.update(str(searcher.doc(address).get_first("key")) for _, address in hits)
        return found

    def close(self) -> None:
        """Nothing is held open between calls."""

    def _query(self, text: str, index: Index) -> Query | None:
        """Any of the words; where languages stem a word in several ways, the best of them counts."""
        from tantivy import Occur, Query

        words = []
        for forms in query_terms(text, self._languages(text, index)):
            terms = [Query.term_query(index.schema, "body", form, "freq") for form in forms]
            words.append((Occur.Should, terms[0] if len(terms) == 1 else Query.disjunction_max_query(terms)))
        return Query.boolean_query(words) if words else None

    def _languages(self, text: str, index: Index) -> list[str]:
        """The question's language, and those that a share of the texts is in."""
        if self._language != AUTO:
            return [self._language]
        searcher = index.searcher()
        least = max(1, _PRESENT * searcher.num_docs)
        present = [code for code in STEMMED if searcher.doc_freq("language", code) >= least]
        return list(dict.fromkeys([*present, language_of(text)]))


def _restricted(query: Query, index: Index, among: Sequence[str]) -> Query:
    """The same query among some nodes; being one of them adds nothing to the score."""
    from tantivy import Occur, Query

    named = Query.const_score_query(Query.term_set_query(index.schema, "key", list(among)), 0.0)
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, named)])


def _opened(path: Path | None) -> Index:
    from tantivy import Index, SchemaBuilder

    schema = (
        SchemaBuilder()
        .add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
        .add_text_field("language", tokenizer_name="raw", index_option="basic")
        .add_text_field("body", tokenizer_name="whitespace", index_option="freq")
        .build()
    )
    if path is None:
        return Index(schema)
    for attempt in (1, 2):
        path.mkdir(parents=True, exist_ok=True)
        try:
            return Index(schema, str(path))
        except (ValueError, OSError) as error:
            if attempt == 2:
                raise IndexDamagedError(
                    f"the lexical index at {path} cannot be opened ({error}); move that folder away, it is made anew"
                ) from error
            shutil.rmtree(path)
    raise AssertionError("unreachable")
