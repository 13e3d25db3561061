"""What an index holds, in numbers."""

from __future__ import annotations

from pathlib import Path

from ..reports import Stats
from ..store.catalog import Catalog
from ..store.condition import read_condition


def stats_of(path: Path, catalog: Catalog, embedder: str) -> Stats:
    """The numbers of the index in folder `path`; `embedder` stands where the catalog does not know of any yet."""
    condition = read_condition(catalog)
    return Stats(
        path=str(path),
        documents=len(catalog.records()),
        levels=catalog.level_sizes(),
        tokens=catalog.leaf_tokens(),
        embedder=catalog.meta("embedder") or embedder,
        dimension=int(catalog.meta("dimension") or 0),
        summarizer=catalog.meta("summarizer") or "",
        waiting=int(catalog.meta("waiting") or 0),
        unwritten=int(catalog.meta("unwritten") or 0),
        stale=condition.stale,
        stale_share=condition.stale_share,
        drift=condition.drift,
        group_tokens=condition.group_tokens,
        bytes_on_disk=sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
    )
