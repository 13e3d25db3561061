"""What a figure was made with: files of models by their hashes, versions of packages."""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from pathlib import Path

from .. import __version__, models
from ..settings import Settings

_PACKAGES = (
    "chromadb",
    "ir-measures",
    "llama-cpp-python",
    "nltk",
    "numpy",
    "onnxruntime",
    "rouge-score",
    "sacrebleu",
    "scikit-learn",
    "sentence-transformers",
    "torch",
    "transformers",
)
_NOT_KNOWN = "not known: it is behind a server, or not on this machine"


def versions() -> dict[str, str]:
    """Versions of ragtree, of Python and of every package that influences the figures."""
    found = {"ragtree": __version__, "python": platform.python_version(), "platform": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def model_hashes(settings: Settings, with_llm: bool) -> dict[str, str]:
    """SHA-256 of the files of the embedder and, `with_llm`, of the language model; keys such as `embedder NAME`."""
    found = {f"embedder {settings.embed.model}": _hash(models.embedder_files(settings.embed))}
    if with_llm and settings.llm.model != "none":
        found[f"language model {settings.llm.model}"] = _hash(models.chat_model_files(settings.llm))
    return found


def _hash(path: Path | None) -> str:
    """The hash of a file; or of a folder, of the names and contents of all its files."""
    if path is None:
        return _NOT_KNOWN
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    total = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
        if path.is_file():
            return digest.hexdigest()
        total.update(f"{file.relative_to(path).as_posix()} {digest.hexdigest()}\n".encode())
    return total.hexdigest()
