"""Files embedded in an Office file. They are read in place if their format is known."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ...errors import LoadError
from ...settings import LoadSettings
from ..base import Loaded
from ..held import EMBEDDED, Told
from .outline import Outline
from .package import Package

Read: TypeAlias = Callable[[bytes, str, LoadSettings], Loaded]
"""Reads the bytes of a file by its name; raises LoadError, and nothing else."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Reads the parts of a package that are files themselves."""

    package: Package
    limits: LoadSettings
    told: Told
    read: Read | None
    """None within an embedded file: files in it are reported, not read."""

    def insert(self, part: str, outline: Outline, title: str = "") -> None:
        """Insert the text of an embedded file below the current headings, or a notice if it cannot be read."""
        name = posixpath.basename(part)
        try:
            loaded = self.read(self.package.read(part), name, self.limits) if self.read is not None else None
        except LoadError:
            loaded = None
        if loaded is None or not loaded.text.strip():
            self.told.add(EMBEDDED, name)
            return
        outline.add(title)
        outline.insert(loaded)
        self.told.pass_on(name, loaded.notices)
