"""What `ragtree serve` and `ragtree mcp` share: their options, and the folders to serve."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import Decorator, model_options

if TYPE_CHECKING:
    from ..serve.collections import Folder


def at_folders(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command FOLDER..., --index, --set, --embedder, --llm and --watch, and pass them to it as `served` (the
    folders) and `watch`."""

    @wraps(command)
    def run(
        folders: tuple[Path, ...],
        index: Path | None,
        flags: tuple[str, ...],
        embedder: str | None,
        llm: str | None,
        **rest: Any,
    ) -> None:
        said = [f"{name}={value}" for name, value in (("embed.model", embedder), ("llm.model", llm)) if value]
        command(served=_served(folders, index, (*flags, *said)), **rest)

    watching = "Follow the folders (the default), or leave the indexes as they are."
    options: tuple[Decorator, ...] = (
        click.option("--watch/--no-watch", default=True, help=watching),
        *model_options(),
        click.option(
            "--index", type=click.Path(path_type=Path), help="The index of a single FOLDER (FOLDER/.ragtree)."
        ),
        click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER..."),
    )
    made: Callable[..., None] = run
    for option in options:
        made = option(made)
    return made


def _served(folders: Sequence[Path], index: Path | None, flags: tuple[str, ...]) -> list[Folder]:
    """The folders with their indexes and settings. Raises an error for a folder that cannot be served."""
    from ..configuration import gather
    from ..errors import NothingToIndexError, SettingsError
    from ..serve.collections import Folder

    if index is not None and len(folders) > 1:
        raise click.UsageError("--index is for a single FOLDER")
    served = []
    for folder in folders:
        if not folder.is_dir():
            raise NothingToIndexError(f"{folder} is not a folder")
        if index is not None and index.resolve() == folder.resolve():
            raise SettingsError(f"--index {index} is the folder itself; name another place")
        served.append(Folder(folder, index or folder / ".ragtree", gather(folder, os.environ, flags)))
    return served
