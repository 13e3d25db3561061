"""`ragtree tree FOLDER`"""

from __future__ import annotations

from pathlib import Path

import click

from .common import bring_up_to_date, no_sync_option, notice, opened, place, place_options
from .output import show_tree


@click.command("tree")
@place_options
@click.option("--depth", type=click.IntRange(min=1), default=3, show_default=True, help="Levels from the top.")
@click.option("--export", type=click.Path(path_type=Path), help="Write FILE.json or FILE.graphml instead.")
@no_sync_option
def command(
    folder: Path,
    index: Path | None,
    flags: tuple[str, ...],
    embedder: str | None,
    llm: str | None,
    depth: int,
    export: Path | None,
    no_sync: bool,
) -> None:
    """Show the tree of FOLDER like a table of contents."""
    where = place(folder, index, flags, embedder, llm, no_sync)
    with opened(where, create=True) as tree:
        bring_up_to_date(tree, where)
        nodes = tree.nodes()
        if export is None:
            show_tree(nodes, depth)
            return
        from ..grow.graph import export as write

        write(nodes, export)
        notice(f"{len(nodes)} nodes written to {export}")
