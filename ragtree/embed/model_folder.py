"""How a sentence-transformers model is used, read from the files of its folder without loading it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import MissingExtraError, ModelError
from ..text_files import read_text

_PASSAGE_PROMPTS = ("document", "passage", "corpus")
_KNOWN_MODULES = {"Transformer", "Pooling", "Normalize"}


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model whose vectors are the mean of its last layer's token vectors."""

    path: Path
    max_tokens: int
    """Longer texts are cut."""
    lower_case: bool
    """Texts are lower-cased before they are cut into tokens."""
    passage_prompt: str
    question_prompt: str
    """The texts put before a passage and before a question; mostly empty."""

    def tokenizer(self) -> Any:
        """The model's own tokenizer, which truncates at `max_tokens`. Raises MissingExtraError, ModelError."""
        tokenizer = load_tokenizer(self.path)
        tokenizer.enable_truncation(self.max_tokens)
        if self.lower_case:
            from tokenizers.normalizers import Lowercase, Sequence

            own = tokenizer.normalizer
            tokenizer.normalizer = Lowercase() if own is None else Sequence([Lowercase(), own])
        return tokenizer


def read_model_folder(path: Path) -> ModelFolder:
    """Read the folder of a sentence-transformers model, or of a plain transformers model, which counts as mean-pooled.

    Raises ModelError for a model that is not mean-pooled, has further modules, or has no tokenizer.json.
    """
    modules = [str(module.get("type", "")).rpartition(".")[2] for module in _json(path / "modules.json", [])]
    unknown = sorted(set(modules) - _KNOWN_MODULES)
    if unknown:
        raise ModelError(f"the embedder {path} has a part {unknown[0]}, which only embed.backend=torch can run")
    pooling = _json(path / "1_Pooling" / "config.json", {})
    if not _is_mean(pooling):
        raise ModelError(f"the embedder {path} does not pool by the mean, which only embed.backend=torch can run")
    if not (path / "tokenizer.json").is_file():
        raise ModelError(f"the embedder {path} has no tokenizer.json; use embed.backend=torch")
    transformer = _json(path / "sentence_bert_config.json", {})
    prompts: Mapping[str, str] = _json(path / "config_sentence_transformers.json", {}).get("prompts", {})
    return ModelFolder(
        path=path,
        max_tokens=_max_tokens(path, transformer),
        lower_case=bool(transformer.get("do_lower_case")),
        passage_prompt=next((prompts[name] for name in _PASSAGE_PROMPTS if prompts.get(name)), ""),
        question_prompt=prompts.get("query", ""),
    )


def is_static(path: Path) -> bool:
    """True for a folder with a model2vec model."""
    return bool(_json(path / "config.json", {}).get("model_type") == "model2vec")


def load_tokenizer(path: Path) -> Any:
    """The tokenizer of a folder, set to neither truncate nor pad. Raises MissingExtraError, ModelError."""
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingExtraError("tokenizers, which cuts texts into a model's tokens,", "static") from error
    file = path / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises nothing more specific
        raise ModelError(f"{file} cannot be read as a tokenizer ({error})") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _is_mean(pooling: Mapping[str, Any]) -> bool:
    """True for mean pooling, in either notation: `pooling_mode`, or one flag for each mode."""
    if pooling.get("include_prompt", True) is False:
        return False
    mode = pooling.get("pooling_mode")
    if mode is not None:
        return mode in ("mean", ["mean"])
    flags = {name for name, value in pooling.items() if name.startswith("pooling_mode_") and value is True}
    return flags <= {"pooling_mode_mean_tokens"}


def _max_tokens(path: Path, transformer: Mapping[str, Any]) -> int:
    said = transformer.get("max_seq_length")
    if isinstance(said, int) and said > 0:
        return said
    limits = (
        _json(path / "tokenizer_config.json", {}).get("model_max_length"),
        _json(path / "config.json", {}).get("max_position_embeddings"),
    )
    return int(min((limit for limit in limits if isinstance(limit, int | float) and limit > 0), default=512))


def _json(path: Path, absent: Any) -> Any:
    try:
        return json.loads(read_text(path)) if path.is_file() else absent
    except (ValueError, OSError) as error:
        raise ModelError(f"{path} cannot be read ({error}); is the model's folder complete?") from error
