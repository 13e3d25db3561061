"""Traces the sentences of a summary down to chunks, so that no source is lost on the way up the tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..summarize.base import Source, Summary, SummarySentence
from ..types import Claim, Evidence, Node, Span

_MOST_EVIDENCE = 6


def claims_of(summary: Summary, children: Sequence[Node]) -> tuple[Claim, ...]:
    """The claims of a node, made from its summary. Their evidence is in chunks, whatever the level of `children`."""
    claims = []
    for sentence in summary.sentences:
        evidence = dict.fromkeys(
            item for source in sentence.sources for item in _evidence(source, children[source.text])
        )
        claims.append(Claim(sentence.text, tuple(evidence)[:_MOST_EVIDENCE], sentence.score))
    return tuple(claims)


def summary_of(node: Node, children: Sequence[Node]) -> Summary | None:
    """The inverse of `claims_of`: a summary from which it makes the claims of `node`; None if there is none."""
    known = [(source, tuple(_evidence(source, children[source.text]))) for source in _places(children)]
    places = {child.id: number for number, child in enumerate(children) if not child.level}
    sentences = []
    for claim in node.claims:
        own = [
            (Source(places[item.leaf], item.span), (item,)) for item in claim.evidence if item.leaf in places
        ]  # any span of a chunk can be a source, but only whole sentences of a summary
        sources = _sources(claim.evidence, [*own, *known])
        if not sources:
            return None
        sentences.append(SummarySentence(claim.text, sources, claim.score))
    return Summary(tuple(sentences), node.made) if sentences and node.made else None


def _places(children: Sequence[Node]) -> Iterator[Source]:
    """The spans of the sentences of summaries."""
    for number, child in enumerate(children):
        start = 0
        for claim in child.claims:
            yield Source(number, Span(start, start + len(claim.text)))
            start += len(claim.text) + 1


def _sources(
    wanted: tuple[Evidence, ...],
    known: Sequence[tuple[Source, tuple[Evidence, ...]]],
    covered: tuple[Evidence, ...] = (),
) -> tuple[Source, ...] | None:
    """Sources whose evidence, joined in order, is `wanted`; None if there are none."""
    if covered == wanted:
        return ()
    for source, evidence in known:
        after = tuple(dict.fromkeys((*covered, *evidence)))[:_MOST_EVIDENCE]
        if len(after) > len(covered) and after == wanted[: len(after)]:
            rest = _sources(wanted, known, after)
            if rest is not None:
                return (source, *rest)
    return None


def text_of(claims: Sequence[Claim]) -> str:
    """The text of a node: its claims, joined in order."""
    return " ".join(claim.text for claim in claims)


def _evidence(source: Source, child: Node) -> Iterator[Evidence]:
    if child.level == 0:
        yield Evidence(child.id, source.span)
        return
    start = 0
    for claim in child.claims:
        if Span(start, start + len(claim.text)).overlap(source.span):
            yield from claim.evidence
        start += len(claim.text) + 1
