"""Groups of nodes -> summaries for the nodes above them. Every sentence of a summary names its sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from ..summarize.base import Group, Summarizer, Summary
from ..summarize.extractive import verbatim
from ..text.tokens import count_tokens
from ..types import Claim, Made, Node, OnProgress, Progress, Vectors, no_progress
from .claims import claims_of, text_of
from .summary_cache import CachedSummarizer

UNFINISHED = "/unfinished"
"""Appended to a fingerprint if the summary is a stand-in, to be replaced once the language model answers."""


@dataclass(frozen=True, slots=True)
class WrittenSummary:
    """A summary of some nodes, ready for the node above them."""

    text: str
    claims: tuple[Claim, ...]
    made: Made
    tokens: int
    unfinished: bool
    """True if the language model has yet to write it."""


@dataclass(frozen=True, slots=True)
class Members:
    """Nodes that are summarized together, and the vectors of their sentences as far as they are known."""

    nodes: Sequence[Node]
    known: Mapping[str, Vectors] = field(default_factory=dict)
    """Vectors, each of shape (dim,), by the sentence's text on one line."""

    @property
    def tokens(self) -> int:
        """The tokens of all nodes together."""
        return sum(node.tokens for node in self.nodes)


class SummaryWriter:
    """Writes summaries of nodes. A text that is no longer than a summary is its own summary, and no model is asked.

    Nor is a model asked about nodes whose own summaries it has yet to write: its answer would be discarded with them.
    """

    def __init__(
        self, summarizer: CachedSummarizer, tokens: int, language: str, stand_in: Summarizer | None = None
    ) -> None:
        """`tokens` is the most tokens of a summary. If `summarizer` asks a model, `stand_in` writes summaries that have
        to wait for others of the model."""
        self.summarizer = summarizer
        self._stand_in = stand_in if summarizer.asks_a_model else None
        self.fingerprint = summarizer.fingerprint
        self._tokens = tokens
        self._language = language

    def wants_sentences(self, nodes: Sequence[Node]) -> bool:
        """True if a summary of these nodes needs the vectors of their sentences."""
        if self.summarizer.asks_a_model or sum(node.tokens for node in nodes) <= self._tokens:
            return False
        return not self.summarizer.known([node.text for node in nodes])

    def write(self, groups: Sequence[Members], progress: OnProgress = no_progress) -> Iterator[WrittenSummary]:
        """Yield a summary of every group, in order. Raises ModelError if a model fails for good; what was written
        before that is in the cache."""
        groups = [replace(group, nodes=_of_the_document(group.nodes)) for group in groups]
        due = [self._group(group) for group in groups if group.tokens > self._tokens and not self._must_wait(group)]
        with closing(self.summarizer.summarize(due)) as summaries:
            for number, group in enumerate(groups, start=1):
                waits = self._must_wait(group)
                if group.tokens <= self._tokens:
                    summary = verbatim([node.text for node in group.nodes], self._language)
                elif waits and self._stand_in is not None:
                    summary = next(self._stand_in.summarize([self._group(group)]))
                    self.summarizer.unwritten += 1
                else:
                    summary = next(summaries)
                yield _written(replace(summary, failed=summary.failed or waits), group.nodes)
                progress(Progress("summarize", number, len(groups)))

    def _must_wait(self, group: Members) -> bool:
        """True if a model has yet to write what it would read here."""
        return self._stand_in is not None and any(node.stale >= 1 for node in group.nodes if node.level)

    def _group(self, members: Members) -> Group:
        """The group to summarize. A model's sentences are embedded alone, so the sentences that they are compared with
        have to be, too: vectors from their chunks are left out then."""
        known = {} if self.summarizer.asks_a_model else members.known
        pooled_inside = bool(known) and members.nodes[0].kind == "chunk"
        return Group([node.text for node in members.nodes], known, pooled_inside)


def _of_the_document(nodes: Sequence[Node]) -> Sequence[Node]:
    """The nodes without a model's descriptions of pictures, unless there is nothing else: a summary repeats what its
    documents say."""
    return [node for node in nodes if not node.location.described] or nodes


def _written(summary: Summary, nodes: Sequence[Node]) -> WrittenSummary:
    claims = claims_of(summary, nodes)
    text = text_of(claims)
    return WrittenSummary(text, claims, summary.made, count_tokens(text), summary.failed)
