"""Purges an index: afterwards, no byte of what was removed is left in its folder."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ..indexing.mirrors import Mirrors
from ..store.base import node_to_json
from ..store.catalog import Catalog
from ..store.index_files import PUBLISHING, VIEWS
from ..store.raw_search import search_folder
from ..store.tree_change import TreeChange, placed
from ..store.unused import drop_unused, entries, removed_words, words_in_tree
from ..types import Claim, Evidence, Node, OnProgress, Span, no_progress
from .reports import PurgeReport

_WORDS = 40
"""Most words that are searched for in the files."""
_TRIED = 400
"""Most words, the longest first, that are checked for whether they still occur in the catalog."""
QUESTIONS = "questions.history"


def purge(folder: Path, catalog: Catalog, mirrors: Mirrors, progress: OnProgress = no_progress) -> PurgeReport:
    """Delete what no current document needs, rewrite all stores, and search their bytes for words of what was removed.

    If the process is killed at any point, the index still opens, and the next purge does it all. Needs disk space for a
    second index meanwhile.
    """
    started, before = time.monotonic(), size_of(folder)
    words = rare_words(catalog)
    dropped = drop_unused(catalog)
    mirrors.rewrite(progress)
    catalog.compact()
    dropped |= _removed_files(folder)
    searched = search_folder(folder, words)
    found = [f"{path.relative_to(folder)} still holds {word!r}" for path, word in searched.found]
    found += _others(catalog, mirrors)
    found += _records(catalog, mirrors, words) if mirrors.server else ()
    return PurgeReport(
        dropped={kind: count for kind, count in dropped.items() if count},
        left={
            **entries(catalog),
            "leaves in Chroma": mirrors.store.size(leaves=True),
            "summaries in Chroma": mirrors.store.size(leaves=False),
            "leaves in the lexical index": mirrors.words.size(leaves=True),
            "summaries in the lexical index": mirrors.words.size(leaves=False),
        },
        rewritten=("catalog.sqlite", "records on the Chroma server" if mirrors.server else "chroma", "lexical"),
        bytes_before=before,
        bytes_after=size_of(folder),
        files=searched.files,
        words=len(words),
        found=tuple(found),
        seconds=time.monotonic() - started,
        server=mirrors.server,
    )


def rare_words(catalog: Catalog) -> list[str]:
    """The longest words of removed texts that are neither in current content nor in every index (`own_words`)."""
    ordered = sorted(removed_words(catalog), key=lambda word: (-len(word), word))[:_TRIED]
    rare: list[str] = []
    for start in range(0, len(ordered), _WORDS):
        part = set(ordered[start : start + _WORDS])
        rare += sorted(part - words_in_tree(catalog, part))
        if len(rare) >= _WORDS:
            break
    own = own_words(rare) if rare else set()
    return [word for word in rare if word not in own][:_WORDS]


def own_words(words: Collection[str]) -> set[str]:
    """Those of the words that occur in any index, even a nearly empty one: names of tables, fields and settings."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        catalog = Catalog(folder / "catalog.sqlite")
        mirrors = Mirrors(folder, catalog, lambda: "auto")
        try:
            leaf = Node("0", 0, "0", 1, "0", document_id="0", source="0", span=Span(0, 1), metadata={"title": "0"})
            claim = Claim("0", (Evidence("0", Span(0, 1)),), 1.0)
            root = Node("1", 1, "0", 1, "0", ("0",), (claim,), kind="collection", made="extractive")
            vectors = {b"0": np.ones(2, dtype=np.float32)}
            catalog.change(TreeChange(placed([leaf, root], [b"0", b"0"]), (), vectors))
            mirrors.rewrite()
            return {word for _, word in search_folder(folder, words).found}
        finally:
            mirrors.close()
            catalog.close()


def size_of(folder: Path) -> int:
    """The bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _others(catalog: Catalog, mirrors: Mirrors) -> list[str]:
    """Nodes in the mirrors that are gone. Compressed files hide words from a search of their bytes, so this asks for
    ids."""
    ids = {row[0] for row in catalog.rows("SELECT id FROM nodes")}
    found = [f"the lexical index has node {key}, which is gone" for key in sorted(mirrors.words.ids() - ids)]
    stored = mirrors.store.size(leaves=True) + mirrors.store.size(leaves=False)
    return found if stored == len(ids) else [*found, f"Chroma has {stored} nodes, the catalog {len(ids)}"]


def _records(catalog: Catalog, mirrors: Mirrors, words: Collection[str]) -> Iterator[str]:
    """Read every record of a Chroma server, and yield those that are gone, or hold a word of what was removed."""
    ids = {row[0] for row in catalog.rows("SELECT id FROM nodes")}
    for node in mirrors.store.nodes():
        if node.id not in ids:
            yield f"the Chroma server has node {node.id}, which is gone"
        text = node_to_json(node).lower()
        yield from (f"node {node.id} on the Chroma server still holds {word!r}" for word in words if word in text)


def _removed_files(folder: Path) -> dict[str, int]:
    """Delete files that are made again when needed, or that may quote what is gone. Returns their numbers, by kind."""
    kinds = {
        "files of mapped vectors": folder.glob("vectors/*"),
        "files of questions that were asked": folder.glob(QUESTIONS + "*"),
        "damaged catalogs that were kept": folder.glob("catalog.sqlite.*"),
    }
    shutil.rmtree(folder / PUBLISHING, ignore_errors=True)  # of a publish that was killed
    counts = {"views": _removed_views(folder / VIEWS)}
    for kind, paths in kinds.items():
        found = list(paths)
        for path in found:
            path.unlink()
        counts[kind] = len(found)
    return counts


def _removed_views(folder: Path) -> int:
    """Delete the indexes that were copied from this one, and may hold what was removed from it. The next `ragtree
    serve` copies them again."""
    views = list(folder.iterdir()) if folder.is_dir() else []
    for view in views:
        shutil.rmtree(view)
    return len(views)
