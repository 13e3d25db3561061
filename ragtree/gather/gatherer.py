"""A question -> what it asks for, and what it is answered from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from ..answer.passages import Passages, QuoteFinder
from ..indexing.querying import TreeReader
from ..llm.base import ChatModel
from ..retrieve.base import Index, Limit, pack
from ..retrieve.exhaustive.extraction import Extractor
from ..retrieve.exhaustive.survey import Surveyor
from ..retrieve.filtered_nodes import filter_documents, filter_nodes, limit_to_documents
from ..retrieve.other_places import places_of, with_places
from ..retrieve.search import Search
from ..settings import Settings
from ..store.copies import Copies
from ..store.snapshots import Snapshot
from ..surveys import Survey
from ..tables.base import TableAnswer
from ..text.dates import bounds, dates
from ..text.definitions import introduces
from ..text.languages import AUTO, question_language
from ..text.stop_words import stop_words
from ..text.titles import tokens, without
from ..types import Hit, Where
from ..understand.base import Request, RequestKind
from ..understand.kinds import ORDERS, Classification, RequestClassifier
from .base import CollectionOverview, DocumentEntry, DocumentList, Wanted
from .document_finder import DocumentFinder
from .entries import DocumentEntries, entry_of
from .overview import collection_overview
from .table_answers import TableAnswers
from .topics import sides_of, topics_of

_NAMED = 0.5
_AS_SURE = 0.8
"""Least sureness (0 to 1) with which a question names a document, and share of the surest that the others need."""
_TITLED = 0.8
"""Least sureness for a question that has only request words. "What is in this folder?" does not name "The folder of
1922" (.5), but "What does the overview say?" names the document "Overview" (.9)."""
_SIDE_NAMED = 0.25
"""Least sureness for a side of a comparison, which is also searched for in all documents."""
_MOST_NAMED = 8
_NO_DOUBT = 1.0
"""Least margin with which a question asks for documents without a word for them: "Where is Miller mentioned?"."""
_LEAST_NAME = 2
"""Least number of words that a question shares with a document's name, for "What does PEP 249 specify?" to be an
overview."""
_OF_SEVERAL: tuple[RequestKind, ...] = ("documents", "compare", "small talk")
"""Kinds of requests that cannot be about one document that the question chooses."""
_BEGINNINGS = 3
_INTRODUCTIONS = 2
"""Most beginnings, and most introductions, that come before what a search finds."""
_LOOKED_AT = 300
_WIDER = 4
"""Passages of the time that a question names are looked for among this many times the tokens that are read."""


@dataclass(frozen=True, slots=True)
class _View:
    """One state of the tree, ready for questions."""

    snapshot: Snapshot
    index: Index
    entries: DocumentEntries

    def allowed(self, where: Where | None) -> frozenset[str] | None:
        """The ids of the documents that pass a filter; None if all do."""
        return filter_documents(where, self.snapshot.table)


