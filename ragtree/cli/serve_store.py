"""`ragtree serve-store FOLDER`"""

from __future__ import annotations

import click

from .common import CommandTarget, notice, with_target


@click.command("serve-store")
@with_target
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets other machines connect.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
def command(where: CommandTarget, host: str, port: int) -> None:
    """Serve the index's Chroma until Ctrl-C, so that several processes can share the index."""
    from ..indexing.index_parts import index_folder
    from ..store.serving import serve

    folder = index_folder(where.index_path, create=where.folder.is_dir())

    def ready(address: str) -> None:
        notice(f"serving {folder}; use it with --set store.url={address} or RAGTREE_STORE_URL={address}")

    serve(folder, host, port, ready)
    notice("the server has ended")
