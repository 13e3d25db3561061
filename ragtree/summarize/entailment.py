"""Natural language inference: a cross-encoder says whether a sentence follows from others."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any

from ..errors import MissingExtraError, ModelError
from ..processes import PYTORCH, ProcessBound

_WANTED = "entailment"


class CrossEncoderEntailment(ProcessBound):
    """A sentence-transformers CrossEncoder with the labels of natural language inference, in any order.

    It is loaded on first use, from a folder or from Hugging Face. No code that comes with a model is run, and weights
    are read only from safetensors. Raises ModelError for a model that cannot be loaded or has other labels.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._one_at_a_time = threading.Lock()

    def __call__(self, told: str, claim: str) -> bool:
        """True if entailment is the likeliest label."""
        with self._one_at_a_time:
            model, wanted = self._loaded
            scores = model.predict([(told, claim)], show_progress_bar=False)[0]
        return int(scores.argmax()) == wanted

    @cached_property
    def _loaded(self) -> tuple[Any, int]:
        """The model, and the row of the label for entailment."""
        PYTORCH.use()
        try:
            from sentence_transformers import CrossEncoder
        except ImportError as error:
            raise MissingExtraError("sentence-transformers, which runs summarize.entailment_model,", "local") from error
        try:
            model = CrossEncoder(self.name, trust_remote_code=False, model_kwargs={"use_safetensors": True})
        except (OSError, ValueError, KeyError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(
                f"summarize.entailment_model is {self.name!r}, which could not be loaded ({reason}); "
                "name a folder or a Hugging Face id of a cross-encoder with safetensors"
            ) from error
        labels = {int(row): str(label).lower() for row, label in model.config.id2label.items()}
        found = [row for row, label in labels.items() if label == _WANTED]
        if len(found) != 1 or len(labels) < 2:
            raise ModelError(
                f"summarize.entailment_model is {self.name!r}, whose labels are {', '.join(labels.values())}; wanted "
                f"is a model for natural language inference, with a label {_WANTED!r}, such as "
                "cross-encoder/nli-deberta-v3-base"
            )
        return model, found[0]
