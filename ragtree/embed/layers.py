"""Transformers cut down to their first layers (2D Matryoshka, arXiv 2402.14776)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import MissingExtraError, ModelError, SettingsError
from ..processes import PYTORCH


def keep_first_layers(model: Any, count: int) -> None:
    """Remove all layers but the first `count` from a transformers model, in place; 0 keeps all.

    Raises SettingsError if it has fewer, ModelError if its layers cannot be found.
    """
    if not count:
        return
    from torch.nn import ModuleList

    total = int(getattr(model.config, "num_hidden_layers", 0))
    if count > total:
        raise SettingsError(f"embed.model asks for the first {count} layers, but there are {total}; name it alone")
    stacks = [part for part in model.modules() if isinstance(part, ModuleList) and len(part) == total]
    if len(stacks) != 1:
        raise ModelError(f"the layers of a {type(model).__name__} cannot be found; name it alone in embed.model")
    del stacks[0][count:]
    model.config.num_hidden_layers = count


def load_transformer(path: Path, layers: int) -> Any:
    """The transformers model of a folder in float32, with its first `layers` layers (0: all), ready to run.

    Raises MissingExtraError, ModelError.
    """
    PYTORCH.use()
    try:
        from transformers import AutoModel
    except ImportError as error:
        raise MissingExtraError("transformers, which reads a model's weights,", "local") from error
    from .sentence_transformer import _no_bars

    try:
        with _no_bars():
            # Eager attention: the form that ONNX Runtime can fuse.
            model = AutoModel.from_pretrained(path, attn_implementation="eager", local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(f"the embedder {path} could not be loaded ({reason})") from error
    keep_first_layers(model, layers)
    return model.float().eval()
