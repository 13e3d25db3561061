"""GGUF files in the folders of programs that download them: LM Studio and llama.cpp."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..text_files import read_text
from .base import BrokenModel, Found, FoundModel
from .gguf import GgufHead, read_head, why_broken

_UNFINISHED = (".part", ".incomplete", ".downloadInProgress", ".download", ".tmp")
_SPLIT = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)
_EMBEDDERS = frozenset(
    {"bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "t5encoder"}
)
_MOST_FILES = 10_000
"""A folder with more files is not a folder of models, and the rest of it is not searched."""


def lm_studio_folders(variables: Mapping[str, str], home: Path) -> list[Path]:
    """The model folders of LM Studio: the one in its settings, and the defaults of its newer and older versions."""
    folders = [home / ".lmstudio" / "models", home / ".cache" / "lm-studio" / "models"]
    settings = home / ".lmstudio" / "settings.json"
    try:
        named = json.loads(read_text(settings)).get("downloadsFolder")
    except (OSError, ValueError, AttributeError):
        named = None
    return [*([Path(named)] if isinstance(named, str) and named else []), *folders]


def llama_cpp_folder(variables: Mapping[str, str], home: Path) -> Path:
    """The folder to which the programs of llama.cpp download models."""
    if variables.get("LLAMA_CACHE"):
        return Path(variables["LLAMA_CACHE"])
    if sys.platform == "win32":
        return Path(variables.get("LOCALAPPDATA") or home / "AppData" / "Local") / "llama.cpp"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "llama.cpp"
    return Path(variables.get("XDG_CACHE_HOME") or home / ".cache") / "llama.cpp"


def gguf_files(folder: Path, place: str) -> Iterator[Found]:
    """The models in and below a folder, including broken ones."""
    for count, path in enumerate(_files(folder)):
        if count >= _MOST_FILES:
            return
        if ".gguf" in path.name.lower() and path.name.endswith(_UNFINISHED):
            yield BrokenModel(str(path), "its download is incomplete")
        elif path.suffix.lower() == ".gguf":
            found = gguf_file(path, str(path), place)
            if found is not None:
                yield found


def gguf_file(path: Path, name: str, place: str) -> Found | None:
    """The model in one file, under `name`; None for a file that is not a model by itself.

    A model in several files is listed under its first one. An embedding model counts as broken: only a server runs it.
    """
    split = _SPLIT.search(path.name)
    if split and int(split.group(1)) != 1:
        return None
    parts = _parts(path) if split else [path]
    try:
        missing = [part.name for part in parts if not part.is_file()]
        if missing:
            return BrokenModel(str(path), f"{missing[0]} is missing")
        head, *others = [read_head(part) for part in parts]
        reasons = [
            reason for part, one in zip(parts, (head, *others), strict=True) if (reason := why_broken(part, one))
        ]
        size = sum(part.stat().st_size for part in parts)
    except (OSError, ValueError) as error:
        return BrokenModel(str(path), (isinstance(error, OSError) and error.strerror) or str(error))
    if reasons:
        return BrokenModel(str(path), f"{reasons[0]}; delete it and download it again")
    if head.architecture == "clip" or path.name.lower().startswith("mmproj"):
        return None  # the vision part of another model
    if head.architecture in _EMBEDDERS:
        return BrokenModel(str(path), "an embedding model; run it with llama-server --embeddings, and name that server")
    return FoundModel("llm", str(path) if split else name, place, size, _about(head))


def _about(head: GgufHead) -> str:
    context = f", {head.context} tokens of context" if head.context else ""
    return f"{head.architecture}{context}"


def _parts(first: Path) -> list[Path]:
    """All files of a model that is split into several."""
    split = _SPLIT.search(first.name)
    if split is None:
        return [first]
    stem, count = first.name[: split.start()], int(split.group(2))
    return [first.with_name(f"{stem}-{number:05}-of-{count:05}.gguf") for number in range(1, min(count, 1000) + 1)]


def _files(folder: Path) -> Iterator[Path]:
    """Files below a folder, sorted. Folders that cannot be listed are skipped."""
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            yield Path(root) / name
