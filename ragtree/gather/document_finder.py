"""Finds the documents that a question about the collection asks for, with what the catalog knows about them.

What a question says besides request words (which, how many, written by) is looked up, part by part: as a kind of
document (letters, PEPs), a format (PDFs), a time, a value of the documents' metadata (an author, a status), a title,
and if none of these has it, in the texts. Nothing depends on which words English has for "written by".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..store.base import WordSearch
from ..store.catalog import Catalog
from ..text.dates import DateSpan, bounds, dates
from ..text.sentences import sentence_spans, strip_span
from ..text.stems import index_terms, query_terms
from ..text.stop_words import stop_words
from ..text.titles import Token, tokens
from ..types import Citation, Document, Node, Span
from .base import DocumentEntry, DocumentList, FoundDocument, Wanted
from .entries import DocumentEntries
from .file_formats import ending_of, endings_meant
from .topics import topic_tokens

_SEPARATORS = re.compile(r"[\W_]+")
_HEAD = 2
"""The kind of document is looked for among this many words with a meaning at the beginning of a question."""
_SEVERAL = 3
"""If there are this many documents of a kind, any word for it counts; if fewer, only a request word (letters). Kinds
come from titles, so that one paper about viruses may be of the kind "viruses"."""
_MOST_LISTED = 25
"""Most documents that are listed; the others are only counted."""
_MOST_CHUNKS = 4000
"""Most chunks, the best first, that are examined if words are looked for in the texts."""
_SAID = 1000
"""Strength of what a document says about itself: more than any number of mentions."""
_OFTEN = 3
"""A document with at least this many passages that mention something counts as being about it."""
_HEAD_CHARACTERS = 3000
"""Characters at the beginning of a document that are searched for a line in which it says something about itself."""
_LONGEST_QUOTE = 240
"""Most characters of a sentence or line that is cited."""

Phrase = tuple[frozenset[str], ...]
"""Words one after the other, each as the set of index terms that it may have."""


@dataclass(frozen=True, slots=True)
class _QuestionPart:
    """Words of a question that are looked for together."""

    said: str
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Why a document is in a list: the strength of the reason, and the chunk that shows it."""

    strength: int
    chunk: Node | None = None


