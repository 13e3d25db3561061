"""Proofs and found places -> how much they overlap.

Everything is counted in characters of the originals. Characters that were found twice count once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence

from ...errors import DatasetError
from ...types import Hit, Node, Span
from ..base import Place, Proof

_Cover = Mapping[str, Sequence[Span]]
"""Document id -> the spans that are covered, in order, none touching the next."""


def evidence_recall(proofs: Sequence[Proof], found: Iterable[Place]) -> float:
    """Share of a proof's characters that lie in found spans, the mean over the proofs (0 to 1).

    Long and short proofs count the same. Of a proof's places, the one that was found best counts.
    Raises DatasetError without proofs, because then there is nothing to find.
    """
    cover = _cover(found)
    return sum(_share(_best(proof, cover), cover) for proof in _some(proofs)) / len(proofs)


def span_recall(proofs: Sequence[Proof], found: Iterable[Place]) -> float:
    """Share of all the proofs' characters that were found (0 to 1).

    This, `span_precision` and `span_iou` are the token-wise measures of Smith and Troynikov, Evaluating Chunking
    Strategies for Retrieval (Chroma, 2024), with characters for tokens and with overlapping chunks counted once. If a
    proof has several places, the one that was found best is the proof, and the others are like any other text.
    Raises DatasetError without proofs.
    """
    shared, gold, _ = _sizes(proofs, found)
    return shared / gold if gold else 0.0


def span_precision(proofs: Sequence[Proof], found: Iterable[Place]) -> float:
    """Share of the found characters that are the proofs' (0 to 1); 0 if nothing was found. See `span_recall`."""
    shared, _, total = _sizes(proofs, found)
    return shared / total if total else 0.0


def span_iou(proofs: Sequence[Proof], found: Iterable[Place]) -> float:
    """Characters that are both the proofs' and found, divided by those that are either (0 to 1). See `span_recall`."""
    shared, gold, total = _sizes(proofs, found)
    return shared / (gold + total - shared) if gold + total else 0.0


def found_spans(hits: Sequence[Hit], leaves: Callable[[Sequence[str]], list[Node]]) -> list[Place]:
    """The places in the originals that a reader of the hits sees; they may overlap.

    A chunk shows itself, at every place of its text. A verbatim or extractive summary shows the sentences that it
    consists of; a written one has its own words, and shows no original. `leaves` returns nodes by their ids.
    """
    chunks = [hit for hit in hits if hit.node.level == 0]
    places = [Place(hit.node.document_id, hit.node.span) for hit in chunks]
    places += [Place(other.document_id, other.span) for hit in chunks for other in hit.also]
    quoting = [hit.node for hit in hits if hit.node.made in ("verbatim", "extractive")]
    evidence = [item for node in quoting for claim in node.claims for item in claim.evidence]
    by_id = {node.id: node for node in leaves(sorted({item.leaf for item in evidence}))}
    for item in evidence:
        leaf = by_id.get(item.leaf)
        if leaf is not None:
            start = leaf.span.start
            places.append(Place(leaf.document_id, Span(start + item.span.start, start + item.span.end)))
    return places


def _sizes(proofs: Sequence[Proof], found: Iterable[Place]) -> tuple[int, int, int]:
    """Characters of the proofs that were found, of the proofs, and of what was found."""
    cover = _cover(found)
    gold = _cover(_best(proof, cover) for proof in _some(proofs))
    shared = sum(_shared(Place(key, span), cover) for key, spans in gold.items() for span in spans)
    return shared, _size(gold), _size(cover)


def _some(proofs: Sequence[Proof]) -> Sequence[Proof]:
    if not proofs:
        raise DatasetError("there is no proof to look for; measure only questions that have proofs")
    return proofs


def _best(proof: Proof, cover: _Cover) -> Place:
    return max(proof.places, key=lambda place: _share(place, cover))


def _share(place: Place, cover: _Cover) -> float:
    return _shared(place, cover) / max(1, place.span.end - place.span.start)


def _shared(place: Place, cover: _Cover) -> int:
    """Characters of the place that are covered."""
    spans = cover.get(place.document_id, ())
    first = bisect_right(spans, place.span.start, key=lambda span: span.end)
    last = bisect_right(spans, place.span.end, key=lambda span: span.start)
    return sum(place.span.overlap(span) for span in spans[first:last])


def _size(cover: _Cover) -> int:
    return sum(span.end - span.start for spans in cover.values() for span in spans)


def _cover(places: Iterable[Place]) -> _Cover:
    """The places, merged where they overlap or touch."""
    cover: dict[str, list[Span]] = {}
    for key, span in sorted(places):
        if span.end <= span.start:
            continue
        spans = cover.setdefault(key, [])
        if spans and span.start <= spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, span.end))
        else:
            spans.append(span)
    return cover
