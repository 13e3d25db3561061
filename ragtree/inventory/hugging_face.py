"""Models in the cache of huggingface_hub, read without that package (huggingface.co/docs/huggingface_hub, "Cache").

A repository is a folder `models--OWNER--NAME` with `blobs/` and, for each revision, `snapshots/REVISION/`, whose files
are links to blobs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from .base import BrokenModel, Found, FoundModel
from .gguf_folders import gguf_file
from .safetensors import why_broken

PLACE = "Hugging Face cache"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin", "onnx/model.onnx")


def hub_folder(variables: Mapping[str, str], home: Path) -> Path:
    """The folder of the cache."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if variables.get(name):
            return _expanded(variables[name])
    if variables.get("HF_HOME"):
        return _expanded(variables["HF_HOME"]) / "hub"
    return Path(variables.get("XDG_CACHE_HOME") or home / ".cache") / "huggingface" / "hub"


def _expanded(path: str) -> Path:
    """Not `Path.expanduser`, which raises for a user without a home."""
    return Path(os.path.expanduser(path))  # noqa: PTH111


def hub_models(folder: Path) -> Iterator[Found]:
    """GGUF files and sentence-transformers models in the cache."""
    try:
        repositories = sorted(path for path in folder.iterdir() if path.name.startswith("models--"))
    except OSError:
        return
    for repository in repositories:
        yield from _of_repository(repository)


def _of_repository(repository: Path) -> Iterator[Found]:
    name = repository.name.removeprefix("models--").replace("--", "/", 1)
    snapshot = _snapshot(repository)
    files = sorted(_below(snapshot)) if snapshot is not None else []
    known = False
    for path in files if snapshot is not None else ():
        assert snapshot is not None
        if path.suffix.lower() == ".gguf":
            inside = path.relative_to(snapshot).as_posix()
            found = gguf_file(path, f"hf:{name}/{inside}", PLACE)
            known = True
            if found is not None:
                yield found
    if snapshot is not None and (snapshot / "modules.json").is_file():
        known = True
        yield _embedder(name, snapshot)
    unfinished = sorted((repository / "blobs").glob("*.incomplete"))
    if unfinished and (known or not files):
        yield BrokenModel(str(unfinished[0]), f"the download of {name} is incomplete; naming the model continues it")


def _embedder(name: str, snapshot: Path) -> Found:
    weights = [snapshot / file for file in _WEIGHTS if os.path.lexists(snapshot / file)]
    weights += sorted(snapshot.glob("model-*-of-*.safetensors"))
    if not weights:
        return BrokenModel(str(snapshot), f"{name} has no weights here; naming the model downloads them")
    try:
        for path in weights:
            reason = why_broken(path) if path.suffix == ".safetensors" else ""
            if reason:
                return BrokenModel(str(path), f"{reason}; delete it and name the model again")
        size = sum(path.stat().st_size for path in weights)
    except OSError as error:
        return BrokenModel(str(snapshot), f"{name}: {error.strerror or error}; delete {snapshot.parent.parent}")
    return FoundModel("embedder", name, PLACE, size)


def _snapshot(repository: Path) -> Path | None:
    """The revision that `main` names, or else the latest download."""
    try:
        named = repository / "snapshots" / (repository / "refs" / "main").read_text(encoding="ascii").strip()
        if named.is_dir() and named.parent.name == "snapshots":
            return named
    except (OSError, ValueError):
        pass
    try:
        found = sorted((repository / "snapshots").iterdir(), key=lambda path: path.stat().st_mtime)
    except OSError:
        return None
    return found[-1] if found else None


def _below(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root) / name for name in names)
