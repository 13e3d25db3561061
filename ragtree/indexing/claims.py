"""From a summary's sentences down to the chunks: sources are never lost on the way up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..summarize.base import Source, Summary
from ..types import Claim, Evidence, Node, Span

_MOST_EVIDENCE = 6


def claims_of(summary: Summary, children: Sequence[Node]) -> tuple[Claim, ...]:
    """The claims of a node. Their evidence lies in chunks, at whatever level its children are."""
    claims = []
    for sentence in summary.sentences:
        evidence = dict.fromkeys(
            item for source in sentence.sources for item in _evidence(source, children[source.text])
        )
        claims.append(Claim(sentence.text, tuple(evidence)[:_MOST_EVIDENCE], sentence.score))
    return tuple(claims)


def text_of(claims: Sequence[Claim]) -> str:
    """A node's text is its claims, one after the other."""
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
