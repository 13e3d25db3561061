"""What `ragtree serve` and `ragtree mcp` share: their options, and the folders to serve."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import Decorator, model_options

if TYPE_CHECKING:
    from ..serve.collections import ServedFolder


def with_folders(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command FOLDER..., --from, --copy, --index, --set, --embedder, --llm and --watch, and pass them to it as
    `served` (the folders, and what was published) and `watch`."""

    @wraps(command)
    def run(
        folders: tuple[Path, ...],
        places: tuple[str, ...],
        copy: Path | None,
        index: Path | None,
        flags: tuple[str, ...],
        embedder: str | None,
        llm: str | None,
        **rest: Any,
    ) -> None:
        if not folders and not places:
            raise click.UsageError("name a FOLDER, or with --from where an index is published")
        if places and rest.get("write"):
            raise click.UsageError("what --from names is only read; leave out --write")
        said = [f"{name}={value}" for name, value in (("embed.model", embedder), ("llm.model", llm)) if value]
        flags = (*flags, *said)
        command(served=[*_served(folders, index, flags), *_published(places, copy, flags)], **rest)

    watching = "Follow the folders (the default), or leave the indexes as they are."
    options: tuple[Decorator, ...] = (
        click.option("--watch/--no-watch", default=True, help=watching),
        *model_options(),
        click.option(
            "--index", type=click.Path(path_type=Path), help="The index of a single FOLDER (FOLDER/.ragtree)."
        ),
        click.option(
            "--copy",
            type=click.Path(path_type=Path),
            help="The folder for local copies of what --from names (the user's cache).",
        ),
        click.option(
            "--from",
            "places",
            multiple=True,
            metavar="PLACE",
            help="Serve the index published at s3://BUCKET/PREFIX, or in a folder, and follow it; repeatable.",
        ),
        click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="FOLDER..."),
    )
    made: Callable[..., None] = run
    for option in options:
        made = option(made)
    return made


def _served(folders: Sequence[Path], index: Path | None, flags: tuple[str, ...]) -> list[ServedFolder]:
    """The folders with their indexes and settings. Raises an error for a folder that cannot be served."""
    from ..configuration import collect_settings
    from ..errors import NothingToIndexError, SettingsError
    from ..serve.collections import ServedFolder

    if index is not None and len(folders) > 1:
        raise click.UsageError("--index is for a single FOLDER")
    served = []
    for folder in folders:
        if not folder.is_dir():
            raise NothingToIndexError(f"{folder} is not a folder")
        if index is not None and index.resolve() == folder.resolve():
            raise SettingsError(f"--index {index} is the folder itself; name another place")
        served.append(ServedFolder(folder, index or folder / ".ragtree", collect_settings(folder, os.environ, flags)))
    return served


def _published(places: Sequence[str], copy: Path | None, flags: tuple[str, ...]) -> Iterator[ServedFolder]:
    """What was published, each with a folder for its local copy."""
    from ..configuration import collect_settings
    from ..embed.derived_models import cache_folder
    from ..serve.collections import ServedFolder

    for place in places:
        name = place.rstrip("/").rpartition("/")[2] or "published"
        key = hashlib.sha256(place.encode()).hexdigest()[:16]
        folder = (copy or cache_folder().with_name("published")) / key
        yield ServedFolder(folder / "files" / name, folder, collect_settings(None, os.environ, flags), published=place)
