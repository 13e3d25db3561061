"""What an index holds, in numbers."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ..reports import Stats
from ..store.catalog import Catalog


def stats_of(path: Path, catalog: Catalog, embedder: str) -> Stats:
    """The numbers of the index in folder `path`. `embedder` is used if the catalog does not name one yet."""
    condition, facts = catalog.condition(), catalog.facts()
    documents = catalog.document_count()
    return Stats(
        path=str(path),
        documents=documents,
        levels=catalog.level_sizes(),
        kinds=catalog.kind_sizes(),
        tokens=catalog.chunk_tokens(),
        embedder=facts.embedder or embedder,
        dimension=int(facts.dimension or 0),
        summarizer=facts.summarizer,
        found=max(int(facts.found or 0), documents),
        waiting=int(facts.waiting or 0),
        unwritten=int(facts.unwritten or 0),
        stale=condition.stale,
        stale_share=condition.stale_share,
        group_tokens=condition.group_tokens,
        bytes_on_disk=_size_of(path),
    )


def _size_of(folder: Path) -> int:
    """The bytes of all files in a folder. Files that vanish meanwhile are skipped, as a sync may be writing."""
    size = 0
    for file in folder.rglob("*"):
        with suppress(OSError):
            size += file.stat().st_size if file.is_file() else 0
    return size
