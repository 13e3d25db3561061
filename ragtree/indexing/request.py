"""What a sync is asked to do, and whom it tells about its commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..settings import Settings
from ..store.tree_change import TreeChange
from ..types import OnProgress, no_progress
from .builders import Builders
from .spending import Spending
from .workplace import Workplace


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """One sync: what it works with, and what it may cost."""

    settings: Settings
    builders: Builders
    spending: Spending
    embedder: str
    """The name of the embedder, without how the index shortens its vectors."""
    llm: str = ""
    """The name of the language model, if servers run it."""
    refresh: bool = False
    """Rewrite every summary below which anything has changed."""
    unfinished: bool = True
    """Ask the language model again for what it has not written yet."""
    progress: OnProgress = no_progress
    workplace: Workplace | None = None
    """Where the trees of documents are built; None for this process."""


@dataclass(frozen=True, slots=True)
class SyncHooks:
    """What a sync calls before and after its commits."""

    before_commit: Callable[[TreeChange], None]
    """Called with a change right before it is made."""
    after_commit: Callable[[], None]
    """Called after every commit, so that the mirrors follow."""
