"""Hits -> passages for the reader, and the original sentences behind each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..text.injections import ordered
from ..text.sentences import sentence_spans, strip_span
from ..types import Citation, Document, Evidence, Hit, Node, Place, Span

_QUOTED_LINE = re.compile(r"\n[ \t]*(?:>[ \t]?)+")
"""The sign before each line of a block quote in Markdown and in mail."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+$")
_COLUMNS = re.compile(r"\S(?: {3,}|[ ]*\t[ \t]*)\S|^[ \t]*[-=_*~]{3,}[ \t]*$")
_LABELLED = re.compile(r"[ \t]*[^\W\d_][\w.'’ -]{0,30}:[ \t]+\S")
_NUMBER = re.compile(r"\d{1,3}[.)]\s+")
_LONG_ITEM = 300
"""Most characters of an item of a numbered list that is read as one."""
_LOOKED_BACK = 1000
"""Characters before a leaf that are searched for an order to which its first sentences may belong."""
_OVERHANG = 500
"""Most characters by which a sentence may begin before a leaf, or end after it, to be quoted whole."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a document, as a citation without a number."""

    text: str
    """The sentence in one line; a row of a table has the names of its columns."""
    citation: Citation
    is_row: bool = False


@dataclass(frozen=True, slots=True)
class Passages:
    """What the reader is given, and what may be cited. A summary is read, but its originals are cited."""

    hits: tuple[Hit, ...]
    quotes: tuple[Quote, ...]
    orders: tuple[str, ...] = ()
    """Sentences of the passages that tell a model to do or say something: no evidence, and not to be repeated."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """The titles of the documents, by id, as far as they are known."""


class QuoteFinder:
    """Turns nodes into quotes; it reads documents to find the line of a sentence."""

    def __init__(
        self,
        nodes: Callable[[Sequence[str]], list[Node]],
        document: Callable[[str], Document | None],
        language: str,
        places: Callable[[Sequence[Node]], Mapping[str, tuple[Place, ...]]] = lambda leaves: {},
        row_at: Callable[[Document, Span], tuple[Span, str] | None] = lambda document, span: None,
    ) -> None:
        """`places` maps the ids of leaves to the other places of their text. `row_at` gives the row of a table in which
        a place of a document lies: its own place, and its text as it can be read alone."""
        self._nodes = nodes
        self._document = document
        self._language = language
        self._places = places
        self._row_at = row_at

    def passages(self, hits: Sequence[Hit]) -> Passages:
        """All sentences of the leaves among `hits`, and the evidence of the summaries among them. A sentence of which a
        leaf has a part is whole."""
        wanted = {item.leaf for hit in hits for claim in hit.node.claims for item in claim.evidence}
        leaves = {node.id: node for node in self._nodes(sorted(wanted))}
        places = self._places([*leaves.values(), *(hit.node for hit in hits if hit.node.level == 0)])
        documents: dict[str, Document | None] = {}
        sentences: dict[str, list[Span]] = {}
        quotes: dict[tuple[str, Span], Quote] = {}
        refused: dict[str, list[Span]] = {}
        orders: dict[str, None] = {}
        for hit in hits:
            for leaf, evidence in _leaves_of(hit.node, leaves):
                if leaf.document_id not in documents:
                    documents[leaf.document_id] = self._document(leaf.document_id)
                document = documents[leaf.document_id]
                if leaf.id not in sentences:
                    sentences[leaf.id] = self._sentences(leaf, document)
                    refused[leaf.id] = _refused(leaf, document, sentences[leaf.id])
                    orders |= dict.fromkeys(_text_of(leaf, span, document) for span in refused[leaf.id])
                for span in sentences[leaf.id] if evidence is None else [_moved(evidence, leaf)]:
                    row = None if document is None else self._row_at(document, span)
                    place = span if row is None else row[0]
                    if any(place.overlap(order) for order in refused[leaf.id]):
                        continue
                    quote = _quote(leaf, place, document, places.get(leaf.id, ()))
                    quote = quote if row is None else replace(quote, text=" ".join(row[1].split()), is_row=True)
                    quotes.setdefault((quote.citation.document_id, quote.citation.span), quote)
        return Passages(tuple(hits), tuple(quotes.values()), tuple(orders))

    def _sentences(self, leaf: Node, document: Document | None) -> list[Span]:
        """The sentences of a leaf as places in its document; those at its ends are whole."""
        if document is None:
            return [_moved(strip_span(leaf.text, span), leaf) for span in sentence_spans(leaf.text, self._language)]
        start = max(0, leaf.span.start - _OVERHANG)
        around = document.text[start : leaf.span.end + _OVERHANG]
        found = (strip_span(around, span) for span in sentence_spans(around, self._language))
        parts = (part for span in found for line in _set_apart(around, span) for part in self._of_item(around, line))
        placed = (Span(start + span.start, start + span.end) for span in parts)
        return [span for span in placed if span.overlap(leaf.span)]

    def _of_item(self, text: str, span: Span) -> Iterator[Span]:
        """Yield the sentences of a long item of a numbered list, which the segmenter leaves whole; its number belongs
        to the first one. Everything else is yielded as it is."""
        number = _NUMBER.match(span.of(text))
        if number is None or span.end - span.start <= _LONG_ITEM:
            yield span
            return
        start = span.start + number.end()
        inside = text[start : span.end]
        for at, part in enumerate(sentence_spans(inside, self._language)):
            bare = strip_span(inside, part)
            yield Span(start + bare.start if at else span.start, start + bare.end)


def _refused(leaf: Node, document: Document | None, sentences: Sequence[Span]) -> list[Span]:
    """The leaf's sentences that give orders to the model, and those that these may order it to say."""
    if not sentences:
        return []
    start = sentences[0].start
    before = document.text[max(0, start - _LOOKED_BACK) : start] if document is not None else ""
    text = _text_of(leaf, Span(start, sentences[-1].end), document)
    under = ordered(text, [Span(span.start - start, span.end - start) for span in sentences], before)
    return [span for span, is_order in zip(sentences, under, strict=True) if is_order]