class DocumentFinder:
    """Answers questions about the documents of one state of the tree."""

    def __init__(
        self,
        entries: DocumentEntries,
        catalog: Catalog,
        search: WordSearch,
        is_request_word: Callable[[str], bool],
    ) -> None:
        self._entries = entries
        self._catalog = catalog
        self._search = search
        self._is_request_word = is_request_word

    def find(self, question: str, wanted: Wanted, language: str, allowed: frozenset[str] | None = None) -> DocumentList:
        """The documents that the question asks for, and why. `allowed` are the ids that pass a filter."""
        everything = [one for one in self._entries.by_id.values() if allowed is None or one.id in allowed]
        reading = _DocumentQuestion(question, language, self._entries, self._is_request_word, everything)
        found = {one.id: _Evidence(0) for one in everything if one.id in reading.of_kind}
        about, mentioned = [], False
        for part in reading.parts:
            matching, in_texts = self._matching(part, wanted, found.keys(), reading)
            if not matching and len(reading.parts) > 1:
                continue  # words that nothing has do not empty the list: they may belong to the request
            about.append(part.said)
            mentioned |= in_texts
            found = {key: _stronger(found[key], matching[key]) for key in found if key in matching}
        if not about and reading.parts:
            about, found = [reading.parts[0].said], {}
        if reading.times:
            about += [question[time.start : time.end] for time in reading.times]
        ordered = _ordered([self._entries.by_id[key] for key in found], wanted, found)
        parts = [part for part in reading.parts if part.said in about]
        first = ordered[:_MOST_LISTED]  # to cite a document its text has to be read
        listed = tuple(FoundDocument(one, self._citation(one, found[one.id], parts)) for one in first)
        return DocumentList(wanted, listed, len(ordered), len(everything), reading.kind, tuple(about), mentioned)

    def names_a_kind(self, question: str, language: str) -> bool:
        """True if the question names, near its beginning, a kind of document that exists: "how many letters ..."."""
        everything = list(self._entries.by_id.values())
        return bool(_DocumentQuestion(question, language, self._entries, self._is_request_word, everything).kind)

    def _matching(
        self, part: _QuestionPart, wanted: Wanted, among: Iterable[str], reading: _DocumentQuestion
    ) -> tuple[dict[str, _Evidence], bool]:
        """The documents that have the words, and True if these were looked for in the texts."""
        entries = [self._entries.by_id[key] for key in among]
        in_texts = wanted == "documents that mention"
        if not in_texts:
            said = {one.id: _Evidence(_SAID) for one in entries if reading.says(one, part, wanted)}
            if said or reading.key:
                return said, False
        mentions = self._mentions(part, {one.id for one in entries}, reading.languages)
        if in_texts or wanted == "number of documents":
            return mentions, True
        titled = {
            one.id: _Evidence(_SAID + len(mentions))
            for one in entries
            if _holds(_terms(one.title, one.language), part.phrase)
        }
        often = {key: one for key, one in mentions.items() if one.strength >= _OFTEN}
        about = titled | {key: one for key, one in often.items() if key not in titled}
        return (about or mentions), not titled

    def _mentions(self, part: _QuestionPart, among: set[str], languages: tuple[str, ...]) -> dict[str, _Evidence]:
        """The documents that have all the words, with the number of their chunks that have the rarest of them.

        The chunk that is shown has the most of the words, if possible side by side.
        """
        ids = [key for key, _ in self._search.search(part.said, _MOST_CHUNKS, leaves=True)]
        chunks = [node for node in self._catalog.nodes_of(ids) if node.document_id in among]
        words = [_terms(node.text, languages[0]) for node in chunks]
        having = [[not forms.isdisjoint(said) for forms in part.phrase] for said in words]
        if not having:
            return {}
        rarest = min(range(len(part.phrase)), key=lambda place: sum(has[place] for has in having) or len(having))
        complete: dict[str, list[bool]] = {}
        counts = Counter[str]()
        shown: dict[str, tuple[int, Node]] = {}
        for node, said, has in zip(chunks, words, having, strict=True):
            so_far = complete.setdefault(node.document_id, [False] * len(has))
            complete[node.document_id] = [one or other for one, other in zip(so_far, has, strict=True)]
            if has[rarest]:
                counts[node.document_id] += 1
                weight = sum(has) + _holds(said, part.phrase)
                if weight > shown.get(node.document_id, (0, node))[0]:
                    shown[node.document_id] = (weight, node)
        return {key: _Evidence(count, shown[key][1]) for key, count in counts.items() if all(complete[key])}

    def _citation(self, entry: DocumentEntry, evidence: _Evidence, parts: Sequence[_QuestionPart]) -> Citation:
        """The sentence of the chunk, or the line of the document's beginning, that has the most of the words."""
        wanted = {term for part in parts for forms in part.phrase for term in forms}
        document = self._catalog.document(entry.id)
        assert document is not None
        if evidence.chunk is not None:
            span = evidence.chunk.span
            found = [strip_span(document.text, one) for one in sentence_spans(span.of(document.text), entry.language)]
            sentences = [Span(span.start + one.start, span.start + one.end) for one in found]
            return _best(document, [line for one in sentences for line in _short(document.text, one)], wanted, entry)
        lines = _lines(document.text, Span(0, min(len(document.text), _HEAD_CHARACTERS)))
        return _best(document, lines, wanted or set(_terms(entry.title, entry.language)), entry)


