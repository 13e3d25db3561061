"""The mirrors of an index that several processes share: Chroma is a server, the lexical index is in the folder."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import IndexUnreachableError
from ..settings import StoreSettings
from ..store.base import NodeStore, WordIndex
from ..store.catalog import Catalog
from ..store.chroma_server import ServedStore
from ..store.index_files import IndexFiles
from ..store.lexical_index import LexicalIndex
from ..store.owner import Owner, new_copy, owner_of
from ..store.replaceable import ReplaceableStore
from ..store.swapping import begin_swap, finish_swap
from ..store.write_ahead import taken_back
from ..types import OnProgress, no_progress
from .mirrors import Mirrors
from .outbox import repair_on_open, write_all


class SharedMirrors(Mirrors):
    """A process that may write brings both in line with the catalog; others read them as they are."""

    def __init__(
        self,
        files: IndexFiles,
        catalog: Catalog,
        language: Callable[[], str],
        server: StoreSettings,
        may_write: Callable[[], bool],
    ) -> None:
        super().__init__(files.folder, catalog, language)
        self._files = files
        self._folder = files.folder
        self._server = server
        self._may_write = may_write
        self._served: ServedStore | None = None
        self._is_mended = False

    @property
    def store(self) -> NodeStore:
        """Chroma. Raises IndexUnreachableError if its server cannot be reached or holds another index."""
        with self._turn:
            served, writes = self._connected(), self._may_write()
            if writes and not self._is_mended:
                served.make_missing()
                self._take(served)
                repair_on_open(self._catalog, served, self.words)
                self._is_mended = True
            elif self._store is None:
                self._check(served, owner_of(self._catalog))
            self._store = self._store or ReplaceableStore(served)
            return self._store

    @property
    def words(self) -> WordIndex:
        """The lexical index; an empty one as long as no process that may write has made it."""
        with self._turn:
            if self._may_write():
                return super().words
            if self._words is None and not (self._lexical / "leaves" / "meta.json").is_file():
                return LexicalIndex(None)
            if self._words is None:
                self._words = self._files.words(self._language())
            return self._words

    @property
    def server(self) -> str:
        with self._turn:
            return self._connected().url

    def reload(self) -> None:
        """Take in what another process has written since, and finish it if that was interrupted."""
        with self._turn:
            self._is_mended, self._words = False, None
            _ = self.store

    def rewrite(self, progress: OnProgress = no_progress) -> None:
        """Write both from the catalog. The server's records are replaced, so searches do without them meanwhile."""
        with self._turn:
            served = self._connected()
            served.make_missing()
            if served.owner() is not None:
                self._refuse_another(served, owner_of(self._catalog))
            self._catalog.mark_all_unstored()
            taken_back(self._catalog)
            served.clear()
            served.claim(new_copy(self._catalog))
            words = self._opened_words(begin_swap(self._lexical))
            write_all(self._catalog, served, words, progress)
            words.close()
            finish_swap(self._lexical)
            self._words, self._is_mended = None, True
            self._catalog.mark_in_line()
            taken_back(self._catalog)

    def close(self) -> None:
        """Close the connection to the server."""
        with self._turn:
            super().close()
            if self._served is not None:
                self._served.close()
                self._served = None

    def _connected(self) -> ServedStore:
        if self._served is None:
            self._served = ServedStore(self._server, create=self._may_write())
        return self._served

    def _take(self, served: ServedStore) -> None:
        mine = owner_of(self._catalog)
        self._refuse_another(served, mine)
        self._claim(served, mine)

    def _refuse_another(self, served: ServedStore, mine: Owner) -> None:
        theirs = served.owner()
        if theirs is not None and theirs.index != mine.index:
            raise IndexUnreachableError(
                f"the Chroma server at {served.url} holds another index ({theirs.index}), not {self._folder} "
                f"({mine.index or 'which is new'}); give this one its own database (store.url = {served.url}#NAME), or "
                "start a server for it with: ragtree serve-store FOLDER"
            )

    def _check(self, served: ServedStore, mine: Owner) -> None:
        self._refuse_another(served, mine)
        if served.owner() != mine:
            raise IndexUnreachableError(
                f"the Chroma server at {served.url} does not hold the current state of {self._folder}; bring it in "
                "line from a process that may write: ragtree index FOLDER"
            )
