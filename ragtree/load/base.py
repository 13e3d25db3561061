"""The interface of loaders: the bytes of one format -> text with locations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..settings import LoadSettings
from ..types import Block, Mark, Scalar


@dataclass(frozen=True, slots=True)
class Loaded:
    """The text of a file, and where its parts are in the original."""

    text: str
    title: str = ""
    marks: tuple[Mark, ...] = ()
    lines: bool = False
    """True if `text` is the file's own text, so that its lines are the file's lines."""
    metadata: Mapping[str, Scalar] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    """The elements of the layout, for formats that have one (see Document)."""
    notices: tuple[str, ...] = ()
    """What the reader reports about the file, such as parts that it did not read (see held.py)."""


class Loader(Protocol):
    """Reads one family of formats."""

    suffixes: frozenset[str]
    """Endings in lower case, with the dot."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        """Read the bytes of the file `source`. Raises LoadError, whose reason is shown to the user.

        The caller turns any other exception except MemoryError into a LoadError. Loaders run in a process (worker.py)
        that may not write files, start programs or reach the network, and that is ended if it takes too long or too
        much memory. Only small text files are read in the parent process (pool.py).
        """
        ...
