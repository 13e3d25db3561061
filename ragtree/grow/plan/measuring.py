"""How fast this machine is: a few seconds with the loaded models, on the folder's own text."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np

from ...llm.base import ChatModel, Message, prompt_tokens
from ...store.catalog import Catalog
from ...types import Node
from ..outbox import bring_in_line

T = TypeVar("T")

_SECONDS = 2.0
"""What embedding, and what writing, is watched for at most."""
_BLOCK = 32
_STORED = 256


def seconds_a_token(embed: Callable[[list[T]], object], items: Sequence[T], tokens: Sequence[int]) -> float:
    """Seconds of embedding a token of these, `tokens` each: blocks of them in mixed order, until the time is over.

    The model has to be loaded. Items should be in the order in which they will be embedded. Of none it is 0.
    """
    starts = np.random.default_rng(0).permutation(np.arange(0, len(items), _BLOCK)).tolist()
    if starts:  # the first block of a process is slow: kernels are made for its shapes
        embed(list(items[starts[0] : starts[0] + _BLOCK]))
    taken, done = 0.0, 0
    for start in starts:
        began = time.monotonic()
        embed(list(items[start : start + _BLOCK]))
        taken += time.monotonic() - began
        done += sum(tokens[start : start + _BLOCK])
        if taken > _SECONDS:
            break
    return taken / max(1, done)


def model_speed(model: ChatModel, messages: Sequence[Message], max_tokens: int) -> tuple[float, float]:
    """Seconds a token of reading a prompt, and of writing: one prompt is read whole, and some tokens written.

    The model has to be loaded. Raises ModelError where it fails.
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


def storing_seconds(nodes: Sequence[Node], dimension: int) -> float:
    """Seconds a node of writing to a catalog, a lexical index and Chroma; random vectors, in a place of their own."""
    from ...store.chroma import ChromaStore
    from ...store.lexical import LexicalIndex

    some = list({node.id: node for node in nodes[:_STORED]}.values())
    vectors = np.random.default_rng(0).standard_normal((len(some), dimension)).astype(np.float32)
    keys = [node.id.encode() for node in some]
    with TemporaryDirectory() as place:
        catalog, store = Catalog(Path(place) / "catalog.sqlite"), ChromaStore(Path(place) / "chroma")
        words = LexicalIndex(Path(place) / "lexical")
        started = time.monotonic()
        catalog.put_vectors(keys, vectors)
        catalog.apply([], [], some, keys, {})
        bring_in_line(catalog, store, words)
        taken = time.monotonic() - started
        store.close()
        catalog.close()
    return taken / max(1, len(some))
