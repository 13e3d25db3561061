"""Files embedded in an Office file. They are read in place if their format is known."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ...errors import LoadError
from ...settings import LoadSettings
from ..base import Loaded
from ..held import EMBEDDED, LATER, Told, is_for_later
from .image import SUFFIXES
from .markup import attribute, name
from .outline import Outline
from .package import Package, Relation

Read: TypeAlias = Callable[[bytes, str, LoadSettings], Loaded]
"""Reads the bytes of a file by its name; raises only LoadError."""


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
        file = posixpath.basename(part)
        try:
            loaded = self.read(self.package.read(part), file, self.limits) if self.read is not None else None
        except LoadError:
            loaded = None
        if loaded is None or not loaded.text.strip():
            self.told.add(EMBEDDED, file)
            return
        outline.add(title)
        outline.insert(loaded)
        self.told.pass_on(file, loaded.notices)

    def texts_in_pictures(self, element: Any, relations: Mapping[str, Relation]) -> list[str]:
        """The recognized texts of the pictures that an element of a document or slide shows."""
        if self.read is None:
            return []
        found = []
        for blip in element.iter():
            relation = relations.get(attribute(blip, "embed")) if name(blip) == "blip" else None
            if relation is None or posixpath.splitext(relation.part)[1].lower() not in SUFFIXES:
                continue
            try:
                loaded = self.read(self.package.read(relation.part), posixpath.basename(relation.part), self.limits)
            except LoadError as error:  # most pictures have no text
                if is_for_later(error.reason):
                    self.told.add(LATER, posixpath.basename(relation.part))
                continue
            found.append(f"Text in a picture: {loaded.text.strip()}")
        return found
