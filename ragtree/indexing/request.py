"""What a sync is asked for, and what it tells of its commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..settings import Settings
from ..store.tree_change import TreeChange
from ..types import OnProgress, no_progress
from .methods import Builders
from .spending import Spending


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """One sync: what it is made with, and what it may cost."""

    settings: Settings
    builders: Builders
    spending: Spending
    embedder: str
    """The name of the embedder in the index."""
    refresh: bool = False
    """Write summaries again below which anything has changed."""
    unfinished: bool = True
    """Ask the language model for what it has yet to write."""
    progress: OnProgress = no_progress


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a sync tells of its commits."""

    announce: Callable[[TreeChange], None]
    """Told of a change right before it is made."""
    committed: Callable[[], None]
    """Told after every commit: the mirrors follow."""
