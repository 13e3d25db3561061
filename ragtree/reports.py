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
    """How a folder differs, or differed, from its index. Documents are named by id."""

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
    """Files and folders that are not meant to be read, counted by reason: hidden, excluded, links, ..."""


@dataclass(frozen=True, slots=True)
class Plan(Difference):
    """What a sync would do, and an estimate of what it would cost.

    Documents are told apart by the bytes of their files. What a new archive contains is not known unless it is in the
    sample: it counts as one document.
    """

    chunks: int = 0
    """Chunks to embed."""
    tokens: int = 0
    """Tokens of those chunks."""
    summaries: int = 0
    """Groups to summarize."""
    settings_changed: bool = False
    """True if trees were built with other settings, and would be rebuilt."""
    unfinished: bool = False
    """True if the last sync was interrupted, or left work for the language model."""
    pages: int = 0
    """Pages of the new and changed documents that have pages."""
    levels: tuple[int, ...] = ()
    """Nodes at each level of the tree that there would be, chunks first; empty if it stays as it is."""
    figures: int = 0
    """Pictures that would be described by `load.vision_model`; those that were described before are not counted."""
    calls: int = 0
    """Calls to the language model, and one to the vision model for each of these pictures."""
    prompt_tokens: int = 0
    """Tokens that they would read."""
    answer_tokens: int = 0
    """Tokens that they would write."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Seconds that a sync in this process would take, by part of the work; empty if nothing was measured."""
    paid: Mapping[str, float] = field(default_factory=dict)
    """Seconds that the plan took and a sync in this process would not take again: loading the models."""

    @property
    def files(self) -> int:
        """The number of documents that a sync would take in: new, changed and renamed ones."""
        return len(self.added) + len(self.changed) + len(self.renamed)

    @property
    def minutes(self) -> float:
        """The minutes that a sync in this process would take."""
        return sum(self.seconds.values()) / 60

    @property
    def is_empty(self) -> bool:
        """True if the index already matches the folder and the settings."""
        changed = self.settings_changed or self.unfinished
        return not (self.added or self.changed or self.renamed or self.removed or changed)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a sync may cost; None means no limit. The next sync continues with what is left undone.

    Raises ValueError for a negative number of tokens, and for minutes that are not more than 0.
    """

    tokens: int | None = None
    """Tokens that the language model reads and writes, together."""
    minutes: float | None = None
    """A complete tree is ready at about that time: documents that are not embedded wait, and summaries that are not
    written are extractive."""

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
    """Groups that were summarized, without those found in the cache."""
    without_context: int = 0
    """Chunks for which the language model failed to write a context; the next sync asks for them again."""
    left_out: int = 0
    """Tokens of groups that did not fit the language model's context, so that their summaries leave them out."""
    nodes: int = 0
    seconds: float = 0.0
    waiting: tuple[str, ...] = ()
    """Documents for which there was no time (Budget.minutes); the next sync continues with them. A new file counts as
    one document, whatever is in it."""
    unwritten: int = 0
    """Groups for which the language model wrote no summary. Theirs is extractive until the next sync asks again."""
    over_budget: bool = False
    """True if the budget left something undone."""
    calls: int = 0
    """Calls to the language model."""
    prompt_tokens: int = 0
    """Tokens that it read."""
    answer_tokens: int = 0
    """Tokens that it wrote."""
    cut_texts: int = 0
    """Texts that were too long for the embedding server. They were sent in parts, whose vectors were averaged."""
    stale: int = 0
    """Summaries of the index below which something has changed, but too little to write them again."""


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
    """Documents that there will be when the sync that is running (or was interrupted) has finished."""
    waiting: int = 0
    """Documents that the last sync had no time for. A new file counts as one."""
    unwritten: int = 0
    """Summaries that are extractive until the language model can be asked."""
    stale: int = 0
    """Summaries below which something has changed since they were written, but too little to write them again."""
    stale_share: float = 0.0
    """The share of the text below a summary that has changed since it was written: the mean over all summaries."""
    group_tokens: int = 0
    """Mean tokens of the children of a node; at most `tree.group_tokens`."""
