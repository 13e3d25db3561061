"""Models that are made from other models (exported, quantized, distilled) and kept in the user's cache folder."""

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
    """Our folder in the platform's cache folder: XDG_CACHE_HOME or ~/.cache, ~/Library/Caches, %LOCALAPPDATA%."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "ragtree" / "models"


def derived_model(model: Path, recipe: str, make: Callable[[Path], None], cache: Path) -> Path:
    """The folder of a made model in the cache. If it is missing, `make` is called to fill an empty folder.

    It is found again for the same `recipe` as long as no file of the folder `model` has changed. Several processes may
    make the same model at the same time. Raises ModelError if the cache cannot be written.
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
            unfinished.rename(made)  # atomic: the folder is complete or not there
        except OSError:
            if not made.is_dir():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return made


def _key(model: Path, recipe: str) -> str:
    """A hash of the files' names, sizes and times: hashing all weights at each start would take longer than loading."""
    total = hashlib.sha256(f"{recipe}\0{model.resolve()}".encode("utf-8", "surrogatepass"))
    for file in sorted(path for path in model.rglob("*") if path.is_file()):
        facts = file.stat()
        total.update(f"\0{file.relative_to(model).as_posix()}\0{facts.st_size}\0{facts.st_mtime_ns}".encode())
    return total.hexdigest()[:32]
