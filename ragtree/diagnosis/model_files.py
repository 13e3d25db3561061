"""The files of the models that run in this process: the bundled ones, and those that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import RagtreeError
from ..inventory.base import BrokenModel, FoundModel, Use
from ..inventory.find_models import bundled_models
from ..inventory.gguf_folders import gguf_file
from ..inventory.hugging_face import hub_models
from ..models import EMBEDDERS, chat_model_files, embedder_files
from ..settings import LlmSettings, Settings
from .base import Check, error_check, is_server
from .engines import runs_here

_PIP = "pip install 'ragtree[bundled]'"
_AGAIN = "pip install --force-reinstall 'ragtree[bundled]'"


def bundled_checks(settings: Settings) -> Iterator[Check]:
    """The bundled models. A missing one is wrong only if the settings name it."""
    found = bundled_models()
    broken = [one for one in found if isinstance(one, BrokenModel)]
    for one in broken:
        yield Check("bundled models", f"{one.path}: {one.reason}", "wrong", _AGAIN)
    named: dict[Use, str] = {"llm": settings.llm.model, "embedder": settings.embed.model}
    for use, setting in named.items():
        whole = [one for one in found if isinstance(one, FoundModel) and one.use == use]
        for model in whole:
            yield Check(f"bundled {use}", f"{model.about}, {model.bytes / 1e6:.0f} MB, complete")
        if not whole and not broken:
            yield Check(f"bundled {use}", "not installed", "wrong" if setting == "bundled" else "note", _PIP)


def model_file(name: str, hub: Path) -> Path | None:
    """The file of a language model, without downloading it; None if a server runs the model or the file is not here."""
    if name.startswith("hf:"):
        owner, _, rest = name.removeprefix("hf:").partition("/")
        repository, _, file = rest.partition("/")
        return next(iter(hub.glob(f"models--{owner}--{repository}/snapshots/*/{file}")), None) if file else None
    try:
        return chat_model_files(LlmSettings(model=name)) if runs_here(name) else None
    except RagtreeError:
        return None


def named_checks(settings: Settings, hub: Path) -> Iterator[Check]:
    """The model files that the settings name. Nothing is downloaded."""
    name = settings.llm.model
    if name.startswith("hf:"):
        yield _fetched(name, hub)
    elif name != "bundled" and runs_here(name):
        try:
            path = chat_model_files(settings.llm)
        except RagtreeError as error:
            yield error_check("language model", error)
        else:
            found = gguf_file(path, name, "") if path is not None else None
            if isinstance(found, BrokenModel):
                yield Check(
                    "language model",
                    f"{found.path}: {found.reason}",
                    "wrong",
                    "download it again, or see: ragtree models",
                )
            elif found is not None:
                yield Check("language model", f"{name}, {found.bytes / 1e9:.1f} GB, {found.about}")
    embedder = settings.embed.model
    if embedder != "bundled" and not is_server(embedder):
        yield _embedder(settings)


def _fetched(name: str, hub: Path) -> Check:
    for one in hub_models(hub):
        if not isinstance(one, BrokenModel) and one.name == name:
            return Check("language model", f"{name}, {one.bytes / 1e9:.1f} GB, {one.about}")
        if isinstance(one, BrokenModel) and one.path.endswith(name.rpartition("/")[2]):
            return Check(
                "language model", f"{one.path}: {one.reason}", "wrong", "delete the file, and name the model again"
            )
    return Check("language model", f"{name} is not downloaded yet; the first question downloads it", "note")


def _embedder(settings: Settings) -> Check:
    name = settings.embed.model
    if package := EMBEDDERS.package(name.partition(":")[0]):
        return Check("embedder", f"{name}, of the package {package}")
    path = embedder_files(settings.embed)
    if path is None:
        return Check("embedder", f"{name} is not downloaded yet; the first `ragtree index` downloads it", "note")
    weights = [path / file for file in ("model.safetensors", "pytorch_model.bin", "onnx/model.onnx")]
    there = [file for file in weights if file.is_file()] or sorted(path.rglob("*.safetensors"))
    if not there:
        return Check(
            "embedder", f"{path} holds no weights", "wrong", "download the model again, or name another in embed.model"
        )
    return Check("embedder", f"{name}, {sum(file.stat().st_size for file in there) / 1e6:.0f} MB")
