"""`ragtree verify FOLDER`"""

from __future__ import annotations

from dataclasses import replace

import click

from .common import CommandTarget, notice, opened, with_target


@click.command("verify")
@with_target
def command(where: CommandTarget) -> None:
    """Check the index of FOLDER: every node, span and source, and Chroma's copy."""
    where = replace(where, sync=False)
    with opened(where, create=False, reads=True) as tree:
        faults = tree.verify()
        nodes = sum(tree.stats().levels)
        if tree.read_only:
            notice("Chroma was not checked: it cannot be opened without writing")
    for fault in faults:
        click.echo(fault)
    click.echo(f"{nodes} nodes, {len(faults)} faults")
    if faults:
        click.echo("repair them with: ragtree repair " + where.source, err=True)
        raise click.exceptions.Exit(1)
