"""Summaries by the bundled model: what hybrid costs and keeps beside abstractive, on groups of real stories.

Processor seconds of this process are compared, since the clock on the wall shows what else the machine does.
`pytest tests/benchmarks/test_summaries.py`, a few minutes.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import pytest

from ragtree import Document
from ragtree.chunk.sentences import SentenceChunker
from ragtree.cluster.kmeans import KMeans
from ragtree.evaluate.datasets.registry import open_dataset
from ragtree.llm.base import ChatModel, Message
from ragtree.models import make_chat_model, make_embedder
from ragtree.settings import ChunkSettings, EmbedSettings, LlmSettings, SummarizeSettings
from ragtree.summarize.abstractive import AbstractiveSummarizer
from ragtree.summarize.base import Group
from ragtree.summarize.hybrid import HybridSummarizer
from ragtree.text.sentences import sentence_spans
from ragtree.text.tokens import count_tokens

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "squality-train"
GROUPS = 8
BUDGET = 1000
WAYS = {
    "abstractive": (AbstractiveSummarizer, SummarizeSettings()),
    "hybrid": (HybridSummarizer, SummarizeSettings()),
}


class Overheard:
    """A model whose answers are kept."""

    def __init__(self, model: ChatModel) -> None:
        self.name, self.context, self.count, self.close = model.name, model.context, model.count, model.close
        self.answers: list[str] = []
        self._model = model

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        self.answers.append("")
        for piece in self._model.stream(messages, max_tokens):
            self.answers[-1] += piece
            yield piece


def real_groups(embedder, count=GROUPS):
    """Groups as the tree makes them, each of another story."""
    groups = []
    for document in open_dataset(str(DATA)).documents[:count]:
        document = Document(document.id, document.text[:12_000])
        texts = [span.of(document.text) for span in SentenceChunker(ChunkSettings()).chunk(document)]
        tokens = np.array([count_tokens(text) for text in texts])
        rows = KMeans().cluster(embedder.embed(texts), tokens, BUDGET)
        largest = max(rows, key=lambda group: int(tokens[group].sum()))
        groups.append([texts[row] for row in sorted(largest)])
    return groups


def measured(name, model, embedder, groups):
    """Processor seconds, written and kept sentences, and what became of the groups."""
    make, settings = WAYS[name]
    overheard = Overheard(model)
    summarizer = make(settings, overheard, embedder, "auto")
    started = time.process_time()
    summaries = list(summarizer.summarize(map(Group, groups)))
    seconds = time.process_time() - started
    written = [span.of(answer).strip() for answer in overheard.answers for span in sentence_spans(answer)]
    kept = sum(len(summary.sentences) for summary in summaries if summary.made == name)
    vectors = embedder.embed([" ".join(sentence.text for sentence in summary.sentences) for summary in summaries])
    near = [
        float(vector @ embedder.embed(list(texts)).mean(axis=0)) for vector, texts in zip(vectors, groups, strict=True)
    ]
    return {
        "seconds": seconds,
        "written": len(list(filter(None, written))),
        "kept": kept,
        "own": sum(summary.made == name for summary in summaries),
        "asked": len(overheard.answers),
        "near": float(np.mean(near)),
    }


def test_hybrid_beside_abstractive(report):
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is not there")
    embedder = make_embedder(EmbedSettings())
    model = make_chat_model(LlmSettings(threads=1))
    groups = real_groups(embedder)
    list(model.stream([Message("user", "Hello.")], 2))
    found = defaultdict(dict)
    for name in WAYS:
        found[name] = measured(name, model, embedder, groups)
    slow = found["abstractive"]["seconds"]
    tokens = sum(count_tokens(text) for texts in groups for text in texts)
    report(f"## summaries of {len(groups)} groups of {tokens / len(groups):.0f} tokens, bundled model, 1 thread")
    for name, of in found.items():
        report(
            f"{name:<12} {of['seconds']:6.1f} s of processor time ({slow / of['seconds']:.2f} times as fast), "
            f"{of['asked']} calls, {of['kept']} of {of['written']} sentences kept ({of['kept'] / of['written']:.0%}), "
            f"{of['own']} of {len(groups)} groups with a written summary, cosine to the group {of['near']:.3f}"
        )
    model.close()
