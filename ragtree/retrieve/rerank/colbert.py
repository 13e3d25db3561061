"""Models made for late interaction: ColBERT (arXiv 2004.12832) and its successors."""

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
from .late_interaction import max_similarity
from .token_pooling import pooled

_BATCH = 16


class ColbertReranker(ProcessBound):
    """A sentence-transformers MultiVectorEncoder: checkpoints of its own, of PyLate and of Stanford's ColBERT.

    It is loaded on first use, from a folder or from Hugging Face. No code that comes with a model is run, and weights
    are read only from safetensors. `factor` is that of the token pooling.
    """

    share = 1.0

    def __init__(self, name: str, factor: int = 1) -> None:
        self.name = name
        self._factor = factor
        self._one_at_a_time = threading.Lock()

    def rank(self, question: str, nodes: Sequence[Node]) -> NDArray[np.float64]:
        options = {"batch_size": _BATCH, "show_progress_bar": False, "convert_to_numpy": True}
        with self._one_at_a_time:
            asked = pooled(self._model.encode_query([question], **options)[0], 1)
            passages = self._model.encode_document([node.text for node in nodes], **options)
        return np.array([max_similarity(asked, pooled(passage, self._factor)) for passage in passages])

    @cached_property
    def _model(self) -> Any:
        PYTORCH.use()
        try:
            from sentence_transformers import MultiVectorEncoder
        except ImportError as error:
            raise MissingExtraError(
                "sentence-transformers 6, which runs retrieve.rerank = colbert:...,", "local"
            ) from error
        try:
            model: Any = MultiVectorEncoder(self.name, trust_remote_code=False, model_kwargs={"use_safetensors": True})
        except (OSError, ValueError, KeyError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(
                f"retrieve.rerank is 'colbert:{self.name}', which could not be loaded ({reason}); name a folder or a "
                "Hugging Face id of a late interaction model with safetensors, such as lightonai/GTE-ModernColBERT-v1"
            ) from error
        return model
