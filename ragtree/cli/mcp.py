"""`ragtree mcp FOLDER...`"""

from __future__ import annotations

from pathlib import Path

import click

from .served import model_flags, served_folders


@click.command("mcp")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER...")
@click.option(
    "--index", type=click.Path(path_type=Path), help="Where the index of a single FOLDER is (FOLDER/.ragtree)."
)
@click.option("--set", "flags", multiple=True, metavar="STAGE.FIELD=VALUE", help="Any setting; repeatable.")
@click.option("--embedder", metavar="NAME", help="bundled, a Hugging Face id, a folder or URL#model.")
@click.option("--llm", metavar="NAME", help="bundled, FILE.gguf, hf:owner/repo/file.gguf, URL#model or none.")
@click.option(
    "--watch/--no-watch", default=True, help="Follow the folders (the default), or leave the indexes as they are."
)
@click.option("--write", is_flag=True, help="Let the client add and remove documents of the index.")
def command(
    folders: tuple[Path, ...],
    index: Path | None,
    flags: tuple[str, ...],
    embedder: str | None,
    llm: str | None,
    watch: bool,
    write: bool,
) -> None:
    """Serve folders to one agent, over standard input and output. Agents start this command themselves."""
    from ..errors import MissingExtraError

    try:
        from ..serve.mcp.stdio import run
    except ImportError as error:
        raise MissingExtraError(f"what `ragtree mcp` needs ({error.name})", "serve") from None
    served = served_folders(folders, index, (*flags, *model_flags(embedder, llm)))
    run(served, watch=watch, write=write)
