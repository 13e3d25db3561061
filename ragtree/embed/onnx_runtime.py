"""Embedding in this process through ONNX Runtime, without PyTorch if the model comes with an ONNX file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingExtraError, ModelError
from ..lazy import lazy_property
from ..processes import ProcessBound
from ..types import OnProgress, Progress, Vectors, no_progress
from . import onnx_export
from .base import unit_rows
from .derived_models import derived_model
from .model_folder import ModelFolder, read_model_folder

_READ_AHEAD = 1024
"""Texts that are tokenized together, and then put into batches of similar length."""


class OnnxEmbedder(ProcessBound):
    """A mean-pooled model with its own tokenizer. It is exported from the PyTorch model on first use, and kept.

    `find` returns the model's folder, and may download it. Its onnx/model.onnx is used instead, unless `layers` is set.
    """

    def __init__(
        self,
        name: str,
        find: Callable[[], Path],
        cache: Path,
        batch: int = 32,
        precision: Literal["float32", "int8"] = "float32",
        layers: int = 0,
    ) -> None:
        self.name = name
        self._find = find
        self._cache = cache
        self._batch = batch
        self._precision = precision
        self._layers = layers

    @cached_property
    def _folder(self) -> ModelFolder:
        return read_model_folder(self._find())

    @cached_property
    def _tokenizer(self) -> Any:
        return self._folder.tokenizer()

    @lazy_property
    def _session(self) -> Any:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError("onnxruntime, which runs embed.backend=onnx,", "onnx") from error
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        wanted = [name for name in ("CUDAExecutionProvider", "CPUExecutionProvider") if name in _providers(onnxruntime)]
        file = self._file()
        try:
            return onnxruntime.InferenceSession(str(file), options, providers=wanted)
        except Exception as error:  # its errors have no common base
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(
                f"{file} could not be loaded ({reason}); remove it to have it made anew, or use embed.backend=torch"
            ) from error

    def _file(self) -> Path:
        """The ONNX file: the model's own, or one that is made from it and kept in the cache."""
        model = self._folder.path
        own = model / "onnx" / onnx_export.FILE
        brought = own if own.is_file() and not self._layers else None
        if brought is not None and self._precision == "float32":
            return brought

        def make(folder: Path) -> None:
            exported = brought or folder / ("exported.onnx" if self._precision == "int8" else onnx_export.FILE)
            if brought is None:
                onnx_export.export(model, exported, self._layers)
            if self._precision == "int8":
                onnx_export.quantize(exported, folder / onnx_export.FILE)
                if brought is None:
                    exported.unlink()

        recipe = f"{onnx_export.RECIPE} {self._precision} layers={self._layers}"
        return derived_model(model, recipe, make, self._cache) / onnx_export.FILE

    @cached_property
    def dimension(self) -> int:
        size = self._session.get_outputs()[0].shape[-1]
        return size if isinstance(size, int) else int(self._pooled([self._tokenizer.encode("x").ids]).shape[1])

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        return self._encode([self._folder.passage_prompt + text for text in texts], progress)

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self._encode([self._folder.question_prompt + text], no_progress)[0]
        return vector

    def _encode(self, texts: Sequence[str], progress: OnProgress) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        done = 0
        for start in range(0, len(texts), _READ_AHEAD):
            encoded = self._tokenizer.encode_batch_fast(list(texts[start : start + _READ_AHEAD]))
            tokens = [encoding.ids for encoding in encoded]
            for batch in batches_by_tokens(tokens, self._batch):
                vectors[[start + row for row in batch]] = self._pooled([tokens[row] for row in batch])
                done += len(batch)
                progress(Progress("embed", done, len(texts)))
        return unit_rows(vectors)

    def _pooled(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        """The mean of the token vectors of each text, shape (len(tokens), dim)."""
        ids, mask = padded(tokens)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        known = {wanted.name for wanted in self._session.get_inputs()}
        given = {name: values for name, values in inputs.items() if name in known}
        hidden = self._session.run([self._session.get_outputs()[0].name], given)[0]
        means: Vectors = np.einsum("ntd,nt->nd", hidden, mask.astype(np.float32)) / mask.sum(axis=1, keepdims=True)
        return means


def batches_by_tokens(tokens: Sequence[Sequence[int]], size: int) -> list[list[int]]:
    """Rows in batches of similar length, the longest first: mixed batches waste time on padding."""
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]), reverse=True)
    return [order[start : start + size] for start in range(0, len(order), size)]


def padded(tokens: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The ids, padded with 0 to the longest text, and a mask that is 1 at tokens; both (texts, tokens)."""
    width = max(1, *(len(row) for row in tokens)) if tokens else 1
    ids = np.zeros((len(tokens), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, found in enumerate(tokens):
        ids[row, : len(found)] = found
        mask[row, : max(1, len(found))] = 1
    return ids, mask


def _providers(onnxruntime: Any) -> list[str]:
    return list(onnxruntime.get_available_providers())
