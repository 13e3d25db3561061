"""What an embedder is: texts, or spans of documents -> unit vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray

from ..types import OnProgress, Span, Vectors, no_progress


class Embedder(Protocol):
    """Turns texts into vectors. Making one loads nothing; the first text does."""

    @property
    def name(self) -> str:
        """The model's name as it stands in an index; another name means other vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector. May load the model."""
        ...

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension), in the order of `texts`.

        Raises ModelError where the model cannot be loaded or reached, MissingExtraError where its package
        is not installed.
        """
        ...

    def embed_query(self, text: str) -> Vectors:
        """Vector of a question, shape (dimension,): some models put other words before a question."""
        ...


@dataclass(frozen=True, slots=True)
class Passages:
    """A document's text and the spans of it that want a vector."""

    text: str
    spans: tuple[Span, ...]


class SpanEmbedder(Protocol):
    """Spans of documents -> vectors, which may depend on the text around them."""

    fingerprint: str
    """Changes when the same spans would get other vectors. Known before the model is loaded."""

    def embed_spans(self, documents: Sequence[Passages], progress: OnProgress = no_progress) -> Vectors:
        """Unit rows, shape (number of spans of all documents, dim), in the order of documents and spans."""
        ...


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as the model reads it, without the marks that it puts around."""

    ids: tuple[int, ...]
    spans: tuple[Span, ...]
    """Characters of the text that each token stands for, in reading order."""


class TokenEmbedder(Protocol):
    """An embedder whose vectors are means of token vectors, and which hands those out: late chunking needs them."""

    @property
    def name(self) -> str:
        """As an Embedder's."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def window(self) -> int:
        """Most tokens that it reads at once, marks not counted."""
        ...

    @property
    def marks_before(self) -> int:
        """Marks and words of a prompt that it puts before the tokens of every window."""
        ...

    def tokenize(self, text: str) -> Tokens:
        """The tokens of a text of any length. Raises ModelError for a model that is not mean-pooled."""
        ...

    def embed_windows(self, windows: Sequence[Sequence[int]]) -> list[Vectors]:
        """For every window the vectors of its marks and tokens, shape (marks + len(window), dim)."""
        ...


def hands_out_tokens(embedder: object) -> TypeGuard[TokenEmbedder]:
    """True for a TokenEmbedder. (isinstance would ask for its dimension, and load the model.)"""
    return hasattr(type(embedder), "embed_windows")


def unit_rows(vectors: NDArray[np.floating]) -> Vectors:
    """Rows scaled to length 1, as float32; a row of zeros, or one that is not finite, becomes e_0."""
    rows = np.array(vectors, dtype=np.float32, ndmin=2)
    rows[~np.isfinite(rows).all(axis=1)] = 0
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if rows.shape[1]:
        empty = lengths[:, 0] == 0
        rows[empty, 0] = 1
        lengths[empty] = 1
    scaled: Vectors = rows / lengths
    return scaled


def batches_by_length(texts: Sequence[str], size: int) -> list[list[int]]:
    """Indices of `texts` in batches of similar length: padding is what a mixed batch wastes its time on."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
    return [order[start : start + size] for start in range(0, len(order), size)]