def _set_apart(text: str, span: Span) -> Iterator[Span]:
    """Yield the parts of a sentence between lines that stand alone, and these lines: rules, lines in columns, and
    several lines such as `Date: 14 May`. Most sentences are one part."""
    if "\n" not in span.of(text):
        yield span
        return
    lines = [Span(span.start + one.start(), span.start + one.end()) for one in _LINE.finditer(span.of(text))]
    labelled = [False, *(bool(_LABELLED.match(line.of(text))) for line in lines), False]
    alone = [
        bool(_COLUMNS.search(line.of(text))) or (labelled[at] and (labelled[at - 1] or labelled[at + 1]))
        for at, line in enumerate(lines, start=1)
    ]
    begin = span.start
    for at, line in enumerate(lines[:-1]):
        if alone[at] or alone[at + 1]:
            yield strip_span(text, Span(begin, line.end))
            begin = line.end
    yield strip_span(text, Span(begin, span.end))


def cite_leaf(leaf: Node) -> Citation:
    """A whole leaf as a citation."""
    inside = strip_span(leaf.text, Span(0, len(leaf.text)))
    span = Span(leaf.span.start + inside.start, leaf.span.start + inside.end)
    return Citation(leaf.document_id, leaf.source, span, inside.of(leaf.text), leaf.location)


def _leaves_of(node: Node, leaves: Mapping[str, Node]) -> Iterator[tuple[Node, Span | None]]:
    """Yield a leaf itself, or the leaves that a summary rests on, each with the place in it."""
    if node.level == 0:
        yield node, None
        return
    evidence: dict[Evidence, None] = dict.fromkeys(item for claim in node.claims for item in claim.evidence)
    for item in evidence:
        if item.leaf in leaves:
            yield leaves[item.leaf], item.span


def _moved(inside: Span, leaf: Node) -> Span:
    """A place in a leaf as a place in its document."""
    return Span(leaf.span.start + inside.start, leaf.span.start + inside.end)


def _text_of(leaf: Node, span: Span, document: Document | None) -> str:
    if document is not None:
        return span.of(document.text)
    return leaf.text[span.start - leaf.span.start : span.end - leaf.span.start]


def _quote(leaf: Node, span: Span, document: Document | None, also: tuple[Place, ...]) -> Quote:
    text = _text_of(leaf, span, document)
    in_one_line = " ".join(_QUOTED_LINE.sub("\n", text).split())
    if document is None:
        return Quote(in_one_line, Citation(leaf.document_id, leaf.source, span, text, leaf.location, also=also))
    return Quote(in_one_line, document.cite(span, also=also))
