"""Groups -> nodes with summaries, and nodes that keep the summary they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from ...types import Claim, Evidence, Node, OnProgress, Progress
from ..build import parent_of
from ..caches import CachedSummarizer
from ..leaves import hash_id

AGAIN = "again"


def written(
    groups: Sequence[Sequence[Node]],
    summarizer: CachedSummarizer,
    taken: Callable[[str], bool],
    progress: OnProgress,
) -> list[Node]:
    """A node for each group of children, in their order. Its id is none that is `taken`."""
    nodes: list[Node] = []
    own: set[str] = set()
    texts = [[child.text for child in children] for children in groups]
    with closing(summarizer.summarize(texts)) as summaries:
        for number, (children, summary) in enumerate(zip(groups, summaries, strict=True), start=1):
            node = parent_of(children, summary, summarizer.fingerprint)
            while taken(node.id) or node.id in own:
                # A stale node has the id of what it was made of, which another group may be made of now.
                node = replace(node, id=hash_id(AGAIN, node.id))
            own.add(node.id)
            nodes.append(node)
            progress(Progress("summarize", number, len(groups)))
    return nodes


def carried(node: Node, children: Sequence[str], stale: float, moved: Mapping[str, str]) -> Node:
    """The node with other children and the summary that it had; leaves in `moved` have another id now."""
    claims = tuple(
        Claim(
            claim.text,
            tuple(Evidence(moved.get(item.leaf, item.leaf), item.span) for item in claim.evidence),
            claim.score,
        )
        for claim in node.claims
    )
    return replace(node, children=tuple(children), claims=claims, stale=round(stale, 9))


def rests_on(node: Node) -> set[str]:
    """Ids of the leaves in which the claims of a node have their evidence."""
    return {item.leaf for claim in node.claims for item in claim.evidence}
