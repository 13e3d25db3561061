"""One pass over a document gives the vectors of its chunks and of the sentences in them, in every way of reading."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ragtree.embed.base import DocumentSpans, Embedder, SpanEmbedder, unit_rows
from ragtree.embed.hashing import HashingEmbedder
from ragtree.embed.neighbour_context import WEIGHT, add_neighbours
from ragtree.errors import ModelError
from ragtree.models import make_span_embedder
from ragtree.settings import EmbedSettings
from ragtree.text.sentences import sentence_spans
from ragtree.types import Progress, Span

HARBOUR = (
    "Port Hask is a harbour on the northern coast, and the largest fishing town of its county. "
    "It has nine hundred inhabitants, of whom a third live from herring. "
    "The town has a school with two rooms."
)
CUTS = (Span(0, 91), Span(91, 160), Span(160, len(HARBOUR)))
KINDS = ("plain", "neighbours", "late", "blend")


def embedder_of(kind: str, embedder: Embedder) -> SpanEmbedder:
    return make_span_embedder(EmbedSettings.model_validate({"kind": kind}), embedder)


@pytest.fixture(params=[*KINDS, "texts"])
def reading(request: pytest.FixtureRequest, bundled_embedder: Embedder) -> SpanEmbedder:
    """All ways of reading, and that of an embedder without token vectors."""
    kind: str = request.param
    return embedder_of("plain", HashingEmbedder()) if kind == "texts" else embedder_of(kind, bundled_embedder)


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    assert left.shape == right.shape
    return (left * right).sum(axis=1)


def chunked(text: str, per_chunk: int) -> DocumentSpans:
    """A document of chunks of so many sentences."""
    sentences = sentence_spans(text, "en")
    parts = [sentences[start : start + per_chunk] for start in range(0, len(sentences), per_chunk)]
    return DocumentSpans(text, tuple(Span(part[0].start, part[-1].end) for part in parts), tuple(sentences))


def test_every_span_gets_a_unit_row(reading: SpanEmbedder) -> None:
    documents = [
        chunked(HARBOUR * 40, 2),
        DocumentSpans(""),
        DocumentSpans("", (Span(0, 0),)),
        DocumentSpans(" \n ", (Span(0, 3),), (Span(0, 3),)),
        DocumentSpans("\u200b\u200b rye", (Span(0, 6),), (Span(0, 2), Span(2, 2), Span(3, 6))),
        chunked(HARBOUR, 1),
    ]
    found = reading.embed_spans(documents)
    for rows, wanted in (
        (found.spans, sum(len(one.spans) for one in documents)),
        (found.inner, sum(len(one.inner) for one in documents)),
    ):
        assert len(rows) == wanted
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_rows_come_in_the_order_of_documents_and_spans(reading: SpanEmbedder) -> None:
    bread = DocumentSpans("Rye bread. Salt.", (Span(11, 16), Span(0, 11)), (Span(0, 10), Span(11, 16), Span(4, 9)))
    documents = [chunked(HARBOUR, 1), bread, chunked(HARBOUR * 20, 3)]
    together = reading.embed_spans(documents)
    apart = [reading.embed_spans([document]) for document in documents]
    assert cosines(together.spans, np.concatenate([one.spans for one in apart])).min() > 0.999
    assert cosines(together.inner, np.concatenate([one.inner for one in apart])).min() > 0.999


@pytest.mark.parametrize("kind", ["plain", "late"])
def test_sentences_stand_where_they_were_asked_for(kind: str, bundled_embedder: Embedder) -> None:
    """Each text has its own sentence nearest. (All sentences of a chunk are near to what the chunk says.)"""
    found = embedder_of(kind, bundled_embedder).embed_spans(
        [DocumentSpans(HARBOUR, (Span(0, len(HARBOUR)),), CUTS[::-1])]
    )
    alone = bundled_embedder.embed([span.of(HARBOUR) for span in CUTS[::-1]])
    assert (alone @ found.inner.T).argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.parametrize("kind", ["plain", "late"])
def test_a_document_of_one_chunk_has_the_vector_of_its_text(kind: str, bundled_embedder: Embedder) -> None:
    (row,) = embedder_of(kind, bundled_embedder).embed_spans([DocumentSpans(HARBOUR, (Span(0, len(HARBOUR)),))]).spans
    assert row @ bundled_embedder.embed([HARBOUR])[0] > 0.999


def test_plain_is_what_embed_gives(bundled_embedder: Embedder) -> None:
    document = chunked(HARBOUR * 3, 2)
    document = DocumentSpans(document.text, document.spans, document.inner, ("", "Harbours of the north") * 2 + ("",))
    texts = [
        f"{said}\n{span.of(document.text)}" if said else span.of(document.text)
        for said, span in zip(document.before, document.spans, strict=True)
    ]
    found = embedder_of("plain", bundled_embedder).embed_spans([document])
    assert cosines(found.spans, bundled_embedder.embed(texts)).min() > 0.999


def test_a_chunk_of_one_sentence_is_near_it(bundled_embedder: Embedder) -> None:
    """They differ by the marks, which only the chunk has."""
    found = embedder_of("plain", bundled_embedder).embed_spans([DocumentSpans(HARBOUR, CUTS, CUTS)])
    assert cosines(found.spans, found.inner).min() > 0.9


def test_what_stands_before_a_chunk_moves_it(bundled_embedder: Embedder) -> None:
    text = HARBOUR * 3
    last = Span(len(text) - 38, len(text))
    topic = bundled_embedder.embed_query("lighthouses")
    for kind in ("plain", "neighbours", "blend"):
        reading = embedder_of(kind, bundled_embedder)
        bare, told = (
            reading.embed_spans([DocumentSpans(text, (Span(0, 91), last), (), before)]).spans
            for before in ((), ("", "Lighthouses of the coast"))
        )
        assert (told - bare)[1] @ topic > 0.1, kind


def test_a_sentence_is_clipped_where_its_chunk_ends(reading: SpanEmbedder) -> None:
    chunks = (Span(0, 91), Span(91, len(HARBOUR)))
    crossing, clipped = (
        reading.embed_spans([DocumentSpans(HARBOUR, chunks, (Span(46, end),))]).inner for end in (len(HARBOUR), 91)
    )
    assert cosines(crossing, clipped).min() > 0.999


@pytest.mark.parametrize("kind", ["plain", "late"])
def test_a_chunk_longer_than_the_window_is_pooled_whole(kind: str, bundled_embedder: Embedder) -> None:
    text = HARBOUR * 30
    places = (CUTS[1], Span(len(text) - 38, len(text)))
    found = embedder_of(kind, bundled_embedder).embed_spans([DocumentSpans(text, (Span(0, len(text)),), places)])
    alone = bundled_embedder.embed([HARBOUR, *(span.of(text) for span in places)])
    assert found.spans[0] @ alone[0] > 0.8
    assert (alone[1:] @ found.inner.T).argmax(axis=1).tolist() == [0, 1]


def test_neighbours_add_a_share_of_the_chunks_beside(bundled_embedder: Embedder) -> None:
    """In the order of the text, and within a document."""
    documents = [DocumentSpans(HARBOUR, (CUTS[2], CUTS[0], CUTS[1])), DocumentSpans("Rye bread.", (Span(0, 10),))]
    plain, found = (
        embedder_of(kind, bundled_embedder).embed_spans(documents).spans for kind in ("plain", "neighbours")
    )
    third, first, second, bread = plain
    mean = [third + WEIGHT * second, first + WEIGHT * second, second + WEIGHT * (first + third) / 2, bread]
    assert np.allclose(found, unit_rows(np.stack(mean)), atol=1e-6)


def test_a_chunk_without_neighbours_keeps_its_vector() -> None:
    for count in (0, 1):
        rows = np.eye(4, dtype=np.float32)[:count]
        assert (add_neighbours(rows) == rows).all()


def test_the_pronoun_is_nearer_to_the_name_than_it_is_alone(bundled_embedder: Embedder) -> None:
    query = bundled_embedder.embed_query("Port Hask")
    plain, found = (
        embedder_of(kind, bundled_embedder).embed_spans([DocumentSpans(HARBOUR, CUTS)]).spans
        for kind in ("plain", "neighbours")
    )
    assert ((found - plain) @ query)[1] > 0.05


def test_tokens_are_counted(bundled_embedder: Embedder) -> None:
    document = chunked(HARBOUR * 30, 9)
    bare = DocumentSpans(document.text, document.spans)
    read = {}
    for kind in KINDS:
        reading = embedder_of(kind, bundled_embedder)
        reading.embed_spans([bare])
        read[kind] = reading.tokens_read
        reading.embed_spans([document])
        assert reading.tokens_read == 2 * read[kind], "sentences cost nothing"
    assert read["plain"] == read["neighbours"] < read["late"] < read["blend"] == read["plain"] + read["late"]
    assert embedder_of("plain", HashingEmbedder()).tokens_read == 0


def test_progress_ends_at_the_number_of_chunks(reading: SpanEmbedder) -> None:
    steps: list[Progress] = []
    reading.embed_spans([chunked(HARBOUR * 12, 4), chunked(HARBOUR, 1)], steps.append)
    assert steps[-1] == Progress("embed", 12, 12)
    assert all(one.done <= two.done for one, two in pairwise(steps))


def test_no_documents_give_no_rows(reading: SpanEmbedder) -> None:
    for documents in ([], [DocumentSpans("Rye bread.")]):
        found = reading.embed_spans(documents)
        assert found.spans.shape == found.inner.shape == (0, found.spans.shape[1])
        assert found.spans.shape[1] in (64, 384)


def test_an_embedder_without_tokens_embeds_sentences_as_texts() -> None:
    model = HashingEmbedder()
    found = embedder_of("plain", model).embed_spans([DocumentSpans(HARBOUR, CUTS[:2], CUTS[:2], ("Head", ""))])
    assert np.allclose(found.inner, model.embed([span.of(HARBOUR) for span in CUTS[:2]]))
    assert np.allclose(found.spans, model.embed(["Head " + CUTS[0].of(HARBOUR), CUTS[1].of(HARBOUR)]))


@pytest.mark.parametrize("kind", ["late", "blend"])
def test_an_embedder_without_tokens_is_refused(kind: str) -> None:
    with pytest.raises(ModelError, match=r"hashing-64 does not hand out .* set embed\.kind to neighbours or plain"):
        embedder_of(kind, HashingEmbedder())


def test_passages_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ValueError, match="1 texts before 2 chunks"):
        DocumentSpans(HARBOUR, CUTS[:2], before=("one",))
    with pytest.raises(ValueError, match="3 sentences without a chunk"):
        DocumentSpans(HARBOUR, (), CUTS)


def test_fingerprints_tell_the_ways_apart(bundled_embedder: Embedder) -> None:
    readings = [embedder_of(kind, bundled_embedder) for kind in KINDS]
    assert len({one.fingerprint for one in readings}) == len(readings)


def test_what_auto_means(bundled_embedder: Embedder) -> None:
    for model, kind in ((bundled_embedder, "neighbours"), (HashingEmbedder(), "plain")):
        assert embedder_of("auto", model).fingerprint == embedder_of(kind, model).fingerprint
