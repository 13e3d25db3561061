"""`ragtree mcp FOLDER...`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .served import with_folders

if TYPE_CHECKING:
    from ..serve.collections import ServedFolder


@click.command("mcp")
@with_folders
@click.option("--write", is_flag=True, help="Let the client add and remove documents of the index.")
def command(
    served: list[ServedFolder],
    watch: bool,
    write: bool,
) -> None:
    """Serve folders to one agent, over standard input and output. Agents start this command themselves."""
    from ..errors import MissingExtraError

    try:
        from ..serve.mcp.stdio import run
    except ImportError as error:
        raise MissingExtraError(f"what `ragtree mcp` needs ({error.name})", "serve") from None
    run(served, watch=watch, write=write)
