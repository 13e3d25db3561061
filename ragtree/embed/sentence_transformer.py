"""Embedding in this process through sentence-transformers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np

from ..errors import MissingExtraError, ModelError
from ..types import OnProgress, Progress, Vectors, no_progress
from .base import batches_by_length, unit_rows
from .layers import keep_first_layers


class SentenceTransformerEmbedder:
    """Any sentence-transformers model: a Hugging Face id or a folder.

    It computes in bfloat16 where the machine has instructions for it: on a CPU with avx512_bf16 that is twice
    as fast as float32, with vectors of cosine 1.00 to it.
    """

    def __init__(self, name: str, path: str, batch: int, layers: int = 0) -> None:
        self.name = name
        self._path = path
        self._batch = batch
        self._layers = layers

    @cached_property
    def _model(self) -> Any:
        try:
            import torch
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtraError("sentence-transformers, which embeds in this process,", "local") from error
        dtype = torch.bfloat16 if _has_bfloat16(torch) else torch.float32
        try:
            with _no_bars():
                model = SentenceTransformer(self._path, model_kwargs={"dtype": dtype})
        except (OSError, ValueError, KeyError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(
                f"the embedder {self._path!r} could not be loaded ({reason}); "
                "name a folder, a Hugging Face id, or bundled"
            ) from error
        if self._layers:
            keep_first_layers(model.transformers_model, self._layers)
        return model

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension())

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        return self._encode(self._model.encode_document, texts, progress)

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self._encode(self._model.encode_query, [text], no_progress)[0]
        return vector

    def _encode(self, encode: Any, texts: Sequence[str], progress: OnProgress) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        done = 0
        for batch in batches_by_length(texts, self._batch):
            rows = encode(
                [texts[index] for index in batch],
                batch_size=self._batch,
                convert_to_tensor=True,
                show_progress_bar=False,
            )
            vectors[batch] = rows.float().cpu().numpy()
            done += len(batch)
            progress(Progress("embed", done, len(texts)))
        return unit_rows(vectors)


@contextmanager
def _no_bars() -> Iterator[None]:
    """A library prints nothing: transformers would draw a bar while it loads weights."""
    logging: Any = import_module("transformers.utils.logging")
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _has_bfloat16(torch: Any) -> bool:
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