class _DocumentQuestion:
    """A question in parts: the kind, format and time of documents that it names, and its other words."""

    def __init__(
        self,
        question: str,
        language: str,
        entries: DocumentEntries,
        is_request_word: Callable[[str], bool],
        everything: Sequence[DocumentEntry],
    ) -> None:
        usual = Counter(one.language for one in everything).most_common(1)
        self.languages = tuple(dict.fromkeys([*(code for code, _ in usual), language]))
        self._everything = everything
        self._is_request_word = is_request_word
        self.times = dates(question)
        self.keys = {key for one in everything for key in one.metadata}
        self._endings = {ending_of(one.source) for one in everything}
        words = [token for token in tokens(question) if not _inside(token, self.times)]
        stops = frozenset[str]().union(*map(stop_words, self.languages))
        meant = [
            token for token in words if token.text not in stops or (token.start and question[token.start].isupper())
        ]
        self.kind = ""
        self.of_kind = {one.id for one in everything}
        self.key = next((token.text for token in words if token.text in self.keys), "")
        # Formats first: a few mails with "email" in their titles would be all the emails that there are.
        rest = self._without_kind(self._without_formats(meant, question), question, entries)
        topics = topic_tokens(words, question, is_request_word)
        rest = [token for token in topics if token in rest and token.text not in self.keys]
        self.parts = [
            _part(run[0].start, run[-1].end, question, self.languages) for run in _runs(rest, words, question)
        ]
        self._take_times(question, words)

    def _take_times(self, question: str, words: Sequence[Token]) -> None:
        """Keep only the documents of the times that the question names. If there are none, the times become words to
        look for, because not every document says what time it is from."""
        of_time = {one.id for one in self._everything if one.id in self.of_kind and self._is_of_time(one, words)}
        if of_time or not self.times:
            self.of_kind = of_time
            return
        self.parts += [_part(time.start, time.end, question, self.languages) for time in self.times]
        self.times = []

    def says(self, entry: DocumentEntry, part: _QuestionPart, wanted: Wanted) -> bool:
        """True if the document's metadata, such as its author or status, its kind or its path have the words. Paths do
        not count for a number of documents, which may be that of documents that mention something."""
        values = [str(value) for key, value in entry.metadata.items() if not self.key or key == self.key]
        path = "" if wanted == "number of documents" else _SEPARATORS.sub(" ", entry.source)
        values += [] if self.key else [entry.kind, path]
        return any(_holds(_terms(value, entry.language), part.phrase) for value in values)

    def _is_of_time(self, entry: DocumentEntry, words: Sequence[Token]) -> bool:
        """True if the document is of the times in the question, by the metadata key that this names or by its date."""
        if not self.times:
            return True
        named = [token.text for token in words if token.text in self.keys]
        said = [spanned for key in named for spanned in dates(str(entry.metadata.get(key, "")))]
        isos = [one.iso for one in said] or ([entry.date] if entry.date else [])
        return all(any(_overlap(iso, time.iso) for iso in isos) for time in self.times)

    def _without_kind(self, meant: list[Token], question: str, entries: DocumentEntries) -> list[Token]:
        """Keep only the documents of the kind that the question asks for, and return the other words."""
        for place, token in enumerate(meant[:_HEAD]):
            named = entries.names.of_kind(token.text)
            ids = {one.id for one in self._everything if one.id in named and not self._is_another(one, token.text)}
            if len(ids) >= _SEVERAL or (ids and self._is_request_word(token.text)):
                self.kind = question[token.start : token.end]
                self.of_kind &= ids
                return meant[:place] + meant[place + 1 :]
        return meant

    def _is_another(self, entry: DocumentEntry, word: str) -> bool:
        """True for a document that says itself what it is, and by a word for documents: a report in a folder of
        letters is no letter, but one whose title ends in "temperature" may be a paper."""
        if not entry.kind or not self._is_request_word(entry.kind):
            return False
        asked = {form for forms in query_terms(word, self.languages) for form in forms}
        return asked.isdisjoint(_terms(entry.kind, entry.language))

    def _without_formats(self, words: list[Token], question: str) -> list[Token]:
        """Keep only the documents of the formats that the question names, and return the other words."""
        rest = []
        for token in words:
            said = question[token.start : token.end]
            endings = endings_meant(said, self._endings)
            if endings:
                self.kind = self.kind or said
                self.of_kind &= {one.id for one in self._everything if ending_of(one.source) in endings}
            else:
                rest.append(token)
        return rest


