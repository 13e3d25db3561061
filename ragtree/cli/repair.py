"""`ragtree repair FOLDER`"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from .common import CommandTarget, notice, opened, progress_bars, with_target

if TYPE_CHECKING:
    from ..upkeep.reports import SalvageReport

_MOST_NAMED = 10


@click.command("repair")
@with_target
def command(where: CommandTarget) -> None:
    """Repair the index of FOLDER without calling a model: recover a damaged catalog, and rewrite everything else."""
    from ..tree import RagTree

    where = replace(where, sync=False)
    report = RagTree.salvage(where.index_path, where.folder) if where.index_path.is_dir() else None
    if report is not None:
        _tell(report)
    with opened(where, create=False) as tree, progress_bars() as progress:
        if report is not None and (report.vectors_lost or not report.tree):
            notice(f"to complete the index, run: ragtree index {where.folder}")
        else:
            click.echo(f"{tree.repair(progress)} nodes written")


def _tell(report: SalvageReport) -> None:
    kept = ", ".join(f"{count} {name}" for name, count in report.kept.items())
    click.echo(f"the catalog was damaged ({report.fault}); recovered from it and from Chroma: {kept}")
    if not report.tree:
        click.echo("the tree has gaps: the next sync fills them, and asks the models only for what is lost")
    if report.vectors_lost:
        click.echo(f"{report.vectors_lost} vectors are lost; the next sync embeds them again")
    for name, ids in (("to be read again", report.read_again), ("put together from passages", report.put_together)):
        if ids:
            more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
            click.echo(f"{name}: {', '.join(ids[:_MOST_NAMED])}{more}")
    notice(f"the damaged file is kept as {report.damaged}")
