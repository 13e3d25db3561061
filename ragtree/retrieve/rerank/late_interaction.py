"""Late interaction over the embedder's own token vectors: MaxSim (ColBERT, arXiv 2004.12832, section 3.3)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...embed.base import TokenEmbedder, batches_by_length
from ...types import Node, Vectors
from .token_pooling import pooled

_KEPT_NUMBERS = 24_000_000
"""Size of the cache of passages' vectors, in numbers of two bytes each."""
_BATCH = 16


class LateInteraction:
    """The mean, over the tokens of the question, of the similarity to the nearest token of the passage.

    Passages are embedded on first use, up to the model's window, and the last ones are cached. `factor` is that of the
    token pooling.
    """

    share = 0.4
    """Of 0.2 to 1, the best on average over samples of four datasets with the bundled embedder (docs/benchmarks.md)."""

    def __init__(self, model: TokenEmbedder, factor: int = 1) -> None:
        self._model = model
        self._factor = factor
        self._kept: OrderedDict[str, NDArray[np.float16]] = OrderedDict()
        self._numbers = 0
        self._one_at_a_time = threading.Lock()

    def rank(self, question: str, nodes: Sequence[Node]) -> NDArray[np.float64]:
        with self._one_at_a_time:
            asked = pooled(self._read([question])[0], 1)
            passages = self._passages(nodes)
        return np.array([max_similarity(asked, passage) for passage in passages])

    def _passages(self, nodes: Sequence[Node]) -> list[Vectors]:
        fresh = {node.id: node for node in nodes if node.id not in self._kept}
        new = list(fresh.values())
        for batch in batches_by_length([node.text for node in new], _BATCH):
            for row, tokens in zip(batch, self._read([new[row].text for row in batch]), strict=True):
                self._keep(new[row].id, pooled(tokens, self._factor).astype(np.float16))
        found = []
        for node in nodes:
            self._kept.move_to_end(node.id)
            found.append(self._kept[node.id].astype(np.float32))
        while self._numbers > _KEPT_NUMBERS:
            self._numbers -= self._kept.popitem(last=False)[1].size
        return found

    def _keep(self, key: str, rows: NDArray[np.float16]) -> None:
        self._kept[key] = rows
        self._numbers += rows.size

    def _read(self, texts: Sequence[str]) -> list[Vectors]:
        """The vectors of each text's tokens, shape (tokens, dim); those of the special tokens if it has no others."""
        windows = [self._model.tokenize(text).ids[: self._model.window] for text in texts]
        before = self._model.marks_before
        rows = self._model.embed_windows(windows)
        return [
            row[before : before + len(window)] if window else row for row, window in zip(rows, windows, strict=True)
        ]


def max_similarity(question: Vectors, passage: Vectors) -> float:
    """The mean over the rows of `question` (m, dim) of the highest cosine to a row of `passage` (n, dim)."""
    return float((question @ passage.T).max(axis=1).mean())
