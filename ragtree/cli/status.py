"""`ragtree status FOLDER`"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from .changes import as_time, history_fields, show_history
from .common import CommandTarget, ignored_line, left_over, notice, opened, with_target
from .output import counted, show_json

if TYPE_CHECKING:
    from ..reports import Plan, Stats
    from ..tree import RagTree


@click.command("status")
@with_target
@click.option("--since", callback=as_time, metavar="DATE", help="Show what has changed in the index since then.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def command(where: CommandTarget, since: datetime | None, as_json: bool) -> None:
    """Show what the index of FOLDER holds, and what has changed in FOLDER since."""
    with opened(where, create=False, reads=True) as tree:
        if since is not None:
            history = tree.history(since)
            show_json(history_fields(history)) if as_json else show_history(history)
            return
        stats = tree.stats()
        plan = _plan(tree, where)
    if as_json:
        names = ("added", "changed", "renamed", "removed", "unchanged", "skipped", "notices", "ignored")
        fields = asdict(plan) if plan is not None else None
        then = None if fields is None else {name: fields[name] for name in names}
        show_json({**asdict(stats), "since then": then})
        return
    documents = str(stats.documents)
    if stats.documents < stats.found:
        documents += f" of {stats.found}; the next `ragtree index` continues"
    rows = {
        "index": f"{stats.path}, {stats.bytes_on_disk / 1e6:.1f} MB",
        "documents": documents,
        "tree": _kinds(stats),
        "embedder": f"{stats.embedder}, {stats.dimension} dimensions",
        "summaries": stats.summarizer.split("/")[0] or "none yet",
    }
    if stats.stale:
        rows["stale"] = (
            f"{stats.stale} summaries, because text below them has changed since they were written "
            f"({stats.stale_share:.1%} of the text below all); `ragtree index --refresh` rewrites them"
        )
    if left := left_over(stats.waiting, stats.unwritten):
        rows["left over"] = left
    for name, value in rows.items():
        click.echo(f"{name:<11}{value}")
    if plan is None:
        return
    changes = [
        *(f"added      {key}" for key in plan.added),
        *(f"changed    {key}" for key in plan.changed),
        *(f"renamed    {old} -> {new}" for old, new in plan.renamed),
        *(f"removed    {key}" for key in plan.removed),
    ]
    click.echo(f"{'since then':<11}{'nothing has changed' if not changes else ''}".rstrip())
    gaps = [f"skipped    {skipped.source}: {skipped.reason}" for skipped in plan.skipped]
    gaps += [f"in part    {notice.source}: {notice.text}" for notice in plan.notices]
    for line in (*changes, *gaps):
        click.echo(f"  {line}")
    if plan.ignored:
        click.echo(f"  {ignored_line(plan)}")


def _kinds(stats: Stats) -> str:
    """The numbers of the tree's nodes by kind, from the top down."""
    kinds = ("theme", "document", "section", "chunk")
    counts = [counted(stats.kinds[kind], kind) for kind in kinds if stats.kinds.get(kind)]
    return f"{', '.join(counts) or 'nothing yet'}; {counted(stats.tokens, 'token')} of text"


def _plan(tree: RagTree, where: CommandTarget) -> Plan | None:
    """What a sync would do; None if the index is read-only, or if another process is syncing it."""
    from ..errors import IndexLockedError

    if tree.read_only:
        return None
    try:
        return tree.plan(where.source, measure=False)
    except IndexLockedError as error:
        notice(f"what has changed since then cannot be shown: {error}")
        return None
