"""What `ragtree serve` and `ragtree mcp` share: the folders that they are to serve."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..serve.collections import Folder


def served_folders(folders: Sequence[Path], index: Path | None, flags: tuple[str, ...]) -> list[Folder]:
    """The folders with their indexes and settings. Raises what says that one cannot be served."""
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


def model_flags(embedder: str | None, llm: str | None) -> tuple[str, ...]:
    """What --embedder and --llm say, as settings."""
    said = (("embed.model", embedder), ("llm.model", llm))
    return tuple(f"{name}={value}" for name, value in said if value)
