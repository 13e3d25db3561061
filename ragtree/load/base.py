"""What a loader is: bytes of one format -> text with locations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..settings import LoadSettings
from ..types import Block, Mark, Scalar


@dataclass(frozen=True, slots=True)
class Loaded:
    """The text of a file, and where its parts stand in the original."""

    text: str
    title: str = ""
    marks: tuple[Mark, ...] = ()
    lines: bool = False
    """True where `text` is the file's own text, so that its lines are the file's lines."""
    metadata: Mapping[str, Scalar] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    """The elements of the layout, for formats that have one (see Document)."""
    notices: tuple[str, ...] = ()
    """What the file holds and the text does not (see Told)."""


class Loader(Protocol):
    """Reads one family of formats."""

    suffixes: frozenset[str]
    """Endings in lower case, with the dot."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        """Read the bytes of the file `source`. Raises LoadError with a reason for a list.

        Anything else that a parser raises is turned into a LoadError by the caller. It runs in a process
        (worker.py) that may not write files, start programs or reach the network, and that is ended where it takes
        too long, too much memory, or crashes.
        """
        ...
