"""What a model wants before a passage, and how it pools, as its own folder says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_models import make_bert

from ragtree.embed.base import DocumentSpans
from ragtree.embed.late_chunking import LateEmbedder
from ragtree.embed.plain import PlainEmbedder
from ragtree.embed.sentence_transformer import SentenceTransformerEmbedder
from ragtree.errors import ModelError
from ragtree.settings import EmbedSettings
from ragtree.types import Span

TEXT = "the cat sleeps on the warm roof"


def embedder(folder: Path, window: int = 0) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder("tiny", str(folder), window=window)


@pytest.mark.parametrize("name", ["document", "passage", "corpus"])
def test_passages_get_the_words_that_the_model_names(tmp_path: Path, name: str) -> None:
    told = embedder(make_bert(tmp_path / "told", {"query": "query: ", name: "passage: "}))
    bare = embedder(make_bert(tmp_path / "bare"))
    assert np.allclose(told.embed([TEXT]), bare.embed(["passage: " + TEXT]), atol=1e-2)
    assert not np.allclose(told.embed([TEXT]), bare.embed([TEXT]), atol=1e-2)
    assert np.allclose(told.embed_query(TEXT), bare.embed_query("query: " + TEXT), atol=1e-2)


def test_windows_get_them_too(tmp_path: Path) -> None:
    told = embedder(make_bert(tmp_path, {"document": "passage: "}))
    late = LateEmbedder(told, EmbedSettings())
    assert told.marks_before == 3
    whole = late.embed_spans([DocumentSpans(TEXT, (Span(0, len(TEXT)),))]).spans
    assert np.allclose(whole, told.embed([TEXT]), atol=1e-2)


def test_a_model_that_pools_otherwise_is_refused(tmp_path: Path) -> None:
    late = LateEmbedder(embedder(make_bert(tmp_path, pooling="cls")), EmbedSettings())
    with pytest.raises(ModelError, match=r"pooling: cls.*set embed\.kind to plain"):
        late.embed_spans([DocumentSpans(TEXT, (Span(0, 3),))])


def test_plain_embeds_the_sentences_of_such_a_model_as_texts(tmp_path: Path) -> None:
    model = embedder(make_bert(tmp_path, pooling="cls"))
    found = PlainEmbedder(model, EmbedSettings()).embed_spans([DocumentSpans(TEXT, (Span(0, 31),), (Span(4, 14),))])
    assert np.allclose(found.spans, model.embed([TEXT]), atol=1e-2)
    assert np.allclose(found.inner, model.embed([TEXT[4:14]]), atol=1e-2)


def test_a_window_past_the_models_positions_is_read(tmp_path: Path) -> None:
    folder = make_bert(tmp_path)
    own, stretched = embedder(folder), embedder(folder, window=200)
    assert (own.window, stretched.window) == (62, 200)
    text = " ".join([TEXT] * 25)
    spans = (Span(0, 31), Span(320, 351))
    long = LateEmbedder(stretched, EmbedSettings()).embed_spans([DocumentSpans(text, spans)]).spans
    short = LateEmbedder(own, EmbedSettings()).embed_spans([DocumentSpans(text, spans)]).spans
    assert long.shape == short.shape == (2, 32)
    assert np.isfinite(long).all()
    assert not np.allclose(long, short, atol=1e-2)
