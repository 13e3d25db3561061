"""Embedding without a model: words hashed into a vector. For tests of everything but embedding."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from ..types import OnProgress, Progress, Vectors, no_progress
from .base import unit_rows


class HashingEmbedder:
    """Texts are similar if they share words; nothing else counts."""

    def __init__(self, dimension: int = 64) -> None:
        self.name = f"hashing-{dimension}"
        self.dimension = dimension

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                number = int.from_bytes(digest, "big")
                row[number % self.dimension] += 1 if number >> 63 else -1
        progress(Progress("embed", len(texts), len(texts)))
        return unit_rows(rows) if len(texts) else rows

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self.embed([text])[0]
        return vector
