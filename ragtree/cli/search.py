"""`ragtree search FOLDER "query"`"""

from __future__ import annotations

from pathlib import Path

import click

from .common import bring_up_to_date, no_sync_option, opened, place, place_options
from .output import hit_fields, show_hits, show_json


@click.command("search")
@place_options
@click.argument("query")
@click.option("-k", "count", type=click.IntRange(min=1), default=10, show_default=True, help="Most hits.")
@click.option("--mode", help="leaves, collapsed or traverse (retrieve.mode).")
@no_sync_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    folder: Path,
    index: Path | None,
    flags: tuple[str, ...],
    embedder: str | None,
    llm: str | None,
    query: str,
    count: int,
    mode: str | None,
    no_sync: bool,
    as_json: bool,
) -> None:
    """Find the passages of FOLDER that are nearest to QUERY."""
    where = place(folder, index, flags, embedder, llm, no_sync)
    with opened(where, create=True) as tree:
        bring_up_to_date(tree, where)
        hits = tree.search(query, k=count, mode=mode)
        if as_json:
            used = mode or tree.settings.retrieve.mode
            show_json({"query": query, "mode": used, "hits": [hit_fields(hit) for hit in hits]})
        else:
            show_hits(hits)