class Gatherer:
    """The tools for making answers from an open index."""

    def __init__(self, reader: TreeReader, search: Search, kinds: RequestClassifier, settings: Settings) -> None:
        self._reader = reader
        self._search = search
        self._kinds = kinds
        self._settings = settings
        self._known: tuple[str, DocumentEntries] | None = None
        self._tables = TableAnswers(kinds)

    def understand(self, question: str, where: Where | None = None) -> Request:
        """What a question, complete in itself, asks for. The filter matters only if it chooses among documents."""
        told = self._kinds.classify(question)
        with self._view() as view:
            language = self._language(question, view.entries)
            topics = tuple(topics_of(question, self._kinds.is_request_word))
            kind, detail = self._kind(told, question, language, topics, view)
            documents = tuple(_surest(view.index.named(question), _NAMED if topics else _TITLED)[:_MOST_NAMED])
            wants = self._kinds.wanted(question)
            if kind == "fact" and wants == "other" and _asks_what_they_say(question, topics, documents, view.entries):
                kind = "overview"
            chosen = self._chosen(question, language, where, view) if kind not in _OF_SEVERAL else None
            if chosen is not None:
                question, documents = chosen
        foreign = not self._search.knows_language(language)
        return Request(
            question, kind, detail, documents, chosen is not None, language, told.margin, topics, wants, foreign
        )

    def _chosen(
        self, question: str, language: str, where: Where | None, view: _View
    ) -> tuple[str, tuple[str, ...]] | None:
        """A question that chooses a document by its age or length ("the newest minutes"), with the document's title and
        date put in, and the document's id. It is one of those of the kind that have the question's other words."""
        order = self._kinds.order(question, lambda word: bool(view.entries.names.of_kind(word)), stop_words(language))
        if order is None:
            return None
        listed = self._asked(view).find(question, order.by, language, view.allowed(where)).found
        if not listed:
            return None
        entry = listed[0].entry
        return question.replace(order.phrase, " ".join([entry.title, entry.date]).strip(), 1), (entry.id,)

    def _kind(
        self, told: Classification, question: str, language: str, topics: Sequence[str], view: _View
    ) -> tuple[RequestKind, str]:
        """The kind of request and its detail, given the documents that exist."""
        says_documents = self._kinds.names_documents(question)
        if told.detail in ORDERS and told.margin < _NO_DOUBT and topics:  # what the newest one says about them
            return "fact", "fact"
        if says_documents and told.kind in ("documents", "count"):
            return "documents", told.detail if told.kind == "documents" else "number of documents"
        if told.kind in ("documents", "list", "count") and self._asked(view).names_a_kind(question, language):
            if told.kind == "documents":
                return told.kind, told.detail
            return "documents", "documents" if told.kind == "list" else "number of documents"
        if told.kind == "documents" and told.margin < _NO_DOUBT:
            return "fact", "fact"
        if told.detail == "go on":  # with nothing before it
            return ("fact", "fact") if topics else ("overview", "overview")
        is_bare = told.kind in ("overview", "small talk") and not topics
        if told.is_sure or is_bare:
            return told.kind, told.detail
        return "fact", "fact"

    def is_of_documents(self, question: str) -> bool:
        """True for a question about the documents themselves: "What is in here?", "How many logs are there?"."""
        told = self._kinds.classify(question)
        if told.kind != "documents":
            return told.kind == "overview"
        with self._view() as view:
            language = self._language(question, view.entries)
            return self._kinds.names_documents(question) or self._asked(view).names_a_kind(question, language)

    def entries(self, where: Where | None) -> tuple[DocumentEntry, ...]:
        """The entries of all documents, or of those that pass a filter."""
        only = where.get("document_id") if where is not None and len(where) == 1 else None
        if isinstance(only, str):  # the entries of the others need not be read
            with self._reader.snapshots.reading() as snapshot:
                return tuple(map(entry_of, snapshot.catalog.described(only)))
        with self._view() as view:
            allowed = view.allowed(where)
            return tuple(one for key, one in view.entries.by_id.items() if allowed is None or key in allowed)

    def named(self, words: str) -> tuple[str, ...]:
        """The ids of the documents that the words surely name, the surest first."""
        with self._view() as view:
            return tuple(_surest(view.index.named(words), _NAMED))

    def documents(self, request: Request, where: Where | None) -> DocumentList:
        """The documents that the request asks for."""
        wanted: Wanted = request.detail  # type: ignore[assignment]  # the sections of prompts/kinds.md
        with self._view() as view:
            return self._asked(view).find(request.question, wanted, request.language, view.allowed(where))

    def survey(self, request: Request, where: Where | None, model: ChatModel, calls: int) -> Survey:
        """What the model lists from the passages nearest to the request, in at most `calls` calls."""
        with self._view() as view:
            surveyor = Surveyor(
                view.index,
                view.snapshot.catalog.document,
                lambda text: self._search.vector(text, view.index),
                lambda: model,
                self._settings.prompts,
            )
            extractor = Extractor(model, self._settings.prompts)
            table = view.snapshot.table
            allowed = filter_nodes(where, table)
            if request.documents:
                allowed = limit_to_documents(table, request.documents, allowed)
            return surveyor.by_model(request.question, extractor, allowed, most_calls=calls)

    def tables(self, request: Request, hits: Sequence[Hit], where: Where | None) -> tuple[TableAnswer, ...]:
        """The answers from tables of the documents that were found, if the question asks something of a table."""
        with self._view() as view:
            allowed = view.allowed(where)
            ids = dict.fromkeys([*request.documents, *(hit.node.document_id for hit in hits)])
            entries = {key: view.entries.by_id[key] for key in ids if key in view.entries.by_id}
            found = (view.snapshot.catalog.document(key) for key in entries if allowed is None or key in allowed)
            documents = (replace(one, title=entries[one.id].title) for one in found if one is not None)
            return self._tables.answers(request, documents)

    def count(self, where: Where | None) -> int:
        """The number of documents that pass a filter."""
        with self._view() as view:
            allowed = view.allowed(where)
            return len(view.entries.by_id if allowed is None else allowed)

    def overview(self, where: Where | None) -> CollectionOverview:
        """What the index holds."""
        with self._view() as view:
            snapshot = view.snapshot
            return collection_overview(view.entries, snapshot.catalog, snapshot.table, view.allowed(where))

    def passages(
        self,
        request: Request,
        mode: str | None,
        where: Where | None,
        told: Callable[[Sequence[Hit]], None],
        known: Sequence[Hit] = (),
    ) -> Passages:
        """What is found for the request, with the original texts behind it; after `known` hits, only the best new ones.
        `told` is called with the hits first."""
        with self._view() as view:
            index, among = view.index, filter_nodes(where, view.snapshot.table)
            accept = None if among is None else lambda node: node.id in among
            hits = with_places(_beside(known, self._hits(request, view, mode, where), index.copies), index, accept)
            told(hits)
            catalog = view.snapshot.catalog
            finder = QuoteFinder(
                catalog.nodes_of,
                catalog.document,
                self._settings.chunk.language,
                lambda leaves: places_of(leaves, index, accept),
                lambda document, span: self._tables.row_at(
                    replace(document, title=view.entries.by_id[document.id].title), span
                ),
            )
            found = {hit.node.document_id for hit in hits} & view.entries.by_id.keys()
            titles = {key: view.entries.by_id[key].title for key in found}
            return replace(finder.passages(hits), titles=titles)

    def _hits(self, request: Request, view: _View, mode: str | None, where: Where | None) -> list[Hit]:
        """The hits for the question; for a comparison, those of each side, merged by rank."""
        budget, copies = self._settings.retrieve.max_tokens, view.index.copies
        broad = request.kind == "overview"

        def search(text: str, tokens: int, documents: Sequence[str] = ()) -> list[Hit]:
            return self._search.hits(
                view.index, text, None, mode, where, tokens, documents, broad, language=request.language
            )

        if request.kind == "compare":
            if len(request.documents) > 1:
                share = budget // len(request.documents)
                return _merged([search(request.question, share, [key]) for key in request.documents], budget, copies)
            lists = [search(request.question, budget)]
            for side, text in zip(request.topics, sides_of(request.topics), strict=False):
                named = _surest(view.index.named(side), _SIDE_NAMED)
                lists += [search(request.question, budget // 4, named)] if named else []
                lists.append(search(text, budget // 4))
            return _merged(lists, budget, copies)
        if broad and request.documents:
            found = search(request.question, budget, request.documents)
            return _merged([self._beginnings(request, view, where), found], budget, copies)
        if request.of_them_alone:
            return search(request.question, budget, request.documents)
        if _is_of_a_time_alone(request):
            found = _of_the_time(request.question, lambda tokens: search(request.question, tokens), budget)
        else:
            found = search(request.question, budget)
        if request.detail == "definition" and request.topics:
            first = self._introductions(request.topics[0], view, where)
            return _merged([first, found], budget, copies) if first else found
        return found

    def _beginnings(self, request: Request, view: _View, where: Where | None) -> list[Hit]:
        """The first chunks of the documents that an overview is about: they mostly say what a document is about."""
        allowed, catalog = view.allowed(where), view.snapshot.catalog
        ids = [key for key in request.documents if allowed is None or key in allowed]
        chunks = [catalog.chunks_of(key)[:1] for key in ids[:_BEGINNINGS]]
        return [Hit(chunk, 1.0, {"coverage": 1, "beginning": 1}) for found in chunks for chunk in found]

    def _introductions(self, name: str, view: _View, where: Where | None) -> list[Hit]:
        """Hits of chunks that say who or what something is, the best match by words first."""
        allowed = view.allowed(where)
        found = view.index.words.search(name, _LOOKED_AT, leaves=True)
        score = dict(found)
        chunks = view.snapshot.catalog.nodes_of(list(score))
        telling = [
            chunk
            for chunk in chunks
            if (allowed is None or chunk.document_id in allowed) and introduces(chunk.text, name)
        ][:_INTRODUCTIONS]
        return [Hit(chunk, 1.0, {"introduction": rank}) for rank, chunk in enumerate(telling, start=1)]

    def _asked(self, view: _View) -> DocumentFinder:
        snapshot = view.snapshot
        return DocumentFinder(view.entries, snapshot.catalog, snapshot.words, self._kinds.is_request_word)

    def language(self, question: str) -> str:
        """The language of a question; those of the documents are taken to be the likeliest."""
        with self._view() as view:
            return self._language(question, view.entries)

    def _language(self, question: str, entries: DocumentEntries) -> str:
        if self._settings.chunk.language != AUTO:
            return question_language(question, (self._settings.chunk.language,))
        return question_language(question, entries.languages or ("en",))

    @contextmanager
    def _view(self) -> Iterator[_View]:
        with self._reader.reading() as snapshot:
            known = self._known
            if known is None or known[0] != snapshot.state:
                entries = DocumentEntries(snapshot.catalog.described(), self._reader.names(snapshot))
                self._known = known = (snapshot.state, entries)
            yield _View(snapshot, self._reader.index(snapshot), known[1])


def _beside(known: Sequence[Hit], found: Sequence[Hit], copies: Copies) -> list[Hit]:
    """The known hits, and then the best new ones in at most half as many tokens; all found hits if none is known."""
    if not known:
        return list(found)
    ids = {hit.node.id for hit in known}
    new = [hit for hit in copies.once([*known, *found], lambda hit: hit.node.id) if hit.node.id not in ids]
    return [*known, *pack(new, Limit(tokens=sum(hit.node.tokens for hit in known) // 2), copies)]


def _merged(lists: Sequence[Sequence[Hit]], budget: int, copies: Copies) -> list[Hit]:
    """The best of every list, then the second best of every list, and so on: each text once, within the budget."""
    found = (hit for hit in chain.from_iterable(zip_longest(*lists)) if hit is not None)
    first: dict[str, Hit] = {}
    for hit in found:
        first.setdefault(hit.node.id, hit)
    return pack(first.values(), Limit(tokens=budget), copies)


def _is_of_a_time_alone(request: Request) -> bool:
    """True for a question about nothing but a time: "What happened in December 1923?". If a question asks for
    something of that time, its answer often does not name the time: restricting those lost .05 of the facts of the
    library."""
    said = " ".join(request.topics)
    return bool(dates(said)) and not tokens(without(said, dates(said)))


def _of_the_time(question: str, search: Callable[[int], list[Hit]], budget: int) -> list[Hit]:
    """The hits that name a date in the question's times, or are under a heading that does, for an overview of that
    time; all hits if there are none."""
    times = [bounds(time.iso) for time in dates(question)]
    wide = search(_WIDER * budget)
    of_it = [hit for hit in wide if _names_a_date_in("\n".join([hit.node.text, *hit.node.location.heading]), times)]
    chosen = pack(of_it or wide, Limit(tokens=budget))
    return (
        [replace(hit, ranks={**hit.ranks, "coverage": rank}) for rank, hit in enumerate(chosen, 1)] if of_it else chosen
    )


def _names_a_date_in(text: str, times: Sequence[tuple[int, int]]) -> bool:
    said = [bounds(date.iso) for date in dates(text)]
    return any(begin <= first and last <= end for first, last in said for begin, end in times)


def _surest(named: Mapping[str, float], least: float) -> list[str]:
    """The ids of the documents that are surely named, the surest first."""
    best = max(named.values(), default=0.0)
    sure = [key for key, score in named.items() if score >= max(least, _AS_SURE * best)]
    return sorted(sure, key=lambda key: -named[key])


def _asks_what_they_say(
    question: str, topics: Sequence[str], documents: Sequence[str], entries: DocumentEntries
) -> bool:
    """True for a question about nothing but the documents that it names: "What does PEP 249 specify?", "tell me about
    the harbour cat" if a document has that name."""
    if not documents:
        return False
    entry = entries.by_id[documents[0]]
    name = {token.text for token in tokens(f"{entry.title} {entry.source}")} - stop_words(entry.language)
    said = [token.text for topic in topics for token in tokens(topic)]
    return len(name & {token.text for token in tokens(question)}) >= _LEAST_NAME and name.issuperset(said)