def _part(start: int, end: int, question: str, languages: tuple[str, ...]) -> _QuestionPart:
    """The words of a question from `start` to `end`."""
    said = question[start:end]
    return _QuestionPart(
        said, tuple(frozenset(forms) for token in tokens(said) for forms in query_terms(token.text, languages))
    )


def _runs(rest: Sequence[Token], words: Sequence[Token], question: str) -> list[list[Token]]:
    """Runs of words that are side by side in the question; a name may have a small word inside: Guido van Rossum."""
    place = {token: number for number, token in enumerate(words)}
    runs: list[list[Token]] = []
    for token in rest:
        last = runs[-1][-1] if runs else token
        gap = place[token] - place[last]
        if gap == 1:
            runs[-1].append(token)
        elif gap == 2 and question[token.start].isupper() and question[last.start].isupper():
            runs[-1] += [words[place[token] - 1], token]
        else:
            runs.append([token])
    return runs


def _terms(text: str, language: str) -> list[str]:
    return index_terms(text, language)


def _holds(words: Sequence[str], phrase: Phrase) -> bool:
    """True if `words` has the words of the phrase side by side."""
    last = len(words) - len(phrase)
    return bool(phrase) and any(
        all(words[start + place] in forms for place, forms in enumerate(phrase)) for start in range(last + 1)
    )


def _stronger(one: _Evidence, other: _Evidence) -> _Evidence:
    return _Evidence(one.strength + other.strength, other.chunk or one.chunk)


def _inside(token: Token, times: Sequence[DateSpan]) -> bool:
    return any(time.start <= token.start < time.end for time in times)


def _overlap(one: str, other: str) -> bool:
    (first, last), (begin, end) = bounds(one), bounds(other)
    return first <= end and begin <= last


def _ordered(found: list[DocumentEntry], wanted: Wanted, evidence: dict[str, _Evidence]) -> list[DocumentEntry]:
    """The newest, oldest or longest first; otherwise those with the strongest evidence first, and equals by path."""
    if wanted in ("newest document", "oldest document"):
        newest = wanted == "newest document"
        dated = [one for one in found if one.date]
        return sorted(dated, key=lambda one: bounds(one.date)[1 if newest else 0], reverse=newest)
    if wanted == "longest document":
        return sorted(found, key=lambda one: -one.words)
    return sorted(found, key=lambda one: (-evidence[one.id].strength, one.source))


def _best(document: Document, spans: Sequence[Span], wanted: set[str], entry: DocumentEntry) -> Citation:
    """A citation of the span that has the most of the wanted terms, the first among equals."""
    found = [span for span in spans if any(map(str.isalnum, span.of(document.text)))] or [Span(0, 0)]
    counts = [len(wanted & set(_terms(span.of(document.text), entry.language))) for span in found]
    span = found[counts.index(max(counts))]
    return document.cite(span)


def _short(text: str, sentence: Span) -> list[Span]:
    """A sentence, or the lines of one that is too long to be quoted."""
    return [sentence] if sentence.end - sentence.start <= _LONGEST_QUOTE else _lines(text, sentence)


def _lines(text: str, within: Span) -> list[Span]:
    """The lines of a part of a text, long ones cut, without the white space around them."""
    found, start = [], within.start
    for line in within.of(text).splitlines(keepends=True):
        span = strip_span(text, Span(start, min(start + len(line), start + _LONGEST_QUOTE)))
        found += [span] if span.end > span.start else []
        start += len(line)
    return found
