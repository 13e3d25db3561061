"""The reports of maintenance: what a purge did, and what was recovered from a damaged catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What a purge deleted, what is left, and what it searched to be sure."""

    dropped: Mapping[str, int]
    """The number of deleted entries, by kind."""
    left: Mapping[str, int]
    """The number of entries now, by kind."""
    rewritten: tuple[str, ...]
    """Files and folders of the index that were rewritten without anything that is gone."""
    bytes_before: int
    bytes_after: int
    files: int
    """The number of files of the index whose bytes were searched afterwards."""
    words: int
    """The number of rare words of removed texts that were searched for, in any case, and also as JSON escapes them."""
    found: tuple[str, ...]
    """What was found all the same, one sentence each; empty if the purge succeeded."""
    seconds: float = 0.0
    server: str = ""
    """The address of the Chroma server. Its records were deleted, written again and read, but its files not searched.
    Empty if Chroma's files are in the folder of the index."""

    @property
    def freed(self) -> int:
        """The number of bytes by which the index has become smaller."""
        return self.bytes_before - self.bytes_after


@dataclass(frozen=True, slots=True)
class SalvageReport:
    """What could be recovered from a damaged catalog."""

    fault: str
    """What was wrong with it."""
    kept: Mapping[str, int]
    """The number of entries in the new catalog, by kind."""
    tree: bool
    """True if the whole tree was recovered; otherwise the next sync builds it, from the caches as far as possible."""
    read_again: tuple[str, ...]
    """Documents of the folder that the next sync reads again."""
    put_together: tuple[str, ...]
    """Documents of an application that were put together from their chunks: white space and pages may differ."""
    vectors_lost: int
    """The number of vectors that the next sync embeds again."""
    damaged: str
    """Where the damaged file is kept. `ragtree purge` deletes it."""
