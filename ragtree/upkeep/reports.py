"""Nouns of an index's upkeep: what a purge did, and what was read out of a damaged catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What a purge took away, what is left, and what it looked at to be sure."""

    dropped: Mapping[str, int]
    """Entries that were taken away, by what they are."""
    left: Mapping[str, int]
    """Entries that are there now, by what they are."""
    rewritten: tuple[str, ...]
    """Files and folders of the index that were written anew, without anything that is gone."""
    bytes_before: int
    bytes_after: int
    files: int
    """Files of the index whose bytes were searched afterwards."""
    words: int
    """Rare words of the removed texts that were searched for, in small letters and escaped as JSON does, too."""
    found: tuple[str, ...]
    """What was found all the same, a sentence each; none where the purge did what it is for."""
    seconds: float = 0.0

    @property
    def freed(self) -> int:
        """Bytes that the index is smaller by."""
        return self.bytes_before - self.bytes_after


@dataclass(frozen=True, slots=True)
class SalvageReport:
    """What could be read out of a damaged catalog."""

    fault: str
    """What was wrong with it."""
    kept: Mapping[str, int]
    """Entries that the new catalog has, by what they are."""
    tree: bool
    """True where the whole tree is there; else the next sync grows it, from the caches as far as they go."""
    read_again: tuple[str, ...]
    """Documents of the folder that the next sync reads again."""
    put_together: tuple[str, ...]
    """Documents of an application of which the passages are left: white space and pages may be others."""
    vectors_lost: int
    """Vectors that the next sync embeds again."""
    damaged: str
    """Where the damaged file is kept. `ragtree purge` deletes it."""
