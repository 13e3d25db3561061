"""The methods that maintain an index: check it, rewrite its mirrors, recover a damaged catalog, purge."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from ..indexing.mirrors import Mirrors
from ..settings import Settings
from ..store.access import IndexAccess
from ..store.catalog import Catalog
from ..store.write_ahead import is_ahead
from ..types import OnProgress, no_progress
from .purging import purge
from .reports import PurgeReport, SalvageReport
from .salvaging import salvage
from .verify import faults_of

_PATIENCE = 10.0
_STEP = 0.2


class Maintenance(Protocol):
    """The part of `RagTree` that maintains an index."""

    path: Path
    settings: Settings
    _catalog: Catalog
    _mirrors: Mirrors
    _access: IndexAccess
    _turn: AbstractContextManager[object]

    def _writing(self) -> AbstractContextManager[None]: ...

    def _check_open(self) -> None: ...

    def verify(self) -> list[str]:
        """The faults of the tree and of its mirrors in Chroma and the lexical index, one sentence each; empty if sound.

        Waits for a running sync, but at most some seconds for one in another process.
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
        """Rewrite Chroma and the lexical index from the catalog, without any model. Returns the number of nodes."""
        with self._writing():
            self._mirrors.rewrite(progress)
            return sum(self._catalog.level_sizes())

    def purge(self, progress: OnProgress = no_progress) -> PurgeReport:
        """Remove every byte of removed texts from the index's folder, in all stores and caches.

        Chroma, the lexical index and the catalog's file are rewritten, which needs as much disk space again meanwhile.
        Their bytes are searched for rare words of what was removed, and the report says what was found.

        If Chroma is a server, its records are deleted and written again, and then all of them are read and searched.
        Its files are its own: it may keep bytes of deleted records in them.
        """
        with self._writing():
            return purge(self.path, self._catalog, self._mirrors, progress)

    @staticmethod
    def salvage(path: str | Path, folder: str | Path | None = None) -> SalvageReport | None:
        """Recover what can be read from the damaged catalog of the index at `path`, without any model. None if it is
        sound. `folder` shows which documents can be read again. `repair` and `sync` do the rest.
        """
        return salvage(Path(path), Path(folder) if folder is not None else None)
