"""Models that are made of other models (exported, quantized, distilled) and kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..errors import ModelError


def cache_folder() -> Path:
    """Where this platform wants caches: XDG_CACHE_HOME or ~/.cache, ~/Library/Caches, %LOCALAPPDATA%."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "ragtree" / "models"


def made_once(model: Path, recipe: str, make: Callable[[Path], None], cache: Path) -> Path:
    """The folder with what `make` writes into an empty one; it is made where the cache does not have it.

    It is found again for the same `recipe` as long as no file of the folder `model` has changed. Another process that
    makes the same at the same time does no harm. Raises ModelError where the cache cannot be written.
    """
    made = cache / _key(model, recipe)
    if made.is_dir():
        return made
    try:
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix="making-", dir=cache))
    except OSError as error:
        raise ModelError(
            f"a model cannot be kept in {cache} ({error.strerror}); make that folder writable, or use "
            "embed.backend=torch, which keeps nothing"
        ) from error
    try:
        make(unfinished)
        try:
            unfinished.rename(made)  # whole or not at all
        except OSError:
            if not made.is_dir():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return made


def _key(model: Path, recipe: str) -> str:
    """By the files' names, sizes and times: to read all weights at every start would take longer than to load them."""
    total = hashlib.sha256(f"{recipe}\0{model.resolve()}".encode("utf-8", "surrogatepass"))
    for file in sorted(path for path in model.rglob("*") if path.is_file()):
        facts = file.stat()
        total.update(f"\0{file.relative_to(model).as_posix()}\0{facts.st_size}\0{facts.st_mtime_ns}".encode())
    return total.hexdigest()[:32]
