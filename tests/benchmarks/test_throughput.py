"""Chunks a second of every backend, against plain `SentenceTransformer.encode(batch_size=32)` in float32.

All of them run once a round, so that what else the machine does falls on all alike; the ratio is what carries over, and
on a machine that others use as well the one by processor time.
Chunks are of examples/library, 100 tokens each at most, as `ragtree index` cuts them.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from ragtree import Document
from ragtree.chunk.sentences import SentenceChunker
from ragtree.embed.sentence_transformer import _has_bfloat16
from ragtree.models import embedder_files, make_embedder
from ragtree.settings import ChunkSettings, EmbedSettings

LIBRARY = Path(__file__).parents[2] / "examples" / "library"
ROUNDS = 5
STEP = 3
"""Every third chunk: enough for a clock."""
BACKENDS: dict[str, dict[str, object]] = {
    "torch (the default)": {},
    "onnx float32": {"backend": "onnx"},
    "onnx int8": {"backend": "onnx-int8"},
    "4 layers": {"model": "bundled (4 layers)"},
    "static": {"backend": "static"},
}


def chunks() -> list[str]:
    chunker = SentenceChunker(ChunkSettings())
    documents = [
        Document(path.name, path.read_text(encoding="utf-8", errors="replace"))
        for path in sorted(LIBRARY.rglob("*"))
        if path.suffix in (".md", ".txt")
    ]
    return [span.of(document.text) for document in documents for span in chunker.chunk(document)]


def test_chunks_a_second(report):
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(embedder_files(EmbedSettings())))
    ways = {"plain encode, float32": lambda texts: plain.encode(texts, batch_size=32)}
    ways |= {name: make_embedder(EmbedSettings.model_validate(values)).embed for name, values in BACKENDS.items()}
    texts = chunks()[::STEP]
    wall: dict[str, list[float]] = {name: [] for name in ways}
    processor: dict[str, list[float]] = {name: [] for name in ways}
    for embed in ways.values():
        embed(texts[:32])  # loads, exports, distils
    for _ in range(ROUNDS):
        for name, embed in ways.items():
            times = 50 if name == "static" else 1  # too fast for a clock otherwise
            started, used = time.perf_counter(), time.process_time()
            embed(texts * times)
            wall[name].append((time.perf_counter() - started) / times)
            processor[name].append((time.process_time() - used) / times)
    report(f"{len(texts)} chunks of examples/library, {ROUNDS} rounds; bfloat16 on this processor: {bfloat16()}")
    for name, taken in wall.items():
        report(
            f"{name:<24} {len(texts) / statistics.median(taken):10.0f} chunks/s, "
            f"{ratio(wall, name):7.2f} times as fast, {ratio(processor, name):7.2f} times by processor time"
        )


def ratio(seconds: dict[str, list[float]], name: str) -> float:
    """How many times as fast as the first way, the median of the rounds."""
    base = next(iter(seconds.values()))
    return statistics.median(slow / fast for slow, fast in zip(base, seconds[name], strict=True))


def bfloat16() -> bool:
    import torch

    return _has_bfloat16(torch)
