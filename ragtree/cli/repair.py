"""`ragtree repair FOLDER`"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from .common import opened, place, place_options, progress_bars


@click.command("repair")
@place_options
def command(folder: Path, index: Path | None, flags: tuple[str, ...], embedder: str | None, llm: str | None) -> None:
    """Write Chroma's part of the index of FOLDER anew, without a call to a model."""
    where = replace(place(folder, index, flags, embedder, llm), sync=False)
    with opened(where, create=False) as tree, progress_bars() as progress:
        click.echo(f"{tree.repair(progress)} nodes written")
