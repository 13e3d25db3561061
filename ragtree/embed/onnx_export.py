"""A transformer in a folder -> an ONNX file, in float32 or with eight-bit weights."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import MissingExtraError
from .layers import load_transformer

FILE = "model.onnx"
_OPSET = 18
RECIPE = "onnx 1"
"""Changes whenever the same model would be exported differently."""


def export(model: Path, target: Path, layers: int) -> None:
    """Write the token vectors of the model in folder `model` as ONNX to `target`; `layers` as in `load_transformer`.

    Raises MissingExtraError, ModelError.
    """
    _need_onnx()
    transformer = load_transformer(model, layers)
    import torch

    class TokenVectors(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    ids = torch.ones((2, 8), dtype=torch.int64)
    axes = {0: "texts", 1: "tokens"}
    with torch.inference_mode(), _quiet():
        torch.onnx.export(
            TokenVectors(),
            (ids, ids),
            str(target),
            input_names=["input_ids", "attention_mask"],
            output_names=["last_hidden_state"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "last_hidden_state": axes},
            opset_version=_OPSET,
            dynamo=False,
        )


def quantize(source: Path, target: Path) -> None:
    """Write the model `source` with eight-bit weights to `target`. Raises MissingExtraError."""
    _need_onnx()
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(source)
    # Marks the model as pre-processed. Otherwise onnxruntime logs that it should be, which would change nothing here.
    model.metadata_props.add(key="onnx.quant.pre_process", value="onnxruntime.quant")
    quantize_dynamic(
        model,
        target,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
    )


def _need_onnx() -> None:
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("onnx, which writes models for ONNX Runtime,", "onnx") from error


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
