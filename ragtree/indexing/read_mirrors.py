"""The mirrors of a read-only index: the lexical index, and the catalog in place of Chroma."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from ..errors import IndexDamagedError, StoreError
from ..store.base import NodeStore, WordIndex
from ..store.catalog import Catalog
from ..store.index_files import IndexFiles
from ..store.lexical_index import LexicalIndex
from ..types import Node, OnProgress, Vectors, no_progress
from .mirrors import Mirrors
from .projecting import shortened

logger = logging.getLogger(__name__)

_PAGE = 1000


class ReadMirrors(Mirrors):
    """Compares all vectors of the catalog, because Chroma cannot be opened without writing. The results are the same;
    100,000 vectors take some hundredths of a second."""

    is_asked = False

    def __init__(self, files: IndexFiles, catalog: Catalog, language: Callable[[], str]) -> None:
        super().__init__(files.folder, catalog, language)
        self._files = files

    @property
    def store(self) -> NodeStore:
        return CatalogStore(self._catalog)

    @property
    def words(self) -> WordIndex:
        """The lexical index; if it is damaged or missing, one in memory."""
        with self._turn:
            if self._words is None:
                try:
                    self._words = self._files.words(self._language())
                except IndexDamagedError as error:
                    logger.warning("%s; until then the lexical index is built in memory", error)
                    self._words = self._in_memory()
            return self._words

    def rewrite(self, progress: OnProgress = no_progress) -> None:
        raise _read_only()

    def close(self) -> None:
        """Release the files of the lexical index."""
        with self._turn:
            self._words = None

    def _in_memory(self) -> WordIndex:
        words, nodes = LexicalIndex(None, self._language()), self._catalog.nodes()
        for start in range(0, len(nodes), _PAGE):
            words.upsert(nodes[start : start + _PAGE])
        return words


class CatalogStore:
    """The catalog's nodes and vectors as a read-only store."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def upsert(self, nodes: Sequence[Node], vectors: Vectors) -> None:
        raise _read_only()

    def delete(self, ids: Iterable[str]) -> None:
        raise _read_only()

    def clear(self) -> None:
        raise _read_only()

    def get(self, ids: Sequence[str]) -> list[Node]:
        return self._catalog.nodes_of(ids)

    def vectors(self, ids: Sequence[str]) -> Vectors:
        keys = [one.key for one in self._catalog.placed_of(ids)]
        if not keys:
            return np.zeros((0, 0), dtype=np.float32)
        known = self._catalog.get_vectors(keys)
        return shortened(np.stack([known[key] for key in keys]), self._catalog)

    def search(self, vector: Vectors, count: int, leaves: bool) -> list[tuple[str, float]]:
        ids = [node.id for node in self.nodes() if (node.level == 0) == leaves]
        scores = (self.vectors(ids) @ vector).tolist() if ids else []
        return sorted(zip(ids, scores, strict=True), key=lambda pair: (-pair[1], pair[0]))[:count]

    def size(self, leaves: bool) -> int:
        sizes = self._catalog.level_sizes()
        return sizes[0] if leaves and sizes else sum(sizes[1:]) if not leaves else 0

    def nodes(self) -> Iterator[Node]:
        return iter(self._catalog.nodes())

    def close(self) -> None:
        """Nothing to close."""


def _read_only() -> StoreError:
    return StoreError("the index was opened read-only; open it without read_only to change it")
