"""Files embedded in an Office file. They are read in place if their format is known."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...errors import LoadError
from ...settings import LoadSettings
from ..format_contents import EMBEDDED, NoticeCollector
from .markup import attribute, name
from .outline import Outline
from .package import Package, Relation
from .pictures import Pictures, Read, Seen


@dataclass(frozen=True, slots=True)
class Embedded:
    """Reads the parts of a package that are files themselves."""

    package: Package
    limits: LoadSettings
    collector: NoticeCollector
    read: Read | None
    """None within an embedded file: files in it are reported, not read."""
    pictures: Pictures

    def insert(self, part: str, outline: Outline, title: str = "") -> None:
        """Insert the text of an embedded file below the current headings, or a notice if it cannot be read."""
        file = posixpath.basename(part)
        try:
            loaded = self.read(self.package.read(part), file, self.limits) if self.read is not None else None
        except LoadError:
            loaded = None
        if loaded is None or not loaded.text.strip():
            self.collector.add(EMBEDDED, file)
            return
        outline.add(title)
        outline.insert(loaded)
        self.collector.pass_on(file, loaded.notices)

    def in_pictures(self, element: Any, relations: Mapping[str, Relation]) -> list[Seen]:
        """What is in the pictures that an element of a document, slide or drawing shows."""
        found = []
        for blip in element.iter():
            relation = relations.get(attribute(blip, "embed")) if name(blip) == "blip" else None
            if relation is not None:
                found += self.pictures.blocks(relation.part, partial(self.package.read, relation.part))
        return found
