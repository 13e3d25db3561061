"""`ragtree tree FOLDER`"""

from __future__ import annotations

from pathlib import Path

import click

from .common import CommandTarget, bring_up_to_date, no_sync_option, notice, opened, with_target
from .contents import contents_fields, show_contents
from .output import show_json


@click.command("tree")
@with_target
@click.option("--depth", type=click.IntRange(min=1), help="Levels from the top (all but the passages).")
@click.option("--export", type=click.Path(path_type=Path), help="Write FILE.json or FILE.graphml instead.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@no_sync_option
def command(where: CommandTarget, depth: int | None, export: Path | None, as_json: bool) -> None:
    """Show the tree of FOLDER like a table of contents."""
    with opened(where, create=True, reads=True) as tree:
        bring_up_to_date(tree, where)
        nodes = tree.nodes()
        if export is not None:
            from ..indexing.graph import export as write

            write(nodes, export)
            notice(f"{len(nodes)} nodes written to {export}")
        elif as_json:
            show_json(contents_fields(nodes, depth))
        else:
            show_contents(nodes, depth)
