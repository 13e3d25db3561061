"""The commits of a sync: documents batch by batch, then the tree above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..configuration import remembered
from ..store.catalog import Catalog
from ..store.documents import StoredDocument
from ..store.file_records import FileRecord
from ..store.tree_change import TreeChange
from .collection import CollectionBuilder
from .projecting import Projecting
from .request import SyncHooks, SyncRequest
from .tree_changes import without_tree_above

_FIRST_THEMES = 64
_MORE_THEMES = 4
"""During the first build, the collection tree is built at `_FIRST_THEMES` documents, and again whenever there are
`_MORE_THEMES` times as many."""
UNFINISHED = "\nunfinished"
"""Appended to the fingerprint of a document that has to be built again because contexts of its chunks are missing."""


class Commits:
    """Writes to the catalog, announces each commit, and keeps the tree above the documents in line."""

    def __init__(self, catalog: Catalog, request: SyncRequest, hooks: SyncHooks) -> None:
        self._catalog = catalog
        self._request = request
        self._builders = request.builders
        self._hooks = hooks
        self._projecting = Projecting(catalog, request.settings.embed, request.embedder)
        self._themes_at = 0

    def write(
        self,
        change: TreeChange,
        written: Sequence[StoredDocument],
        removed: Sequence[str],
        files: Sequence[FileRecord],
    ) -> None:
        """Commit documents with their part of the tree, and mark the tree above them as behind."""
        facts, above = self._catalog.facts(), self._builders.above
        wanted = above.fingerprint if above is not None else ""
        if not isinstance(above, CollectionBuilder) or facts.collection != wanted:
            change = without_tree_above(self._catalog, change)
        known = {"behind": "yes", "settings": remembered(self._request.settings), "llm": self._request.llm}
        if not facts.first_build:
            known["first_build"] = "yes"
        if facts.collection != wanted:
            known["collection"] = ""
        if facts.built != self._builders.fingerprint:
            known["built"] = ""
        self._make(change, known, written, removed, files)

    def _make(
        self,
        change: TreeChange,
        known: Mapping[str, str],
        written: Sequence[StoredDocument] = (),
        removed: Sequence[str] = (),
        files: Sequence[FileRecord] = (),
    ) -> None:
        projected = self._projecting.after(change)
        self._hooks.before_commit(change)
        self._catalog.change(change, written, removed, {**known, **projected.facts}, files, all_anew=projected.all_anew)
        self._hooks.after_commit()

    # --- the tree above

    def themes_on_the_way(self) -> None:
        """Build the tree above if, during the first build, so many documents have come that they need themes."""
        if self._catalog.facts().first_build != "yes" or not isinstance(self._builders.above, CollectionBuilder):
            return
        count, least = self._catalog.document_count(), _FIRST_THEMES
        while least * _MORE_THEMES <= count:
            least *= _MORE_THEMES
        if count >= least > self._themes_at:
            self._themes_at = least
            self._update_above(whole=True)

    def _update_above(self, whole: bool) -> None:
        above = self._builders.above
        if above is None:
            return
        change = above.update(whole, self._request.refresh, self._request.progress)
        self._make(change, {"collection": above.fingerprint, "behind": ""})

    def finish(self, left: int) -> None:
        """Bring the tree above in line with the documents if it is behind. `left` is how many documents wait for the
        next sync."""
        facts, above = self._catalog.facts(), self._builders.above
        wanted = above.fingerprint if above is not None else ""
        other = facts.collection != wanted
        if above is None:
            if facts.behind or other:
                change = without_tree_above(self._catalog, TreeChange())
                self._make(change, {"collection": "", "behind": ""})
        elif facts.behind or other or self._has_open_themes():
            self._update_above(whole=other or facts.first_build == "yes")
        unbuilt, _ = to_build_again(self._catalog, self._builders.fingerprint)
        unwritten = self._builders.summarizer.unwritten
        if not self._request.unfinished:
            unwritten += int(facts.unwritten or 0)
        self._catalog.set_facts(
            {
                **({} if left else {"first_build": "no"}),
                **({"behind": "yes"} if unbuilt else {"built": self._builders.fingerprint}),
                "waiting": str(left),
                "unwritten": str(unwritten),
                "found": "",
                "summarizer": self._builders.summarizer.fingerprint,
                "settings": remembered(self._request.settings),
                "llm": self._request.llm,
            }
        )

    def _has_open_themes(self) -> bool:
        """True if themes have to be written again although nothing below them has changed."""
        if self._request.refresh and self._catalog.condition().stale:
            return True
        return self._request.unfinished and self._catalog.unfinished_themes()


def to_build_again(catalog: Catalog, fingerprint: str) -> tuple[set[str], set[str]]:
    """Return the ids of documents that were built with other settings, and of those for which the language model has
    yet to write something."""
    otherwise = set(catalog.built_otherwise(fingerprint))
    lacking = otherwise.difference(catalog.built_otherwise(fingerprint + UNFINISHED))
    return otherwise - lacking, lacking | catalog.unfinished_documents()
