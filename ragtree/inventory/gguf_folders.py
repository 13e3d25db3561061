"""GGUF files in the folders of programs that fetch them: LM Studio and llama.cpp."""

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
"""A folder with more is not one of models, and is not walked to its end."""


def lm_studio_folders(variables: Mapping[str, str], home: Path) -> list[Path]:
    """Where LM Studio keeps models: the folder that its settings name, and those of its older and newer versions."""
    folders = [home / ".lmstudio" / "models", home / ".cache" / "lm-studio" / "models"]
    settings = home / ".lmstudio" / "settings.json"
    try:
        named = json.loads(read_text(settings)).get("downloadsFolder")
    except (OSError, ValueError, AttributeError):
        named = None
    return [*([Path(named)] if isinstance(named, str) and named else []), *folders]


def llama_cpp_folder(variables: Mapping[str, str], home: Path) -> Path:
    """Where llama.cpp keeps what its programs fetch."""
    if variables.get("LLAMA_CACHE"):
        return Path(variables["LLAMA_CACHE"])
    if sys.platform == "win32":
        return Path(variables.get("LOCALAPPDATA") or home / "AppData" / "Local") / "llama.cpp"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "llama.cpp"
    return Path(variables.get("XDG_CACHE_HOME") or home / ".cache") / "llama.cpp"


def gguf_files(folder: Path, place: str) -> Iterator[Found]:
    """The models in a folder and below it, and those that are broken."""
    for count, path in enumerate(_files(folder)):
        if count >= _MOST_FILES:
            return
        if ".gguf" in path.name.lower() and path.name.endswith(_UNFINISHED):
            yield BrokenModel(str(path), "it is not fetched whole")
        elif path.suffix.lower() == ".gguf":
            found = gguf_file(path, str(path), place)
            if found is not None:
                yield found


def gguf_file(path: Path, name: str, place: str) -> Found | None:
    """The model of one file, under `name`; None for what is no model by itself.

    Of a model in several files the first is named. An embedding model is broken here: it runs behind a server only.
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
        return BrokenModel(str(path), f"{reasons[0]}; delete it, and get it again")
    if head.architecture == "clip" or path.name.lower().startswith("mmproj"):
        return None  # the eyes of another model
    if head.architecture in _EMBEDDERS:
        return BrokenModel(str(path), "an embedding model: serve it (llama-server --embeddings), and name the server")
    return FoundModel("llm", str(path) if split else name, place, size, _about(head))


def _about(head: GgufHead) -> str:
    context = f", {head.context} tokens of context" if head.context else ""
    return f"{head.architecture}{context}"


def _parts(first: Path) -> list[Path]:
    """All files of a model that is split over several."""
    split = _SPLIT.search(first.name)
    if split is None:
        return [first]
    stem, count = first.name[: split.start()], int(split.group(2))
    return [first.with_name(f"{stem}-{number:05}-of-{count:05}.gguf") for number in range(1, min(count, 1000) + 1)]


def _files(folder: Path) -> Iterator[Path]:
    """Files below a folder in their order. What cannot be listed is passed over."""
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            yield Path(root) / name
