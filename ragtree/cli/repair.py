"""`ragtree repair FOLDER`"""

from __future__ import annotations

from dataclasses import replace

import click

from .common import Place, at_place, opened, progress_bars


@click.command("repair")
@at_place
def command(where: Place) -> None:
    """Write Chroma's part of the index of FOLDER anew, without a call to a model."""
    where = replace(where, sync=False)
    with opened(where, create=False) as tree, progress_bars() as progress:
        click.echo(f"{tree.repair(progress)} nodes written")
