"""A transformer -> a static model in model2vec's format: the vector of each token, embedded alone.

model2vec (github.com/MinishLab/model2vec): every token of the vocabulary is embedded by itself, the vectors are mapped
to their principal components, and rare tokens weigh more than frequent ones (SIF, Arora et al. 2017). Frequencies are
estimated by Zipf's law from the place in the vocabulary. model2vec's own `distill` needs a version of transformers
below the one that the embedders here run on, so the three steps are repeated here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import MissingExtraError, ModelError
from ..types import Vectors
from .layers import load_transformer
from .model_folder import read_model_folder

RECIPE = "static 1"
"""Changes whenever the same model would be distilled to other vectors."""
_DIMENSION = 256
_SIF = 1e-4
_BATCH = 1024
_UNUSED = re.compile(r"\[unused\d+\]")


def distil(model: Path, target: Path, layers: int = 0) -> None:
    """Distil the model in folder `model` into the empty folder `target`; `layers` as in `load_transformer`.

    Raises MissingExtraError, ModelError.
    """
    try:
        from safetensors.numpy import save_file
    except ImportError as error:
        raise MissingExtraError("safetensors, which writes a model's vectors,", "static") from error
    folder = read_model_folder(model)
    tokenizer = folder.tokenizer()
    tokenizer.no_truncation()
    vocabulary = {number: token for token, number in tokenizer.get_vocab(with_added_tokens=True).items()}
    before, after = special_tokens(tokenizer)
    special = {*before, *after} | {
        number for number, added in tokenizer.get_added_tokens_decoder().items() if added.special
    }
    used = [number for number in sorted(vocabulary) if number not in special and not _UNUSED.match(vocabulary[number])]
    if not used:
        raise ModelError(f"the embedder {model} has no tokens to distil; use embed.backend=torch")
    vectors = weighted(token_vectors(load_transformer(model, layers), before, used, after), _DIMENSION)
    table = np.zeros((max(vocabulary) + 1, vectors.shape[1]), dtype=np.float16)
    table[used] = vectors
    save_file({"embeddings": table}, target / "model.safetensors")
    tokenizer.save(str(target / "tokenizer.json"), pretty=False)
    (target / "config.json").write_text(json.dumps(_config(model, table.shape[1]), indent=1), encoding="utf-8")


def weighted(vectors: Vectors, dimension: int) -> Vectors:
    """Token vectors (n, dim), the most frequent first, as principal components with SIF weights: (n, <= dimension)."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, directions = np.linalg.eigh(centred.T @ centred)
    components = centred @ directions[:, ::-1][:, :dimension]
    ranks = np.arange(2, len(vectors) + 2)
    frequencies = (1 / ranks) / (1 / ranks).sum()
    weighed: Vectors = (components * (_SIF / (_SIF + frequencies))[:, None]).astype(np.float32)
    return weighed


def special_tokens(tokenizer: Any) -> tuple[list[int], list[int]]:
    """The ids that the tokenizer puts before and after every text."""
    encoded = tokenizer.encode("a")
    own = [place for place, mark in enumerate(encoded.special_tokens_mask) if not mark]
    if not own:
        return list(encoded.ids), []
    return list(encoded.ids[: own[0]]), list(encoded.ids[own[-1] + 1 :])


def token_vectors(model: Any, before: list[int], tokens: Sequence[int], after: list[int]) -> Vectors:
    """For each token, the mean vector of it and the special tokens around it, shape (len(tokens), dim)."""
    import torch

    found = []
    with torch.inference_mode():
        for start in range(0, len(tokens), _BATCH):
            ids = torch.tensor([[*before, token, *after] for token in tokens[start : start + _BATCH]])
            hidden = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
            found.append(hidden.mean(dim=1).numpy())
    vectors: Vectors = np.nan_to_num(np.concatenate(found))
    return vectors


def _config(model: Path, dimension: int) -> dict[str, object]:
    return {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "tokenizer_name": model.name,
        "apply_pca": dimension,
        "sif_coefficient": _SIF,
        "hidden_dim": dimension,
        "seq_length": 1_000_000,
        "max_length": None,
        "normalize": True,
        "pooling": "mean",
    }
