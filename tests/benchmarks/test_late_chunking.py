"""Chunks read alone, with a share of their neighbours, in whole windows, and alone and in windows: the table of
docs/benchmarks.md, and what it costs.

One of them: pytest tests/benchmarks/test_late_chunking.py -k "scifact and 64". Runs are kept in ragtree-eval/.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest

from ragtree import Settings
from ragtree.chunk.sentences import SentenceChunker
from ragtree.embed.base import DocumentSpans
from ragtree.evaluate import contrast_table, evaluate, measure_table, open_dataset
from ragtree.models import make_embedder, make_span_embedder
from ragtree.settings import ChunkSettings, EmbedSettings

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
KINDS = {"embed.kind": ("plain", "neighbours", "late", "blend")}


@pytest.mark.parametrize("tokens", [64, 128, 256])
@pytest.mark.parametrize("name", ["scifact", "qasper-train", "covidqa", "chunking-eval"])
def test_kinds_at_equal_chunk_sizes(name, tokens, report):
    if not (DATA / name).is_dir():
        pytest.skip(f"{DATA / name} is not there")
    settings = Settings.model_validate(
        {"chunk": {"tokens": tokens}, "tree": {"cluster": "none"}, "retrieve": {"mode": "leaves"}}
    )
    found = evaluate(open_dataset(str(DATA / name)), settings, KINDS, out=ROOT / "ragtree-eval")
    report(f"## {name}, chunks of {tokens} tokens: {len(found.asked)} questions")
    report(measure_table(found.cells) + "\n" + contrast_table(found.contrasts) + "\n")


@pytest.mark.parametrize("tokens", [64, 100, 256])
def test_late_chunking_costs(tokens, report):
    """Seconds of late chunking by those of plain embedding, over the same chunks in turns."""
    documents = open_dataset(str(DATA / "qasper-train")).documents[:8] if (DATA / "qasper-train").is_dir() else ()
    if not documents:
        pytest.skip(f"{DATA / 'qasper-train'} is not there")
    chunker = SentenceChunker(ChunkSettings(tokens=tokens))
    passages = [DocumentSpans(document.text, tuple(chunker.chunk(document))) for document in documents]
    texts = [span.of(one.text) for one in passages for span in one.spans]
    plain = make_embedder(EmbedSettings())
    late = make_span_embedder(EmbedSettings(kind="late"), plain)
    ratios = []
    for _ in range(4):  # the first round warms up
        begun = time.perf_counter()
        plain.embed(texts)
        between = time.perf_counter()
        late.embed_spans(passages)
        ratios.append((time.perf_counter() - between) / (between - begun))
    shown = ", ".join(f"{ratio:.2f}" for ratio in ratios[1:])
    report(f"{len(texts)} chunks of {tokens} tokens: late costs {statistics.median(ratios[1:]):.2f} of plain ({shown})")
