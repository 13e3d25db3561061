"""`ragtree serve FOLDER...`"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import click

from .common import notice
from .served import at_folders

if TYPE_CHECKING:
    from ..serve.collections import Folder


@click.command("serve")
@at_folders
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Any but this machine's own needs a token.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
@click.option(
    "--name", "names", multiple=True, help="Another host name of this server, as browsers know it; repeatable."
)
@click.option(
    "--token", envvar="RAGTREE_TOKEN", help="What clients have to send. Prefer the environment variable RAGTREE_TOKEN."
)
@click.option("--write", is_flag=True, help="Let clients of MCP add and remove documents of the index.")
def command(
    served: list[Folder],
    host: str,
    port: int,
    names: tuple[str, ...],
    token: str | None,
    watch: bool,
    write: bool,
) -> None:
    """Serve folders until Ctrl-C: a page for browsers, OpenAI's interface at /v1, MCP for agents at /mcp."""
    from ..errors import MissingExtraError

    try:
        from ..serve.app import make_app
        from ..serve.guard import access_for
        from ..serve.running import run
    except ImportError as error:
        raise MissingExtraError(f"what `ragtree serve` needs ({error.name})", "serve") from None
    app = make_app(served, access_for(host, token or "", names), watch=watch, write=write)

    def ready(address: str) -> None:
        notice(f"serving at {address}; press Ctrl-C to stop")

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # what ends a service ends it as Ctrl-C does
    try:
        run(app, host, port, ready)
    finally:
        signal.signal(signal.SIGTERM, before)
    notice("the server has ended")
