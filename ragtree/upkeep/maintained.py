"""What keeps an index in order: checking it, rewriting its mirrors, reading out what is damaged, purging."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from ..errors import StoreError
from ..indexing.mirrors import Mirrors
from ..settings import Settings
from ..store.access import Access
from ..store.ahead import is_ahead
from ..store.catalog import Catalog
from ..types import OnProgress, no_progress
from .purging import purge
from .reports import PurgeReport, SalvageReport
from .salvaging import salvage
from .verify import faults_of

_PATIENCE = 10.0
_STEP = 0.2


class Maintained(Protocol):
    """The part of an index's object that maintains it."""

    path: Path
    settings: Settings
    _catalog: Catalog
    _mirrors: Mirrors
    _access: Access
    _turn: AbstractContextManager[object]

    def _writing(self) -> AbstractContextManager[None]: ...

    def _check_open(self) -> None: ...

    def verify(self) -> list[str]:
        """The faults of the tree, and of its mirrors in Chroma and the lexical index, a sentence each; none is good.

        A sync that runs meanwhile is waited for, in another process for some seconds.
        """
        ends = time.monotonic() + _PATIENCE
        with self._turn:
            self._check_open()
            while True:
                before = self._catalog.facts().state
                found = faults_of(self._catalog, self._mirrors.store, self._mirrors.words, self.settings.tree)
                changing = before != self._catalog.facts().state or self._catalog.pending() or is_ahead(self._catalog)
                if not (found and changing and self._access.shared) or time.monotonic() > ends:
                    return found
                time.sleep(_STEP)

    def repair(self, progress: OnProgress = no_progress) -> int:
        """Write Chroma and the lexical index anew from the catalog, without any model. Returns how many nodes."""
        with self._writing():
            self._mirrors.write_anew(progress)
            return sum(self._catalog.level_sizes())

    def purge(self, progress: OnProgress = no_progress) -> PurgeReport:
        """Make removal physical: no byte of a removed text is left in the index's folder, in no store and no cache.

        Chroma, the lexical index and the catalog's file are written anew, which takes as much room again meanwhile;
        their bytes are searched for rare words of what was removed, and the report tells what was found.

        Raises StoreError where Chroma is a server, which has its files to itself.
        """
        if self._access.shared:
            raise StoreError(
                "a purge rewrites Chroma's files, and a server has them; end it, and purge without store.url"
            )
        with self._writing():
            return purge(self.path, self._catalog, self._mirrors, progress)

    @staticmethod
    def salvage(path: str | Path, folder: str | Path | None = None) -> SalvageReport | None:
        """Read what can be read out of the damaged catalog of the index at `path`, without any model; None where it is
        sound. `folder` tells which documents can be read again. `repair` and `sync` do the rest.
        """
        return salvage(Path(path), Path(folder) if folder is not None else None)
