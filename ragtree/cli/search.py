"""`ragtree search FOLDER "query"`"""

from __future__ import annotations

import click

from .common import (
    CommandTarget,
    as_where,
    bring_up_to_date,
    no_sync_option,
    now_option,
    opened,
    where_option,
    with_target,
)
from .output import hit_fields, show_hits, show_json


@click.command("search")
@with_target
@click.argument("query")
@click.option("-k", "count", type=click.IntRange(min=1), default=10, show_default=True, help="Most hits to show.")
@click.option("--mode", help="How to search (retrieve.mode).")
@where_option
@no_sync_option
@now_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    where: CommandTarget, query: str, count: int, mode: str | None, filters: tuple[str, ...], as_json: bool
) -> None:
    """Find the passages of FOLDER that are nearest to QUERY. Changes in FOLDER are indexed first."""
    asked = as_where(filters)
    with opened(where, create=True, reads=True) as tree:
        bring_up_to_date(tree, where)
        hits = tree.search(query, k=count, mode=mode, where=asked)
        if as_json:
            used = mode or tree.settings.retrieve.mode
            show_json({"query": query, "mode": used, "hits": [hit_fields(hit) for hit in hits]})
        else:
            show_hits(hits)
