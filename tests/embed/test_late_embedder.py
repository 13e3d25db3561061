"""Late chunking with the real model: a chunk's vector knows its document."""

from __future__ import annotations

import numpy as np
import pytest

from ragtree.embed.base import DocumentSpans, Embedder, has_token_vectors
from ragtree.embed.late_chunking import LateEmbedder
from ragtree.embed.sentence_transformer import SentenceTransformerEmbedder
from ragtree.models import embedder_files, make_span_embedder
from ragtree.settings import EmbedSettings
from ragtree.types import Progress, Span

HARBOUR = (
    "Port Hask is a harbour on the northern coast, and the largest fishing town of its county. "
    "It has nine hundred inhabitants, of whom a third live from herring. "
    "The town has a school with two rooms."
)
CUTS = (Span(0, 91), Span(91, 160), Span(160, len(HARBOUR)))
LATE = EmbedSettings(kind="late")


@pytest.fixture
def late(bundled_embedder: Embedder) -> LateEmbedder:
    made = make_span_embedder(LATE, bundled_embedder)
    assert isinstance(made, LateEmbedder)
    return made


def test_the_pronoun_is_nearer_to_the_name_than_it_is_alone(late: LateEmbedder, bundled_embedder: Embedder) -> None:
    """What table 1 of the paper shows (arXiv 2409.04701)."""
    query = bundled_embedder.embed_query("Port Hask")
    around = late.embed_spans([DocumentSpans(HARBOUR, CUTS)]).spans
    alone = bundled_embedder.embed([span.of(HARBOUR) for span in CUTS])
    gain = (around - alone) @ query
    assert gain[1:].min() > 0.1, gain


def test_a_document_of_one_chunk_has_the_vector_of_its_text(late: LateEmbedder, bundled_embedder: Embedder) -> None:
    (row,) = late.embed_spans([DocumentSpans(HARBOUR, (Span(0, len(HARBOUR)),))]).spans
    assert row @ bundled_embedder.embed([HARBOUR])[0] > 0.9999


def test_rows_come_in_the_order_of_documents_and_spans(late: LateEmbedder) -> None:
    documents = [
        DocumentSpans(HARBOUR, CUTS),
        DocumentSpans("Rye bread.", (Span(0, 10),)),
        DocumentSpans(HARBOUR * 20, (CUTS[2],)),
    ]
    together = late.embed_spans(documents).spans
    assert together.shape == (5, 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.concatenate([late.embed_spans([document]).spans for document in documents])
    assert (together * alone).sum(axis=1).min() > 0.999


def test_a_chunk_longer_than_the_window_is_pooled_whole(late: LateEmbedder) -> None:
    text = HARBOUR * 30
    rows = late.embed_spans([DocumentSpans(text, (Span(0, len(text)),))]).spans
    head = late.embed_spans([DocumentSpans(HARBOUR, (Span(0, len(HARBOUR)),))]).spans
    assert rows.shape == (1, 384)
    assert (rows @ head.T).item() > 0.8


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b\u200b"])
def test_a_text_without_tokens_has_a_finite_vector(late: LateEmbedder, text: str) -> None:
    assert np.isfinite(late.embed_spans([DocumentSpans(text, (Span(0, len(text)),))]).spans).all()


def test_no_documents_give_no_rows(late: LateEmbedder) -> None:
    assert [rows.shape for rows in late.embed_spans([])] == [(0, 384), (0, 384)]


def test_progress_ends_at_the_number_of_spans(late: LateEmbedder) -> None:
    steps: list[Progress] = []
    late.embed_spans([DocumentSpans(HARBOUR * 12, CUTS), DocumentSpans(HARBOUR, CUTS)], steps.append)
    assert steps[-1] == Progress("embed", 6, 6)


def test_the_window_is_what_the_model_was_made_for(bundled_embedder: Embedder) -> None:
    assert has_token_vectors(bundled_embedder)
    assert bundled_embedder.window == 510


def test_a_stretched_window_leaves_short_texts_as_they_are(bundled_embedder: Embedder) -> None:
    """LongEmbed's position interpolation: only what is longer than the model's own window is read with it."""
    folder = embedder_files(EmbedSettings())
    stretched = SentenceTransformerEmbedder("stretched", str(folder), window=1500)
    late = make_span_embedder(LATE, stretched)
    long = HARBOUR * 25
    rows = late.embed_spans([DocumentSpans(long, (Span(0, 500), Span(4000, 4500)))]).spans
    assert np.isfinite(rows).all()
    own = make_span_embedder(LATE, bundled_embedder)
    short = [DocumentSpans(HARBOUR, CUTS)]
    assert np.allclose(late.embed_spans(short).spans, own.embed_spans(short).spans, atol=1e-3)
    assert np.allclose(stretched.embed([HARBOUR]), bundled_embedder.embed([HARBOUR]), atol=1e-3)
