"""How much of the proof lies in what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..types import Hit, Node, Span


def evidence_recall(gold: Sequence[tuple[str, Span]], found: Sequence[tuple[str, Span]]) -> float:
    """Share of the gold characters that lie in found spans, the mean over the gold spans (0 to 1).

    Both are (document id, span); found spans may overlap. Without gold there is nothing to find, and that
    is a question for the caller: raises ValueError.
    """
    if not gold:
        raise ValueError("evidence_recall needs at least one gold span")
    shares = []
    for document_id, span in gold:
        covered: set[int] = set()
        for other_id, other in found:
            if other_id == document_id:
                covered.update(range(max(span.start, other.start), min(span.end, other.end)))
        shares.append(len(covered) / max(1, span.end - span.start))
    return sum(shares) / len(shares)


def found_spans(hits: Sequence[Hit], leaves: Callable[[Sequence[str]], list[Node]]) -> list[tuple[str, Span]]:
    """What a reader of the hits has before its eyes, as spans of the originals.

    A chunk shows itself. An extractive summary shows the sentences that it is made of; a written one shows
    words of its own, and no original.
    """
    spans = [(hit.node.document_id, hit.node.span) for hit in hits if hit.node.level == 0]
    evidence = [
        item for hit in hits if hit.node.kind == "extractive" for claim in hit.node.claims for item in claim.evidence
    ]
    by_id = {node.id: node for node in leaves(sorted({item.leaf for item in evidence}))}
    for item in evidence:
        leaf = by_id.get(item.leaf)
        if leaf is not None:
            start = leaf.span.start
            spans.append((leaf.document_id, Span(start + item.span.start, start + item.span.end)))
    return spans
