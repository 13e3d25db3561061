"""All places where models may be -> one inventory. Broken models and unreachable servers are reported, not fatal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ..errors import RagtreeError
from ..model_names import BUNDLED_CHAT_MODEL, BUNDLED_EMBEDDER
from ..models import chat_model_files, embedder_files
from ..settings import EmbedSettings, LlmSettings
from .base import BrokenModel, Found, FoundModel, Inventory
from .gguf_folders import gguf_file, gguf_files, llama_cpp_folder, lm_studio_folders
from .hugging_face import hub_folder, hub_models
from .machine_memory import machine_memory
from .ollama import PLACE, ollama_address, ollama_models
from .safetensors import why_broken
from .suggestions import suggestions

BUNDLED = "bundled"


def find_models(variables: Mapping[str, str], home: Path) -> Inventory:
    """The models on this machine. `variables` are the environment variables. A failing place does not raise."""
    import httpx

    found: list[Found] = [*bundled_models()]
    notices: list[str] = []
    found += hub_models(hub_folder(variables, home))
    for folder in lm_studio_folders(variables, home):
        found += gguf_files(folder, "LM Studio")
    found += gguf_files(llama_cpp_folder(variables, home), "llama.cpp cache")
    address = ollama_address(variables)
    try:
        found += ollama_models(address)
    except (httpx.HTTPError, httpx.InvalidURL, ImportError, OSError, RecursionError, ValueError) as error:
        notices.append(f"no {PLACE} at {address} ({' '.join(str(error).split())[:100] or type(error).__name__})")
    return Inventory(
        models=_once(one for one in found if isinstance(one, FoundModel)),
        broken=tuple(dict.fromkeys(one for one in found if isinstance(one, BrokenModel))),
        notices=tuple(notices),
        suggestions=suggestions(machine_memory().total),
    )


def bundled_models() -> list[Found]:
    """The models of the extra `bundled`, found or broken; one that is not installed is omitted."""
    found: list[Found] = []
    embedder = _path(lambda: embedder_files(EmbedSettings()))
    if embedder is not None:
        weights = embedder / "model.safetensors"
        try:
            reason, size = why_broken(weights), weights.stat().st_size
        except OSError as error:
            reason, size = error.strerror or str(error), 0
        if reason:
            found.append(BrokenModel(str(weights), reason))
        else:
            found.append(FoundModel("embedder", BUNDLED, BUNDLED, size, BUNDLED_EMBEDDER))
    chat = _path(lambda: chat_model_files(LlmSettings()))
    if chat is not None:
        one = gguf_file(chat, BUNDLED, BUNDLED)
        if isinstance(one, FoundModel):
            found.append(FoundModel("llm", BUNDLED, BUNDLED, one.bytes, BUNDLED_CHAT_MODEL))
        elif one is not None:
            found.append(BrokenModel(one.path, one.reason))
    return found


def _path(find: Callable[[], Path | None]) -> Path | None:
    try:
        return find()
    except RagtreeError:
        return None


def _once(models: Iterable[FoundModel]) -> tuple[FoundModel, ...]:
    """The models without repeated names, in the order of their places."""
    return tuple({(one.use, one.name): one for one in models}.values())
