"""Describes a format: how its datasets are recognised, read from files, and read from the Hub."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..base import Dataset


@dataclass(frozen=True, slots=True)
class Split:
    """A part of a dataset, and the counts that were published; None if unknown."""

    name: str
    documents: int | None = None
    questions: int | None = None
    edition: str = ""
    """Which of several datasets of one format: `2.0`, `Full`, `scifact`. Empty if there is only one."""


@dataclass(frozen=True, slots=True)
class HubName:
    """`owner/name` on the Hub, and the configuration if there are several. `owner/*` means all datasets of an owner."""

    name: str
    config: str | None = None

    def __str__(self) -> str:
        return f"hf:{self.name}:{self.config}" if self.config else f"hf:{self.name}"


@dataclass(frozen=True, slots=True)
class Format:
    """A format in which datasets are published."""

    name: str
    """The name on a command line."""
    title: str
    """The name in its paper."""
    source: str
    """Paper and address."""
    hub: tuple[HubName, ...]
    """Where it is on the Hub in files that need no script."""
    splits: tuple[Split, ...]
    default: str
    """The split that is opened if there are several and none is named."""
    recognises: Callable[[Path], bool]
    """True if a file or folder looks like this format. Reads only its beginning."""
    read: Callable[[Path, str | None], Dataset]
    """A file or folder, and a split -> the dataset. Raises DatasetError."""
    read_hub: Callable[[HubName, str | None], Dataset]
    """A name on the Hub, and a split -> the dataset. Raises DatasetError and MissingExtraError."""
