"""Hits -> passages for the reader, and the original sentences behind each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..sentences import sentence_spans, strip_span
from ..types import Citation, Document, Evidence, Hit, Node, Span
from .orders import gives_orders


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of an original, as a citation without a number."""

    text: str
    """The sentence in one line."""
    citation: Citation


@dataclass(frozen=True, slots=True)
class Passages:
    """What the reader is given, and what may be cited. A summary is read, but its originals are cited."""

    hits: tuple[Hit, ...]
    quotes: tuple[Quote, ...]


class QuoteFinder:
    """Turns nodes into quotes; it reads documents to say on which line a sentence stands."""

    def __init__(
        self,
        nodes: Callable[[Sequence[str]], list[Node]],
        document: Callable[[str], Document | None],
        language: str,
    ) -> None:
        self._nodes = nodes
        self._document = document
        self._language = language

    def passages(self, hits: Sequence[Hit]) -> Passages:
        """All sentences of the leaves among `hits`, and the evidence of the summaries among them."""
        wanted = {item.leaf for hit in hits for claim in hit.node.claims for item in claim.evidence}
        leaves = {node.id: node for node in self._nodes(sorted(wanted))}
        documents: dict[str, Document | None] = {}
        quotes: dict[tuple[str, Span], Quote] = {}
        for hit in hits:
            ordered: tuple[str, int] = ("", 0)
            for leaf, span in self._spans(hit.node, leaves):
                if leaf.document_id not in documents:
                    documents[leaf.document_id] = self._document(leaf.document_id)
                quote = _quote(leaf, span, documents[leaf.document_id])
                if leaf.id == ordered[0] and "\n\n" not in leaf.text[ordered[1] : span.start]:
                    continue  # what a paragraph says after an order is what it orders
                if gives_orders(quote.text):
                    ordered = (leaf.id, span.end)
                    continue
                quotes.setdefault((quote.citation.document_id, quote.citation.span), quote)
        return Passages(tuple(hits), tuple(quotes.values()))

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


def _quote(leaf: Node, inside: Span, document: Document | None) -> Quote:
    span = Span(leaf.span.start + inside.start, leaf.span.start + inside.end)
    text = inside.of(leaf.text)
    location = document.locate(span) if document is not None else leaf.location
    return Quote(" ".join(text.split()), Citation(leaf.document_id, leaf.source, span, text, location))
