"""Embedding in this process through sentence-transformers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from importlib import import_module
from typing import Any

import numpy as np

from ..errors import MissingExtraError, ModelError
from ..lazy import lazy_property
from ..processes import PYTORCH, ProcessBound
from ..types import OnProgress, Progress, Span, Vectors, no_progress
from .base import Tokens, batches_by_length, unit_rows
from .layers import keep_first_layers
from .positions import LongPositions, most_positions


class SentenceTransformerEmbedder(ProcessBound):
    """Any sentence-transformers model: a Hugging Face id or a folder.

    It computes in bfloat16 if the machine has instructions for it: on a CPU with avx512_bf16 that is twice as fast as
    float32, and the vectors have a cosine of 1.00 to those of float32. A mean-pooled model is a TokenEmbedder too.
    """

    def __init__(self, name: str, path: str, batch: int = 32, layers: int = 0, window: int = 0) -> None:
        """`layers` is how many of the model's first layers are run (0: all), `window` how many tokens are read at once
        for late chunking (0: as many as the model was made for; more positions are interpolated)."""
        self.name = name
        self._path = path
        self._batch = batch
        self._layers = layers
        self._wanted_window = window

    @lazy_property
    def _model(self) -> Any:
        PYTORCH.use()
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

    @property
    def _prompt(self) -> str:
        """The model's prompt for passages. (`encode_document` stops at its own empty "document".)"""
        prompts = self._model.prompts
        return next((prompts[name] for name in ("document", "passage", "corpus") if prompts.get(name)), "")

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        return self._encode(partial(self._model.encode_document, prompt=self._prompt or None), texts, progress)

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

    # --- tokens, for pooling by chunk and sentence

    @cached_property
    def _network(self) -> Any:
        """The transformer under the pooling."""
        return _mean_pooled(self._model, self.name)

    @cached_property
    def _trained(self) -> int:
        """Number of tokens, special ones included, that the model was made to read at once."""
        return most_positions(self._network, self._model.tokenizer)

    @cached_property
    def _long(self) -> LongPositions | None:
        length = self.window + self._marks
        return LongPositions(self._network, self._trained, length, self.name) if length > self._trained else None

    @property
    def window(self) -> int:
        return self._wanted_window or self._trained - self._marks

    @cached_property
    def marks_before(self) -> int:
        return len(self._around[0])

    @property
    def _marks(self) -> int:
        return len(self._around[0]) + len(self._around[1])

    @cached_property
    def _around(self) -> tuple[list[int], list[int]]:
        """Ids before and after a window: the tokenizer's special tokens, and the model's prompt for passages."""
        tokenizer = self._model.tokenizer
        probe = tokenizer("a", add_special_tokens=False)["input_ids"]
        whole = tokenizer("a")["input_ids"]
        at = next((at for at in range(len(whole)) if whole[at : at + len(probe)] == probe), 0)
        words = tokenizer(self._prompt, add_special_tokens=False)["input_ids"] if self._prompt else []
        return [*whole[:at], *words], list(whole[at + len(probe) :])

    def tokenize(self, text: str) -> Tokens:
        tokenizer = self._model.tokenizer
        assert self._network is not None  # raises ModelError for a model whose tokens cannot be pooled
        if not tokenizer.is_fast:
            raise ModelError(
                f"the tokenizer of {self.name} does not return the positions of its tokens, which are needed to "
                "pool them by chunk; set embed.kind to plain"
            )
        # verbose=False: a long text is not a mistake here, because windows are cut from it.
        read = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False)
        return Tokens(tuple(read["input_ids"]), tuple(map(Span._make, read["offset_mapping"])))

    def embed_windows(self, windows: Sequence[Sequence[int]]) -> list[Vectors]:
        import torch

        before, after = self._around
        rows = [[*before, *window, *after] for window in windows]
        longest = max((len(row) for row in rows), default=0)
        padding = self._model.tokenizer.pad_token_id or 0
        ids = torch.tensor([row + [padding] * (longest - len(row)) for row in rows], device=self._model.device)
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows], device=self._model.device)
        more = self._long.arguments([len(row) for row in rows], ids) if self._long is not None else {}
        with torch.inference_mode():
            hidden = self._network(input_ids=ids, attention_mask=mask, **more).last_hidden_state
        vectors = hidden.float().cpu().numpy()
        return [vectors[number, : len(row)] for number, row in enumerate(rows)]


def _mean_pooled(model: Any, name: str) -> Any:
    """The transformer of a model whose vectors are the means of its token vectors. Raises ModelError for another."""
    modules = [type(module).__name__ for module in model]
    pooling = next((module for module in model if type(module).__name__ == "Pooling"), None)
    how = "none"
    if pooling is not None:  # version 5 has flags, and a method that reads them
        how = getattr(pooling, "pooling_mode", None) or pooling.get_pooling_mode_str()
    if modules[:2] != ["Transformer", "Pooling"] or set(modules[2:]) - {"Normalize"} or how != "mean":
        raise ModelError(
            f"{name} is not a mean-pooled model ({' + '.join(modules)}, pooling: {how}), so its token vectors "
            "cannot be pooled by chunk; set embed.kind to plain, or choose another embedder"
        )
    return model[0].auto_model


@contextmanager
def _no_bars() -> Iterator[None]:
    """Turn off the progress bar that transformers shows while it loads weights: a library prints nothing."""
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
