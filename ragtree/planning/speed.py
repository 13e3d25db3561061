"""Measures how fast this machine is: for a few seconds, with the loaded models, on the folder's own text."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing

import numpy as np

from ..indexing.drafts import DocumentDraft, DraftVectors
from ..llm.base import ChatModel, Message, prompt_tokens
from ..store.documents import DocumentRecord, StoredDocument
from ..text.titles import describe
from ..text.tokens import count_tokens
from ..types import Document, Node

_SECONDS = 2.0
"""Most seconds for which embedding, or writing, is measured."""
_RUN = 16
"""Neighbouring chunks of a document that are embedded together when the speed is measured."""
_BLOCK = 8
"""Such runs, of several documents, that are embedded at once."""
_SENTENCES = 64
_GROUPING = 15.0
"""The time to build a group without its models, as a multiple of that to cut a chunk. Measured on 40 PEPs."""
_STORING = 5.0
"""The same for the time to store a node in the catalog and its mirrors."""


class Pace:
    """Measures how fast documents are embedded. The model is loaded first."""

    def __init__(self, vectors: DraftVectors, sample: Sequence[tuple[Document, Sequence[Node]]]) -> None:
        self.loading = 0.0
        """Seconds of the first call to the embedder, which loads it."""
        self.title_tokens = float(np.mean([count_tokens(describe(one).line) for one, _ in sample])) if sample else 0.0
        self._vectors = vectors
        runs = [
            (document, chunks[start : start + _RUN])
            for document, chunks in sample
            for start in range(0, len(chunks), _RUN)
        ]
        self._runs = [runs[number] for number in np.random.default_rng(0).permutation(len(runs)).tolist()]

    def seconds(
        self, *, chunks: float, chunking: float, tokens: float, alone: float, groups: float, nodes: float
    ) -> dict[str, float]:
        """The seconds that each step takes for this many chunks, tokens of chunks, tokens of texts embedded alone,
        groups and nodes. `chunking` is the measured time of a chunk, in seconds."""
        if tokens or alone:
            started = time.monotonic()
            self._vectors.embed_texts(["loaded"])
            self.loading = time.monotonic() - started
        return {
            "chunking": chunks * chunking,
            "embedding chunks": tokens * self._of_chunks() if tokens else 0.0,
            "embedding summaries": alone * self._of_sentences() if alone else 0.0,
            "grouping": groups * chunking * _GROUPING,
            "storing": nodes * chunking * _STORING,
        }

    def _of_chunks(self) -> float:
        """Seconds per token of chunks, embedded with their sentences as in a sync."""
        self._embed(self._runs[:1])  # the first block of a process is slow: kernels are made for its shapes
        taken, done = 0.0, 0
        for start in range(0, len(self._runs), _BLOCK):
            began = time.monotonic()
            done += self._embed(self._runs[start : start + _BLOCK])
            taken += time.monotonic() - began
            if taken > _SECONDS:
                break
        return taken / max(1, done)

    def _embed(self, runs: Sequence[tuple[Document, Sequence[Node]]]) -> int:
        """Embed chunks, and store nothing. Returns the number of tokens."""
        drafts = [
            DocumentDraft(StoredDocument(one, DocumentRecord(one.id, one.sha256, "", 0, 0)), own) for one, own in runs
        ]
        self._vectors.embed_chunks(drafts)
        return sum(chunk.tokens + count_tokens(chunk.context) for _, own in runs for chunk in own)

    def _of_sentences(self) -> float:
        """Seconds per token of sentences that are embedded alone."""
        own = [
            text for _, chunks in self._runs[:_BLOCK] for chunk in chunks for _, text in self._vectors.sentences(chunk)
        ]
        if not own:
            return 0.0
        some = own[:_SENTENCES]
        started = time.monotonic()
        self._vectors.embed_texts(some)
        return (time.monotonic() - started) / max(1, sum(map(count_tokens, some)))


def model_speed(model: ChatModel, messages: Sequence[Message], max_tokens: int) -> tuple[float, float]:
    """Seconds per token of reading a prompt, and of writing. Measured with one whole prompt and some written tokens.

    The model has to be loaded. Raises ModelError if it fails.
    """
    started = time.monotonic()
    pieces: list[str] = []
    with closing(model.stream(messages, max_tokens)) as stream:
        first = next(stream, "")
        read = time.monotonic()
        for piece in stream:
            pieces.append(piece)
            if time.monotonic() - read > _SECONDS:
                break
    ended = time.monotonic()
    reading = (read - started) / max(1, prompt_tokens(model, messages) + model.count(first))
    written = model.count("".join(pieces))
    return reading, (ended - read) / written if written else reading
