"""`ragtree verify FOLDER`"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from .common import opened, place, place_options


@click.command("verify")
@place_options
def command(folder: Path, index: Path | None, flags: tuple[str, ...], embedder: str | None, llm: str | None) -> None:
    """Check the index of FOLDER: every node, span and source, and Chroma's copy."""
    where = replace(place(folder, index, flags, embedder, llm), sync=False)
    with opened(where, create=False) as tree:
        faults = tree.verify()
        nodes = sum(tree.stats().levels)
    for fault in faults:
        click.echo(fault)
    click.echo(f"{nodes} nodes, {len(faults)} faults")
    if faults:
        click.echo("mend them with: ragtree repair " + str(folder), err=True)
        raise click.exceptions.Exit(1)
