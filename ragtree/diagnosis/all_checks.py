"""All checks, one after the other. They change nothing, download nothing, and end within a minute each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..configuration import collect_settings
from ..errors import RagtreeError
from ..inventory.hugging_face import hub_folder
from ..settings import Settings
from .base import Check, Look, error_check, guarded_checks
from .engines import gpu_checks, gpus, llama_checks, runs_here, torch_checks
from .environment import environment_checks
from .index_checks import IndexFacts, index_checks, index_facts
from .machine import disk_checks, memory_checks
from .model_files import bundled_checks, model_file, named_checks
from .packages import package_checks, plugin_checks, python_checks
from .servers import chat_server_checks, chroma_server_checks, embedding_server_checks


def diagnose(
    folder: Path | None, index: Path | None, variables: Mapping[str, str], flags: Iterable[str], home: Path
) -> Iterator[Check]:
    """Yields each check as soon as it is done. Without `folder` and `index`, no index is checked.

    `variables` are the environment variables; `flags` are settings of the form `stage.field=value`.
    """
    try:
        given = collect_settings(folder, variables, flags)
    except RagtreeError as error:
        yield error_check("settings", error)
        given = Settings()
    else:
        where = f" with {folder / 'ragtree.toml'}" if folder is not None and (folder / "ragtree.toml").is_file() else ""
        yield Check("settings", f"valid{where}")
    if folder is not None and not folder.is_dir():
        yield Check("folder", f"{folder} does not exist", "wrong", "name the folder with your documents")
    known = index_facts(index, given) if index is not None else IndexFacts(given)
    for name, look in _looks(index, given, known.settings, known.dimension, variables, home):
        yield from guarded_checks(name, look)


def _looks(
    index: Path | None,
    given: Settings,
    settings: Settings,
    dimension: int,
    variables: Mapping[str, str],
    home: Path,
) -> Iterator[tuple[str, Look]]:
    """The groups of checks, in the order of the report."""
    hub = hub_folder(variables, home)
    gpu = gpus()
    yield "Python", python_checks
    yield "packages", lambda: package_checks(needed_extras(settings))
    yield "plug-ins", plugin_checks
    yield "GPU", lambda: gpu_checks(gpu)
    yield "llama.cpp", lambda: llama_checks(settings, gpu)
    yield "PyTorch", lambda: torch_checks(settings, gpu)
    yield "memory", lambda: memory_checks(model_file(settings.llm.model, hub))
    yield "disk", lambda: disk_checks(index or Path.cwd())
    if index is not None:
        yield "index", lambda: index_checks(index, given)
    yield "bundled models", lambda: bundled_checks(settings)
    yield "models", lambda: named_checks(settings, hub)
    yield "proxies and certificates", lambda: environment_checks(variables)
    yield "chat server", lambda: chat_server_checks(settings.llm)
    yield "embedding server", lambda: embedding_server_checks(settings.embed, dimension)
    yield "Chroma server", lambda: chroma_server_checks(settings.store)


def needed_extras(settings: Settings) -> set[str]:
    """The extras that these settings use."""
    needed = {"bundled"} if "bundled" in (settings.llm.model, settings.embed.model) else set()
    if runs_here(settings.llm.model):
        needed.add("local")
    if settings.embed.backend in ("onnx", "onnx-int8", "static"):
        needed.add(settings.embed.backend.removesuffix("-int8"))
    if settings.tree.cluster == "gmm-umap":
        needed.add("umap")
    return needed
