"""Documents -> chunk nodes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from ..chunk.base import Chunker, Context
from ..chunk.context import shortened
from ..chunk.parts import path_at, sections_of
from ..ids import hash_id
from ..text.tokens import count_tokens
from ..types import Document, Location, Node, Span, described_spans

_LABEL_WORDS = 9
_CAPTION_TOKENS = 40
"""Most tokens of a caption that are embedded before the description of its picture."""


def chunks_of(document: Document, chunker: Chunker, context: Context | None = None) -> list[Node]:
    """The chunks of a document in reading order, each with the text that `context` puts before it.

    A chunk's id is made from the document's id, the chunk's text and how often that text has occurred, not from the
    chunk's place: a chunk stays the same node if text is inserted before it.
    """
    seen: Counter[str] = Counter()
    nodes = []
    described = described_spans(document.text, document.marks)
    spans = [span for span in _apart(chunker.chunk(document), described) if span.of(document.text).strip()]
    contexts = context.before(document, spans) if context else [""] * len(spans)
    if described:
        contexts = _with_captions(document, spans, contexts)
    locate = locator(document)
    for span, before in zip(spans, contexts, strict=True):
        text = span.of(document.text)
        seen[text] += 1
        nodes.append(
            Node(
                id=chunk_id(document.id, text, seen[text]),
                level=0,
                text=text,
                tokens=count_tokens(text),
                label=first_words(text),
                document_id=document.id,
                source=document.source,
                span=span,
                location=locate(span),
                metadata={**document.metadata, "title": document.title},
                context=before,
            )
        )
    return nodes


def _apart(spans: Sequence[Span], described: Sequence[Span]) -> list[Span]:
    """The spans, cut where a model's description of a picture begins or ends, so that no chunk mixes the two."""
    cuts = sorted({place for span in described for place in span})
    found: list[Span] = []
    for start, end in spans:
        inside = cuts[bisect_right(cuts, start) : bisect_left(cuts, end)]
        found += (Span(*pair) for pair in pairwise((start, *inside, end)))
    return found


def _with_captions(document: Document, spans: Sequence[Span], contexts: Sequence[str]) -> list[str]:
    """The contexts, where that of a description ends with the caption: the passage before it in the document."""
    found: list[str] = []
    before = ""
    for span, context in zip(spans, contexts, strict=True):
        if document.locate(span).described:
            found.append("\n".join(filter(None, (context, before))))
            continue
        found.append(context)
        last = span.of(document.text).strip().rpartition("\n\n")[2]
        before = shortened(last, _CAPTION_TOKENS)
    return found


def chunk_id(document_id: str, text: str, number: int) -> str:
    """The id of the `number`th chunk (from 1) with this text in its document."""
    return hash_id("leaf", document_id, text, str(number))


def locator(document: Document) -> Callable[[Span], Location]:
    """`document.locate`; if no loader marked headings, a version that takes them from Markdown's # lines, for texts
    that come from an application or a dataset."""
    if any(mark.location.heading for mark in document.marks):
        return document.locate
    sections = sections_of(document)

    def locate(span: Span) -> Location:
        text = span.of(document.text)
        return replace(document.locate(span), heading=path_at(sections, span.end - len(text.lstrip())))

    return locate


def embedded_text(node: Node) -> str:
    """The text that is embedded for a node: its context and its own text."""
    return f"{node.context}\n{node.text}" if node.context else node.text


def first_words(text: str) -> str:
    """The first words of a passage, as its label."""
    words = text.replace("#", " ").replace("|", " ").replace("*", " ").split()
    if not words:
        return text.strip()[:40]
    label = " ".join(words[:_LABEL_WORDS])
    return (label[:70].rstrip() + " …") if len(words) > _LABEL_WORDS or len(label) > 70 else label
