"""Hits -> passages for the reader, and the original sentences behind each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..text.injections import ordered
from ..text.sentences import sentence_spans, strip_span
from ..types import Citation, Document, Evidence, Hit, Node, Place, Span

_QUOTED_LINE = re.compile(r"\n[ \t]*(?:>[ \t]?)+")
"""The sign before each line of a block quote in Markdown and in mail."""
_LOOKED_BACK = 1000
"""Characters before a leaf that are searched for an order to which its first sentences may belong."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a document, as a citation without a number."""

    text: str
    """The sentence in one line."""
    citation: Citation


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
    ) -> None:
        """`places` maps the ids of leaves to the other places of their text."""
        self._nodes = nodes
        self._document = document
        self._language = language
        self._places = places

    def passages(self, hits: Sequence[Hit]) -> Passages:
        """All sentences of the leaves among `hits`, and the evidence of the summaries among them."""
        wanted = {item.leaf for hit in hits for claim in hit.node.claims for item in claim.evidence}
        leaves = {node.id: node for node in self._nodes(sorted(wanted))}
        places = self._places([*leaves.values(), *(hit.node for hit in hits if hit.node.level == 0)])
        documents: dict[str, Document | None] = {}
        quotes: dict[tuple[str, Span], Quote] = {}
        refused: dict[str, list[Span]] = {}
        orders: dict[str, None] = {}
        for hit in hits:
            for leaf, span in self._spans(hit.node, leaves):
                if leaf.document_id not in documents:
                    documents[leaf.document_id] = self._document(leaf.document_id)
                document = documents[leaf.document_id]
                if leaf.id not in refused:
                    refused[leaf.id] = self._refused(leaf, document)
                    orders |= dict.fromkeys(span.of(leaf.text) for span in refused[leaf.id])
                if any(span.overlap(order) for order in refused[leaf.id]):
                    continue
                quote = _quote(leaf, span, document, places.get(leaf.id, ()))
                quotes.setdefault((quote.citation.document_id, quote.citation.span), quote)
        return Passages(tuple(hits), tuple(quotes.values()), tuple(orders))

    def _refused(self, leaf: Node, document: Document | None) -> list[Span]:
        """The leaf's sentences that give orders to the model, and those that these may order it to say."""
        spans = [strip_span(leaf.text, span) for span in sentence_spans(leaf.text, self._language)]
        start = leaf.span.start
        before = document.text[max(0, start - _LOOKED_BACK) : start] if document is not None else ""
        return [span for span, under in zip(spans, ordered(leaf.text, spans, before), strict=True) if under]

    def _spans(self, node: Node, leaves: dict[str, Node]) -> Iterator[tuple[Node, Span]]:
        if node.level == 0:
            for span in sentence_spans(node.text, self._language):
                yield node, strip_span(node.text, span)
            return
        evidence: dict[Evidence, None] = dict.fromkeys(item for claim in node.claims for item in claim.evidence)
        for item in evidence:
            if item.leaf in leaves:
                yield leaves[item.leaf], item.span


def cite_leaf(leaf: Node) -> Citation:
    """A whole leaf as a citation."""
    inside = strip_span(leaf.text, Span(0, len(leaf.text)))
    span = Span(leaf.span.start + inside.start, leaf.span.start + inside.end)
    return Citation(leaf.document_id, leaf.source, span, inside.of(leaf.text), leaf.location)


def _quote(leaf: Node, inside: Span, document: Document | None, also: tuple[Place, ...]) -> Quote:
    span = Span(leaf.span.start + inside.start, leaf.span.start + inside.end)
    text = inside.of(leaf.text)
    in_one_line = " ".join(_QUOTED_LINE.sub("\n", text).split())
    if document is None:
        return Quote(in_one_line, Citation(leaf.document_id, leaf.source, span, text, leaf.location, also=also))
    return Quote(in_one_line, document.cite(span, also=also))
