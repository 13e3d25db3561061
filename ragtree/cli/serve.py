"""`ragtree serve FOLDER...`"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import notice
from .served import with_folders

if TYPE_CHECKING:
    from ..serve.collections import ServedFolder


@click.command("serve")
@with_folders
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Any address but this machine's own needs a token.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
@click.option(
    "--name", "names", multiple=True, help="Another host name of this server, as browsers know it; repeatable."
)
@click.option(
    "--token",
    envvar="RAGTREE_TOKEN",
    help="The token that clients must send. Prefer the environment variable RAGTREE_TOKEN.",
)
@click.option(
    "--readers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file that says who may see what: for each reader a token, and collections with filters.",
)
@click.option("--together", is_flag=True, help="Serve all folders as one more collection, named all.")
@click.option("--write", is_flag=True, help="Let clients of MCP add and remove documents of the index.")
def command(
    served: list[ServedFolder],
    host: str,
    port: int,
    names: tuple[str, ...],
    token: str | None,
    readers: Path | None,
    together: bool,
    watch: bool,
    write: bool,
) -> None:
    """Serve folders until Ctrl-C: a page for browsers, OpenAI's API at /v1, MCP for agents at /mcp."""
    from ..errors import MissingExtraError

    try:
        from ..serve.app import make_app
        from ..serve.collections import names_of
        from ..serve.guard import access_for
        from ..serve.http_server import run
        from ..serve.readers import read_readers
    except ImportError as error:
        raise MissingExtraError(f"what `ragtree serve` needs ({error.name})", "serve") from None
    folders = [one.path for one in served]
    seeing = read_readers(readers, names_of(folders), folders, os.environ) if readers is not None else ()
    app = make_app(served, access_for(host, token or "", names, seeing), watch=watch, write=write, together=together)

    def ready(address: str) -> None:
        notice(f"serving at {address}; press Ctrl-C to stop")

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service is stopped as by Ctrl-C
    try:
        run(app, host, port, ready)
    finally:
        signal.signal(signal.SIGTERM, before)
    notice("the server has ended")
