"""The protocols of embedders: texts, or spans of documents -> unit vectors."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeGuard, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..types import OnProgress, Span, Vectors, no_progress


class Embedder(Protocol):
    """Turns texts into vectors. Creating one loads nothing; the first text loads the model.

    That of a package is named `NAME:MODEL` in `embed.model`, and made with MODEL and the EmbedSettings.
    """

    @property
    def name(self) -> str:
        """The model's name as it is recorded in an index; another name means other vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector. May load the model."""
        ...

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension), in the order of `texts`.

        Raises ModelError if the model cannot be loaded or reached, MissingExtraError if its package is not installed.
        """
        ...

    def embed_query(self, text: str) -> Vectors:
        """Vector of a question, shape (dimension,). Some models have another prompt for questions."""
        ...


@runtime_checkable
class CuttingEmbedder(Protocol):
    """An embedder that cuts texts that are too long for it and averages the vectors of their parts (ServerEmbedder)."""

    cut_texts: int
    """How many texts it has cut so far."""


@runtime_checkable
class ConcurrentEmbedder(Protocol):
    """An embedder that sends several batches at once (ServerEmbedder with several servers)."""

    concurrency: int
    """How many."""


def batches_at_once(embedder: object) -> int:
    """How many batches the embedder works on at once; 1 for a model in this process."""
    return embedder.concurrency if isinstance(embedder, ConcurrentEmbedder) else 1


def texts_cut(embedder: object) -> int:
    """How many texts the embedder has cut so far."""
    return embedder.cut_texts if isinstance(embedder, CuttingEmbedder) else 0


@dataclass(frozen=True, slots=True)
class DocumentSpans:
    """A document's text, its chunks, and the sentences in them: everything that is embedded together."""

    text: str
    spans: tuple[Span, ...] = ()
    """The chunks."""
    inner: tuple[Span, ...] = ()
    """The sentences. Each belongs to the chunk that begins last before it, and is clipped at that chunk's end."""
    before: tuple[str, ...] = ()
    """For every chunk, the text that is embedded before it, such as the headings above it; () if there is none."""

    def __post_init__(self) -> None:
        if len(self.before) not in (0, len(self.spans)):
            raise ValueError(f"{len(self.before)} texts before {len(self.spans)} chunks; give one for each, or none")
        if self.inner and not self.spans:
            raise ValueError(f"{len(self.inner)} sentences without a chunk; give the chunks that they are in")

    def homes(self) -> list[int]:
        """For every sentence the index of its chunk."""
        order = sorted(range(len(self.spans)), key=self.spans.__getitem__)
        starts = [self.spans[index].start for index in order]
        return [order[max(0, bisect_right(starts, sentence.start) - 1)] for sentence in self.inner]


class SpanVectors(NamedTuple):
    """Vectors of the chunks and of the sentences of some documents, in the order of documents and spans."""

    spans: Vectors
    """Of the chunks: unit rows, shape (number of chunks, dim)."""
    inner: Vectors
    """Of the sentences: unit rows, shape (number of sentences, dim)."""


class SpanEmbedder(Protocol):
    """Chunks of documents and the sentences in them -> vectors, which may depend on the text around them."""

    @property
    def fingerprint(self) -> str:
        """Changes when the same spans would get other vectors. Known before the model is loaded."""
        ...

    @property
    def reach(self) -> int:
        """How many chunks on each side have to be in `DocumentSpans.spans`, because a chunk's vector depends on
        them."""
        ...

    @property
    def tokens_read(self) -> int:
        """Number of tokens, special ones included, that the model has read so far; 0 if it does not report them."""
        ...

    def embed_spans(self, documents: Sequence[DocumentSpans], progress: OnProgress = no_progress) -> SpanVectors:
        """Vectors of all chunks and sentences. Progress counts chunks.

        Raises ModelError if the model cannot be loaded or reached, or does not return the token vectors that this
        embedder needs.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as the model reads it, without the special tokens that it adds."""

    ids: tuple[int, ...]
    spans: tuple[Span, ...]
    """Characters of the text that each token stands for, in reading order."""


class TokenEmbedder(Protocol):
    """An embedder whose vectors are means of token vectors, and which also returns these, so that chunks and sentences
    can be pooled from them."""

    @property
    def name(self) -> str:
        """As in `Embedder`."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def window(self) -> int:
        """Most tokens that it reads at once, special ones not counted."""
        ...

    @property
    def marks_before(self) -> int:
        """Number of tokens (special ones, and those of a prompt) that it puts before every window."""
        ...

    def tokenize(self, text: str) -> Tokens:
        """The tokens of a text of any length.

        Raises ModelError for a model that is not mean-pooled, or whose tokenizer does not return positions.
        """
        ...

    def embed_windows(self, windows: Sequence[Sequence[int]]) -> list[Vectors]:
        """For every window, the vectors of its tokens and those added around, shape (added + len(window), dim)."""
        ...


def has_token_vectors(embedder: object) -> TypeGuard[TokenEmbedder]:
    """True for a TokenEmbedder. (isinstance would ask for its dimension, and load the model.)"""
    return hasattr(type(embedder), "embed_windows")


def unit_rows(vectors: NDArray[np.floating]) -> Vectors:
    """Rows scaled to length 1, as float32; a row of zeros, or one that is not finite, becomes (1, 0, 0, ...)."""
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
    """Indices of `texts` in batches of similar length, the longest first: mixed batches waste time on padding."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
    return [order[start : start + size] for start in range(0, len(order), size)]
