"""What a sync would do, may cost and did, and what an index holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A document that was read without a part of its file, and what that part is; see docs/formats.md."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Documents by id: how a folder differs, or differed, from its index."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """Old id, new id."""
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    skipped: tuple[Skipped, ...] = ()
    notices: tuple[Notice, ...] = ()
    """Parts of files that were not read, for all documents of the folder."""
    ignored: Mapping[str, int] = field(default_factory=dict)
    """Files and folders that nobody meant to be read, counted by what they are: hidden, excluded, links, ..."""


@dataclass(frozen=True, slots=True)
class Plan(Difference):
    """What a sync would do, and an estimate of what it would cost.

    Documents are told by the bytes of their files. Of an archive that is new and not in the sample, what is in it is
    not known: it counts as one document.
    """

    chunks: int = 0
    """Chunks to embed."""
    tokens: int = 0
    """Tokens of those chunks."""
    summaries: int = 0
    """Groups to summarize."""
    settings_changed: bool = False
    """True if trees were built with other settings, and would be built again."""
    unfinished: bool = False
    """True if the last sync was interrupted, or left something that the language model has to be asked for."""
    pages: int = 0
    """Pages of the new and changed documents; those without pages have none."""
    levels: tuple[int, ...] = ()
    """Nodes at each level of the tree that there would be, chunks first; empty if it stays as it is."""
    calls: int = 0
    """Calls of the language model."""
    prompt_tokens: int = 0
    """Tokens that it would read."""
    answer_tokens: int = 0
    """Tokens that it would write."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """What a sync in this process would take, by part of the work; empty if nothing was measured."""
    paid: Mapping[str, float] = field(default_factory=dict)
    """Seconds that the plan took and a sync in this process does not: loading the models."""

    @property
    def files(self) -> int:
        """Documents that a sync would take in: new, changed and renamed ones."""
        return len(self.added) + len(self.changed) + len(self.renamed)

    @property
    def minutes(self) -> float:
        """What a sync in this process would take."""
        return sum(self.seconds.values()) / 60

    @property
    def is_empty(self) -> bool:
        """True where the index already shows the folder, as the settings want it."""
        changed = self.settings_changed or self.unfinished
        return not (self.added or self.changed or self.renamed or self.removed or changed)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a sync may cost; None is no limit. What is left over goes on with the next sync.

    Raises ValueError for less than no tokens, or no time.
    """

    tokens: int | None = None
    """Tokens of the language model, those that it reads and those that it writes."""
    minutes: float | None = None
    """A whole tree stands about then: documents that are not embedded wait, summaries that are not written are
    extractive."""

    def __post_init__(self) -> None:
        if self.tokens is not None and self.tokens < 0:
            raise ValueError(f"a Budget of {self.tokens} tokens; wanted is 0 or more, or None for no limit")
        if self.minutes is not None and not self.minutes > 0:
            raise ValueError(f"a Budget of {self.minutes} minutes; wanted is more than 0, or None for no limit")


@dataclass(frozen=True, slots=True)
class SyncReport(Difference):
    """What a sync did, and what it cost."""

    embedded: int = 0
    """Texts sent to the embedder: new chunks and new summaries."""
    summarized: int = 0
    """Groups that were summarized, and not found in the cache."""
    without_context: int = 0
    """Chunks for which the language model failed to write a context; the next sync asks for them again."""
    left_out: int = 0
    """Tokens of groups that did not fit the language model's context, so that their summaries do not speak of them."""
    nodes: int = 0
    seconds: float = 0.0
    waiting: tuple[str, ...] = ()
    """Documents for which there was no time (Budget.minutes); the next sync goes on with them."""
    unwritten: int = 0
    """Groups for which the language model wrote no summary; theirs is extractive until the next sync, which asks."""
    over_budget: bool = False
    """True where the budget kept something from being done."""
    calls: int = 0
    """Calls of the language model."""
    prompt_tokens: int = 0
    """Tokens that it read."""
    answer_tokens: int = 0
    """Tokens that it wrote."""
    cut_texts: int = 0
    """Texts that were too long for the embedding server. They were sent in parts, whose vectors were averaged."""
    stale: int = 0
    """Summaries that the index has now below which something has changed, too little to write them anew."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What an index holds."""

    path: str
    documents: int
    levels: tuple[int, ...]
    """Number of nodes at each level, chunks first."""
    tokens: int
    """Tokens of all chunks."""
    embedder: str
    dimension: int
    summarizer: str
    bytes_on_disk: int
    kinds: Mapping[str, int] = field(default_factory=dict)
    """Number of nodes of each kind."""
    found: int = 0
    """Documents that there will be when the sync that runs (or was interrupted) has ended."""
    waiting: int = 0
    """Files or documents that the last sync had no time for."""
    unwritten: int = 0
    """Summaries that are extractive until the language model may be asked."""
    stale: int = 0
    """Summaries below which something has changed since they were written, too little to write them again."""
    stale_share: float = 0.0
    """The share of the text below a summary that has changed since it was written, on average over all."""
    group_tokens: int = 0
    """Mean tokens of the children of a node; at most `tree.group_tokens`."""
