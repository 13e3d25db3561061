"""`ragtree index FOLDER`"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from .common import Place, at_place, ignored_line, name_skipped, notice, opened, progress_bars, summary_line


@click.command("index")
@at_place
@click.option("--plan", "only_plan", is_flag=True, help="Say what would be done and what it would cost; do nothing.")
def command(where: Place, only_plan: bool) -> None:
    """Make or renew the index of FOLDER: read, chunk, embed, cluster, summarize."""
    if only_plan:
        _plan(where)
        return
    with opened(where, create=True) as tree:
        with progress_bars() as progress:
            report = tree.sync(where.folder, progress)
        name_skipped(report)
        notice(summary_line(report))


def _plan(where: Place) -> None:
    from tempfile import TemporaryDirectory

    if (where.index_path / "catalog.sqlite").exists():
        with opened(where, create=False) as tree, progress_bars() as progress:
            plan = tree.plan(where.folder, progress)
    else:
        # Without an index everything is new; an empty one beside nothing of the user's tells what that costs.
        with TemporaryDirectory() as empty, opened(replace(where, index=Path(empty)), create=True, quiet=True) as tree:
            plan = tree.plan(where.folder)
    for name, ids in (("add", plan.added), ("change", plan.changed), ("remove", plan.removed)):
        for key in ids:
            click.echo(f"{name:<8}{key}")
    for old, stored in plan.renamed:
        click.echo(f"rename  {old} -> {stored}")
    for skipped in plan.skipped:
        click.echo(f"skip    {skipped.source}: {skipped.reason}")
    if plan.settings_changed:
        click.echo("the settings have changed: the tree is grown anew")
    if plan.ignored:
        click.echo(ignored_line(plan))
    click.echo(
        f"{plan.unchanged} unchanged; {plan.chunks} chunks of {plan.tokens} tokens to embed, "
        f"at most {plan.summaries} groups to summarize"
    )
