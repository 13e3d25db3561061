"""Ways of reading a document once: what they cost, how well their chunks are found, and what their sentences are worth.

`plain` reads a chunk alone, `neighbours` adds the chunks beside it, `late` reads whole windows, `blend` adds plain and
late. The sentences of all of them come from the same pass. RAGTREE_DOCUMENTS=20 is a quick look.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from ragtree.chunk.sentences import SentenceChunker
from ragtree.embed.base import DocumentSpans, unit_rows
from ragtree.embed.late_chunking import LateEmbedder
from ragtree.embed.neighbour_context import add_neighbours
from ragtree.embed.plain import PlainEmbedder
from ragtree.evaluate import open_dataset
from ragtree.evaluate.base import Place
from ragtree.evaluate.metrics.answer_match import coverage
from ragtree.evaluate.metrics.spans import evidence_recall
from ragtree.evaluate.significance import compare, holm
from ragtree.models import make_embedder, make_span_embedder
from ragtree.settings import ChunkSettings, EmbedSettings
from ragtree.summarize.extractive import choose, telling
from ragtree.text.sentences import sentence_spans, strip_span
from ragtree.text.tokens import count_tokens
from ragtree.types import Document

DATA = Path(__file__).parents[2].parent / "shared" / "data"
BUDGETS = (300, 600, 1200)
DOCUMENTS = int(os.environ.get("RAGTREE_DOCUMENTS", "70"))
ROUNDS = 3


def folder(name):
    if not (DATA / name).is_dir():
        pytest.skip(f"{DATA / name} is not there")
    return DATA / name


def passages_of(document, tokens):
    chunker = SentenceChunker(ChunkSettings(tokens=tokens))
    sentences = (strip_span(document.text, span) for span in sentence_spans(document.text, "en"))
    return DocumentSpans(document.text, tuple(chunker.chunk(document)), tuple(sentences))


def rows_of(model, passages):
    """Vectors of the chunks by way of reading, with several weights of the neighbours."""
    bare = [DocumentSpans(one.text, one.spans) for one in passages]
    plain, late = (make(model, EmbedSettings()).embed_spans(bare).spans for make in (PlainEmbedder, LateEmbedder))
    ends = np.cumsum([len(one.spans) for one in passages])[:-1]
    rows = {"plain": plain, "late": late, "blend": unit_rows(plain + late)}
    for weight in (0.3, 0.4, 0.6):
        parts = [add_neighbours(part, weight) for part in np.split(plain, ends)]
        rows[f"neighbours {weight}"] = np.concatenate(parts)
    return rows


def test_speed(report):
    """In turns, over the same chunks; the fastest of some rounds counts, as other programs only ever slow one down."""
    import torch
    from sentence_transformers import SentenceTransformer

    files = sorted(path for path in (folder("folder-peps") / "files").rglob("*") if path.is_file())
    files = files[:: max(1, len(files) // DOCUMENTS * 2)]
    documents = [passages_of(Document(str(path), path.read_text(errors="replace")), 100) for path in files]
    texts = [span.of(one.text) for one in documents for span in one.spans]
    sentences = [" ".join(span.of(one.text).split()) for one in documents for span in one.inner]
    model = make_embedder(EmbedSettings())
    model.embed(["warm"])
    whole = sum(len(model.tokenize(one.text).ids) for one in documents)
    float32 = SentenceTransformer(model._path, model_kwargs={"dtype": torch.float32})
    late = LateEmbedder(model, EmbedSettings())
    bare = [DocumentSpans(one.text, one.spans) for one in documents]
    kinds = ("plain", "neighbours", "late", "blend")
    reading = {kind: make_span_embedder(EmbedSettings(kind=kind), model) for kind in kinds}
    jobs = {
        "sentence-transformers, float32": lambda: float32.encode(texts, batch_size=32),
        "the same with sentences": lambda: float32.encode([*texts, *sentences], batch_size=32),
        "embed": lambda: model.embed(texts),
        "embed, late, and embed of sentences": lambda: (
            model.embed(texts),
            late.embed_spans(bare),
            model.embed(list(dict.fromkeys(sentences))),
        ),
    } | {f"{name}, one pass": lambda one=one: one.embed_spans(documents) for name, one in reading.items()}
    seconds = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            begun = time.perf_counter()
            job()
            seconds[name].append(time.perf_counter() - begun)
    slowest = min(seconds["sentence-transformers, float32"])
    report(f"## {len(files)} files, {len(texts)} chunks, {len(sentences)} sentences, {whole} tokens")
    for name, taken in seconds.items():
        one = reading.get(name.removesuffix(", one pass"))
        read = f", reads {one.tokens_read / ROUNDS / whole:.2f} of the tokens" if one else ""
        report(f"{name:36} {len(texts) / min(taken):6.1f} chunks/s, {slowest / min(taken):.2f} of float32's{read}")


@pytest.mark.parametrize("tokens", [100, 128])
@pytest.mark.parametrize("name", ["covidqa", "qasper-train", "chunking-eval", "scifact"])
def test_chunks_are_found(name, tokens, report):
    """Evidence recall of chunks alone, by similarity, against `blend`; of SciFact, abstracts without evidence are
    left out but for some."""
    data = open_dataset(str(folder(name)))
    proved = {proof.place.document_id for question in data.questions for proof in question.proofs}
    documents = [document for document in data.documents if document.id in proved][
        : DOCUMENTS * (10 if name == "scifact" else 1)
    ]
    known = {document.id for document in documents}
    questions = [q for q in data.questions if q.proofs and {proof.place.document_id for proof in q.proofs} <= known]
    passages = [passages_of(document, tokens) for document in documents]
    owner = np.array([row for row, one in enumerate(passages) for _ in one.spans])
    places = [Place(document.id, span) for document, one in zip(documents, passages, strict=True) for span in one.spans]
    counts = [count_tokens(place.span.of(documents[row].text)) for row, place in zip(owner, places, strict=True)]
    own = {document.id: np.flatnonzero(owner == row) for row, document in enumerate(documents)}
    model = make_embedder(EmbedSettings())
    asked = np.stack([model.embed_query(question.text) for question in questions])
    values = {}
    for kind, rows in rows_of(model, passages).items():
        values[kind] = []
        for question, vector in zip(questions, asked, strict=True):
            within = own[question.document_id] if question.document_id else np.arange(len(rows))
            order = within[np.argsort(-(rows[within] @ vector), kind="stable")]
            ends = np.cumsum([counts[row] for row in order[:200]])
            found = [[places[row] for row in order[: np.searchsorted(ends, most, "right")]] for most in BUDGETS]
            values[kind].append([evidence_recall(question.proofs, some) for some in found])
    groups = [question.document_id for question in questions]
    against = {
        (kind, column): compare(np.array(rows)[:, column], np.array(values["blend"])[:, column], groups=groups)
        for kind, rows in values.items()
        if kind != "blend"
        for column in range(len(BUDGETS))
    }
    adjusted = dict(zip(against, holm([one.p for one in against.values()]), strict=True))
    report(
        f"## {name}, chunks of {tokens} tokens: {len(questions)} questions; evidence recall at {BUDGETS}, less blend's"
    )
    for kind, rows in values.items():
        shown = " / ".join(f"{mean:.3f}" for mean in np.mean(rows, axis=0))
        less = " / ".join(
            f"{against[kind, column].difference:+.3f}{'*' if adjusted[kind, column] < 0.05 else ''}"
            for column in range(len(BUDGETS))
            if kind != "blend"
        )
        report(f"{kind:14} {shown}   {less}")


@pytest.mark.parametrize("name", ["qasper-train", "squality-train"])
def test_sentences_for_summaries(name, report):
    """Share of the content words of people's answers in the sentences that are chosen from a whole document."""
    data = open_dataset(str(folder(name)))
    model = make_embedder(EmbedSettings())
    readings = {"plain": PlainEmbedder(model, EmbedSettings()), "late": LateEmbedder(model, EmbedSettings())}
    values = {}
    for document in data.documents[: min(40, DOCUMENTS)]:
        references = [text for q in data.questions if q.document_id == document.id for text in q.references if text]
        passages = passages_of(document, 100)
        texts = [" ".join(span.of(document.text).split()) for span in passages.inner]
        rows = telling(texts)
        if not references or not texts:
            continue
        vectors = {kind: reading.embed_spans([passages]).inner for kind, reading in readings.items()}
        vectors["alone"] = model.embed(texts)
        sizes = [count_tokens(texts[row]) for row in rows]
        for budget in (100, 300, 600):
            for kind, found in vectors.items():
                chosen = " ".join(texts[rows[row]] for row in choose(found[rows], sizes, budget))
                values.setdefault((budget, kind), []).append(coverage(references, chosen))
    for (budget, kind), found in values.items():
        over = compare(np.array(found), np.array(values[budget, "alone"]))
        gain = f"{over.difference:+.3f} [{over.low:+.3f}, {over.high:+.3f}]"
        report(f"{name}, {budget} tokens, {kind:8} {np.mean(found):.3f} ({gain})")
