"""How chunks are cut and what is said before them, at equal sizes, chunks alone. The tables of docs/benchmarks.md.

One of them: pytest tests/benchmarks/test_chunking.py -k "qasper and kinds". Runs are kept in ragtree-eval/, and go on
there; RAGTREE_LIMIT=100 asks that many questions.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ragtree import Document, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.evaluate.datasets.registry import open_dataset
from ragtree.evaluate.evaluation import evaluate
from ragtree.evaluate.markdown_report import contrast_table, measure_table
from ragtree.indexing.contextual_chunker import make_chunker

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
SETS = ("qasper-train", "covidqa", "chunking-eval")
KINDS = ("sentences", "tokens", "recursive", "structure", "semantic")
CONTEXTS = ("none", "title", "heading")
LIMIT = int(os.environ.get("RAGTREE_LIMIT", "0")) or None


def measured(name, settings, grid, report):
    if not (DATA / name).is_dir():
        pytest.skip(f"{DATA / name} is not there")
    started = time.monotonic()
    settings = Settings.model_validate({"tree": {"cluster": "none"}, "retrieve": {"mode": "leaves"}, **settings})
    found = evaluate(open_dataset(str(DATA / name)), settings, grid, limit=LIMIT, out=ROOT / "ragtree-eval")
    report(f"## {name}: {len(found.asked)} questions, {time.monotonic() - started:.0f} s in all")
    report(measure_table(found.cells))
    report(contrast_table(found.contrasts) + "\n")


@pytest.mark.parametrize("name", SETS)
def test_kinds(name, report):
    measured(name, {"chunk": {"context": "none"}}, {"chunk.kind": KINDS}, report)


@pytest.mark.parametrize("kind", ["sentences", "structure"])
@pytest.mark.parametrize("name", SETS)
def test_contexts(name, kind, report):
    measured(name, {"chunk": {"kind": kind}}, {"chunk.context": CONTEXTS}, report)


@pytest.mark.parametrize("kind", [*KINDS, "layout"])
def test_seconds(kind, report):
    """100,000 words, models not counted."""
    sentence = "The tide turned at nine, and nobody had the key of the boathouse. "
    text = ("## Heading\n\n" + (sentence * 6 + "\n\n") * 4) * 320
    started = time.process_time()
    spans = make_chunker(Settings.model_validate({"chunk": {"kind": kind}}), HashingEmbedder()).chunk(
        Document("book.md", text)
    )
    report(f"{kind:<10} {len(text.split()):7,} words, {len(spans):5} chunks: {time.process_time() - started:.2f} s")
