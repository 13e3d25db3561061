"""Words -> the nodes that contain them: a search of the lexical index as it was at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..text.languages import AUTO, language_of
from . import faults
from .lexical_fields import STEMMED, query_terms

if TYPE_CHECKING:
    from tantivy import Query, Schema, Searcher

TERMS = "above_and_text_folded"
"""The field of a node's terms, named for how they are made. If that changes, so must the name: then an older index has
another schema and is rebuilt when it is opened, instead of silently finding less."""
_PRESENT = 0.02
"""If at least this share of the texts is in a language, the words of a question are stemmed in that language, too."""


@contextmanager
def lexical_errors(what: str) -> Iterator[None]:
    """Raise tantivy's errors as ours, in one sentence."""
    try:
        yield
    except (ValueError, OSError) as error:
        back = "write it anew with: ragtree repair FOLDER"
        raise faults.store_error(error, f"the lexical index cannot {what}: its folder", back) from error


class LexicalReader:
    """A search of leaves and summaries, each with its own word weights. Later writes do not change it."""

    def __init__(self, leaves: Searcher, summaries: Searcher, schema: Schema, language: str) -> None:
        self._leaves = leaves
        self._summaries = summaries
        self._schema = schema
        self._language = language

    def search(
        self, text: str, count: int, leaves: bool, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Ids and BM25 scores of the leaves, or summaries, that share words with the text, best first."""
        searcher = self._leaves if leaves else self._summaries
        if not searcher.num_docs or count < 1 or among == []:
            return []
        with lexical_errors("search"):
            query = self._query(text, searcher)
            if query is None:
                return []
            if among is not None:
                query = self._restricted(query, among)
            hits = searcher.search(query, min(count, searcher.num_docs), count=False).hits
            found = [(str(searcher.doc(address).get_first("key")), float(score)) for score, address in hits]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def size(self, leaves: bool) -> int:
        """Number of leaves, or of summaries."""
        return (self._leaves if leaves else self._summaries).num_docs

    def ids(self) -> set[str]:
        """The ids of all nodes."""
        from tantivy import Query

        found: set[str] = set()
        with lexical_errors("read"):
            for searcher in (self._leaves, self._summaries):
                hits = searcher.search(Query.all_query(), max(1, searcher.num_docs), count=False).hits
                found.update(str(searcher.doc(address).get_first("key")) for _, address in hits)
        return found

    def _query(self, text: str, searcher: Searcher) -> Query | None:
        """A query for any of the words. If languages stem a word in several ways, the best match counts."""
        from tantivy import Occur, Query

        words = []
        for forms in query_terms(text, self._languages(text, searcher)):
            terms = [Query.term_query(self._schema, TERMS, form, "freq") for form in forms]
            words.append((Occur.Should, terms[0] if len(terms) == 1 else Query.disjunction_max_query(terms)))
        return Query.boolean_query(words) if words else None

    def _languages(self, text: str, searcher: Searcher) -> list[str]:
        """The question's language, and those of at least `_PRESENT` of the texts."""
        if self._language != AUTO:
            return [self._language]
        least = max(1, _PRESENT * searcher.num_docs)
        present = [code for code in STEMMED if searcher.doc_freq("language", code) >= least]
        return list(dict.fromkeys([*present, language_of(text)]))

    def _restricted(self, query: Query, among: Sequence[str]) -> Query:
        """The same query among some nodes, with the same scores."""
        from tantivy import Occur, Query

        named = Query.const_score_query(Query.term_set_query(self._schema, "key", list(among)), 0.0)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, named)])
