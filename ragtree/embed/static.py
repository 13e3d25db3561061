"""Embedding without a neural network: means of fixed token vectors. Many times as fast, for very large folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import MissingExtraError, ModelError
from ..lazy import lazy_property
from ..text_files import read_text
from ..types import OnProgress, Progress, Vectors, no_progress
from . import distill
from .base import unit_rows
from .derived_models import derived_model
from .model_folder import is_static, load_tokenizer

_BATCH = 1024
_DEFAULT_MAX_TOKENS = 512
"""Where model2vec truncates texts if a model does not say."""


class StaticEmbedder:
    """A model2vec model: one from a folder, or one that is distilled from any other model on first use and kept.

    `find` returns the folder of either, and may download it. Distilling needs the extra `local`.
    """

    def __init__(self, name: str, find: Callable[[], Path], cache: Path, layers: int = 0) -> None:
        self.name = name
        self._find = find
        self._cache = cache
        self._layers = layers

    @cached_property
    def _folder(self) -> Path:
        model = self._find()
        if is_static(model):
            return model

        def make(folder: Path) -> None:
            distill.distil(model, folder, self._layers)

        return derived_model(model, f"{distill.RECIPE} layers={self._layers}", make, self._cache)

    @lazy_property
    def _table(self) -> Vectors:
        """The weighted vector of each token id, shape (tokens, dim); that of unknown tokens is 0."""
        table = read_table(self._folder)
        unknown = self._unknown()
        if unknown is not None and unknown < len(table):
            table[unknown] = 0
        return table

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizer = load_tokenizer(_part(self._folder, "tokenizer.json").parent)
        config = _config(self._folder)
        most = config.get("max_length", _DEFAULT_MAX_TOKENS)
        if isinstance(most, int):
            tokenizer.enable_truncation(most)
        return tokenizer

    def _unknown(self) -> int | None:
        model = json.loads(self._tokenizer.to_str())["model"]
        number = model.get("unk_id")
        if number is None and model.get("unk_token") is not None:
            number = self._tokenizer.token_to_id(model["unk_token"])
        return number if isinstance(number, int) else None

    @property
    def dimension(self) -> int:
        return int(self._table.shape[1])

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            part = list(texts[start : start + _BATCH])
            vectors[start : start + len(part)] = self._sums(part)
            progress(Progress("embed", start + len(part), len(texts)))
        return unit_rows(vectors)

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self.embed([text])[0]
        return vector

    def _sums(self, texts: list[str]) -> Vectors:
        """Sums of token vectors, (len(texts), dim); scaled to length 1 they equal the means."""
        from scipy.sparse import csr_matrix

        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
        ends = np.cumsum([0, *(len(row) for row in tokens)])
        numbers = np.fromiter((number for row in tokens for number in row), dtype=np.int32, count=int(ends[-1]))
        ones = np.ones(len(numbers), dtype=np.float32)
        counts = csr_matrix((ones, numbers, ends), shape=(len(texts), len(self._table)))
        sums: Vectors = counts @ self._table
        return sums


def read_table(folder: Path) -> Vectors:
    """The token vectors of a model2vec folder with their weights, as float32 (tokens, dim).

    Raises MissingExtraError, ModelError.
    """
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    except ImportError as error:
        raise MissingExtraError("safetensors, which reads a model's vectors,", "static") from error
    file = _part(folder, "model.safetensors")
    try:
        tensors = load_file(file)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{file} cannot be read ({error}); is the model's folder complete?") from error
    vectors = tensors.get("embeddings", tensors.get("embedding.weight"))
    if vectors is None:
        raise ModelError(f"{file} holds no token vectors, only {', '.join(sorted(tensors))}; is it a model2vec model?")
    if "mapping" in tensors:
        vectors = vectors[tensors["mapping"]]
    table: Vectors = vectors.astype(np.float32)
    return table * tensors["weights"].astype(np.float32)[:, None] if "weights" in tensors else table


def _part(folder: Path, name: str) -> Path:
    """A file of a model2vec folder, or of the same in the layout of sentence-transformers."""
    nested = folder / "0_StaticEmbedding" / name
    return nested if nested.is_file() else folder / name


def _config(folder: Path) -> dict[str, Any]:
    file = folder / "config.json"
    found: dict[str, Any] = json.loads(read_text(file)) if file.is_file() else {}
    return found
