"""A cross-encoder reads question and passage together (Nogueira and Cho, arXiv 1901.04085)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import MissingExtraError, ModelError
from ...processes import PYTORCH, ProcessBound
from ...types import Node

_BATCH = 16


class CrossEncoderReranker(ProcessBound):
    """A sentence-transformers CrossEncoder with one label: relevance.

    It is loaded on first use, from a folder or from Hugging Face. No code that comes with a model is run, and weights
    are read only from safetensors. Raises ModelError for a model that cannot be loaded or has more than one label.
    """

    share = 1.0

    def __init__(self, name: str) -> None:
        self.name = name
        self._one_at_a_time = threading.Lock()

    def rank(self, question: str, nodes: Sequence[Node]) -> NDArray[np.float64]:
        pairs = [(question, node.text) for node in nodes]
        with self._one_at_a_time:
            scores = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
        return np.asarray(scores, dtype=np.float64).reshape(len(nodes))

    @cached_property
    def _model(self) -> Any:
        PYTORCH.use()
        try:
            from sentence_transformers import CrossEncoder
        except ImportError as error:
            raise MissingExtraError("sentence-transformers, which runs retrieve.rerank,", "local") from error
        try:
            model: Any = CrossEncoder(self.name, trust_remote_code=False, model_kwargs={"use_safetensors": True})
        except (OSError, ValueError, KeyError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(
                f"retrieve.rerank is {self.name!r}, which could not be loaded ({reason}); name a folder or a Hugging "
                "Face id of a cross-encoder with safetensors, late, llm or none"
            ) from error
        labels = int(model.config.num_labels)
        if labels != 1:
            raise ModelError(
                f"retrieve.rerank is {self.name!r}, a cross-encoder with {labels} labels; wanted is one with a single "
                "label, relevance, such as cross-encoder/ms-marco-MiniLM-L6-v2"
            )
        return model
