"""Groups of nodes -> nodes above them, with summaries whose every sentence names its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from ..summarize.base import Group, Summary
from ..summarize.extractive import verbatim
from ..tokens import count_tokens
from ..types import Claim, Made, Node, OnProgress, Progress, Vectors, no_progress
from .caches import CachedSummarizer
from .claims import claims_of, text_of

UNFINISHED = "/unfinished"
"""Behind a fingerprint: the summary is a stand-in, which is replaced once the language model answers."""


@dataclass(frozen=True, slots=True)
class Written:
    """A summary of some nodes, as it goes into the node above them."""

    text: str
    claims: tuple[Claim, ...]
    made: Made
    tokens: int
    unfinished: bool
    """True if the language model has yet to write it."""


@dataclass(frozen=True, slots=True)
class Members:
    """Nodes that get one summary, and the vectors of their sentences as far as they are known."""

    nodes: Sequence[Node]
    known: Mapping[str, Vectors] = field(default_factory=dict)
    """By text in one line, each of shape (dim,)."""

    @property
    def tokens(self) -> int:
        """Tokens of their texts."""
        return sum(node.tokens for node in self.nodes)


class SummaryWriter:
    """Writes summaries of nodes. What is no longer than a summary is its own: no model is asked."""

    def __init__(self, summarizer: CachedSummarizer, tokens: int, language: str) -> None:
        """`tokens` are the most tokens of a summary."""
        self.summarizer = summarizer
        self.fingerprint = summarizer.fingerprint
        self._tokens = tokens
        self._language = language

    def wants_sentences(self, nodes: Sequence[Node]) -> bool:
        """True if a summary of these nodes would be chosen from vectors of their sentences."""
        if self.summarizer.asks_a_model or sum(node.tokens for node in nodes) <= self._tokens:
            return False
        return not self.summarizer.known([node.text for node in nodes])

    def write(self, groups: Sequence[Members], progress: OnProgress = no_progress) -> Iterator[Written]:
        """A summary of every group, in order. Raises ModelError if a model fails for good; what was written until then
        is in the cache."""
        long = [group for group in groups if group.tokens > self._tokens]
        read = [self._group(group) for group in long]
        with closing(self.summarizer.summarize(read)) as summaries:
            for number, group in enumerate(groups, start=1):
                if group.tokens > self._tokens:
                    summary = next(summaries)
                else:
                    summary = verbatim([node.text for node in group.nodes], self._language)
                yield _written(summary, group.nodes)
                progress(Progress("summarize", number, len(groups)))

    def _group(self, members: Members) -> Group:
        """A model's sentences stand alone, so they are compared with sentences that were embedded alone, too."""
        known = {} if self.summarizer.asks_a_model else members.known
        pooled_inside = bool(known) and members.nodes[0].kind == "chunk"
        return Group([node.text for node in members.nodes], known, pooled_inside)


def _written(summary: Summary, nodes: Sequence[Node]) -> Written:
    claims = claims_of(summary, nodes)
    text = text_of(claims)
    return Written(text, claims, summary.made, count_tokens(text), summary.failed)
