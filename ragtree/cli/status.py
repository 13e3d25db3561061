"""`ragtree status FOLDER`"""

from __future__ import annotations

import click

from .common import Place, at_place, ignored_line, left_over, opened


@click.command("status")
@at_place
def command(where: Place) -> None:
    """Say what the index of FOLDER holds, and what has changed since."""
    with opened(where, create=False) as tree:
        stats = tree.stats()
        plan = tree.plan(where.folder, measure=False)
    levels = " + ".join(str(count) for count in stats.levels) or "0"
    rows = {
        "index": f"{stats.path}, {stats.bytes_on_disk / 1e6:.1f} MB",
        "documents": str(stats.documents),
        "nodes": f"{levels} (leaves first), {stats.tokens} tokens in the leaves",
        "embedder": f"{stats.embedder}, {stats.dimension} dimensions",
        "summaries": stats.summarizer.split("/")[0] or "none yet",
    }
    if left := left_over(stats.waiting, stats.unwritten):
        rows["left over"] = left
    for name, value in rows.items():
        click.echo(f"{name:<11}{value}")
    changes = [
        *(f"added      {key}" for key in plan.added),
        *(f"changed    {key}" for key in plan.changed),
        *(f"renamed    {old} -> {new}" for old, new in plan.renamed),
        *(f"removed    {key}" for key in plan.removed),
    ]
    click.echo(f"{'since then':<11}{'nothing has changed' if not changes else ''}".rstrip())
    for line in (*changes, *(f"skipped    {skipped.source}: {skipped.reason}" for skipped in plan.skipped)):
        click.echo(f"  {line}")
    if plan.ignored:
        click.echo(f"  {ignored_line(plan)}")
