"""The pictures in a file of another format: the text in them, and what a model says of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from ...errors import LoadError
from ...settings import LoadSettings
from ...types import described_spans
from ..base import Loaded
from ..endings import is_picture
from ..format_contents import FIGURES_LATER, LATER, NoticeCollector
from .outline import Outline

Read: TypeAlias = Callable[[bytes, str, LoadSettings], Loaded]
"""Reads the bytes of a file by its name; raises only LoadError."""


class Seen(NamedTuple):
    """A block of text about a picture."""

    text: str
    described: bool = False
    """True for what a model says of it."""


@dataclass(slots=True)
class Pictures:
    """Reads the pictures of one file, each where it is first shown."""

    limits: LoadSettings
    told: NoticeCollector
    read: Read | None
    """None within an embedded file: pictures in it are not read."""
    _known: set[str] = field(default_factory=set)

    def blocks(self, name: str, data: Callable[[], bytes]) -> list[Seen]:
        """The text in a picture, and what a model says of it. `name` tells it from the other pictures of the file."""
        file = posixpath.basename(name)
        if self.read is None or name in self._known or not is_picture(file):
            return []
        self._known.add(name)
        try:
            loaded = self.read(data(), file, self.limits)
        except LoadError as error:  # most pictures have no text
            tell_waiting(self.told, file, [error.reason])
            return []
        tell_waiting(self.told, file, loaded.notices)
        return list(_blocks(loaded))

    def add(self, name: str, data: Callable[[], bytes], outline: Outline, page: int | None = None) -> None:
        """Add these blocks to an outline."""
        for seen in self.blocks(name, data):
            outline.add(seen.text, page=page, described=seen.described)


def _blocks(loaded: Loaded) -> Iterator[Seen]:
    described = described_spans(loaded.text, loaded.marks)
    at, said = 0, ""
    for start, end in described:
        said += loaded.text[at:start]
        at = end
    said = (said + loaded.text[at:]).strip()
    if said:
        yield Seen(f"Text in a picture: {said}")
    for span in described:
        yield Seen(span.of(loaded.text).strip(), described=True)


def tell_waiting(told: NoticeCollector, name: str, notices: Iterable[str]) -> None:
    """Report of a picture what waits for the next sync, with the reason if there is one."""
    for what in (LATER, FIGURES_LATER):
        found = next((notice for notice in notices if f"{what}: " in notice), "")
        if found:
            reason = re.search(r"\((.*)\)", found.partition(f"{what}: ")[2])
            told.add(what, name if what == LATER or reason is None else f"{name}: {reason[1]}")
