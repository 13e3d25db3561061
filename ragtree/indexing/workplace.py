"""Where the trees of documents are built: in this process, or on other machines. The catalog is always written here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..load.pool import FileReader
from ..load.recognition.page_cache import PageCache
from ..types import OnProgress
from .builders import Builders
from .document_tree import DocumentTree
from .drafts import DocumentDraft


@dataclass(frozen=True, slots=True)
class Counts:
    """What building some trees has cost, where the builders of this process have not counted it."""

    embedded: int = 0
    cut_texts: int = 0
    summarized: int = 0
    unwritten: int = 0
    left_out: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Built:
    """The trees of a batch of documents, in their order."""

    trees: Sequence[DocumentTree]
    counts: Counts = Counts()


class Workplace(Protocol):
    """Reads files and builds the trees of documents."""

    @property
    def at_once(self) -> int:
        """Batches that it works on at once. This many more may wait."""
        ...

    def build(self, drafts: Sequence[DocumentDraft], progress: OnProgress) -> Callable[[], Built]:
        """Begin to build, and return what waits for the end. That raises ModelError if a model fails for good."""
        ...

    def readers(self, pages: PageCache) -> Sequence[FileReader]:
        """What reads files, each one at a time. `pages` keeps the text of pictures."""
        ...


class Here:
    """This process, which builds when the result is asked for."""

    at_once = 0

    def __init__(self, builders: Builders) -> None:
        self._builders = builders

    def build(self, drafts: Sequence[DocumentDraft], progress: OnProgress) -> Callable[[], Built]:
        def built() -> Built:
            self._builders.vectors.embed_chunks(drafts, progress)
            return Built(self._builders.trees.build(drafts, progress))

        return built
