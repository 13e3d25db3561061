"""`ragtree purge FOLDER`"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from .common import CommandTarget, bring_up_to_date, no_sync_option, notice, opened, progress_bars, with_target

if TYPE_CHECKING:
    from ..tree import RagTree


@click.command("purge")
@with_target
@no_sync_option
def command(where: CommandTarget) -> None:
    """Erase every byte of what was removed from FOLDER in its index: in stores, caches and questions."""
    with opened(where, create=False) as tree:
        bring_up_to_date(tree, where)
        purge_and_tell(tree)


def purge_and_tell(tree: RagTree) -> None:
    """Purge, and say what was dropped, left and searched. The exit status is 1 if something is found afterwards."""
    with progress_bars() as progress:
        report = tree.purge(progress)
    click.echo(f"dropped: {_counted(report.dropped) or 'nothing'}")
    click.echo(f"rewritten: {', '.join(report.rewritten)}")
    click.echo(f"left: {_counted(report.left)}")
    click.echo(
        f"{report.freed / 1e6:.1f} MB freed, {report.bytes_after / 1e6:.1f} MB left, in {report.seconds:.1f} s"
        if report.freed >= 0
        else f"{report.bytes_after / 1e6:.1f} MB left, in {report.seconds:.1f} s"
    )
    if report.words:
        click.echo(f"searched: the bytes of {report.files} files for {report.words} rare words of what was removed")
    else:
        click.echo("searched: nothing, because no text with a word of its own was removed since the last purge")
    if report.server:
        click.echo(
            f"read: every record on the Chroma server {report.server}, but not its files, which may keep bytes of "
            "deleted records"
        )
    for line in report.found:
        click.echo(f"found: {line}")
    if report.found:
        without = "; for files of the index's own Chroma, end its server, and purge without store.url"
        notice(
            "something is left in the places named above. Run `ragtree purge` again, and then `ragtree verify`"
            + without * bool(report.server)
        )
        raise click.exceptions.Exit(1)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())
