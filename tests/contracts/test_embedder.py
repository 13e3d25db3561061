"""What every embedder promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_models import make_static

from ragtree.embed.base import Embedder
from ragtree.embed.hashing import HashingEmbedder
from ragtree.embed.onnx_runtime import OnnxEmbedder
from ragtree.embed.server_embedder import ServerEmbedder
from ragtree.embed.static import StaticEmbedder
from ragtree.models import embedder_files
from ragtree.settings import EmbedSettings
from ragtree.types import Progress

TEXTS = ["The cat sleeps on the warm roof.", "Interest rates rose by two percent.", "x", "Ein Kätzchen 🐈", " "]


@pytest.fixture(scope="session")
def onnx_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("onnx")


@pytest.fixture(params=["bundled", "hashing", "server", "static", "float32", "int8"])
def embedder(request: pytest.FixtureRequest, tmp_path: Path) -> Embedder:
    if request.param == "bundled":
        return request.getfixturevalue("bundled_embedder")
    if request.param == "hashing":
        return HashingEmbedder()
    if request.param == "server":
        return ServerEmbedder(request.getfixturevalue("model_server").url, "words", EmbedSettings(batch=2))
    if request.param == "static":
        model = make_static(tmp_path / "model")
        return StaticEmbedder("static", lambda: model, tmp_path)
    bundled = embedder_files(EmbedSettings())
    assert bundled is not None
    return OnnxEmbedder(request.param, lambda: bundled, request.getfixturevalue("onnx_cache"), precision=request.param)


def test_vectors_are_unit_rows_of_float32_in_the_order_of_the_texts(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    # Eight bits are spread over the largest number of a batch, which the shortest texts feel the most.
    least = 0.95 if embedder.name == "int8" else 0.99
    for row, text in zip(vectors, TEXTS, strict=True):
        assert row @ embedder.embed([text])[0] > least


def test_the_same_text_has_the_same_vector_in_one_batch(embedder: Embedder) -> None:
    first, other, second = embedder.embed(["a small boat", "a mountain", "a small boat"])
    assert np.array_equal(first, second)
    assert not np.allclose(first, other, atol=0.05)


def test_a_question_lies_nearest_to_the_text_with_its_words(embedder: Embedder) -> None:
    question = embedder.embed_query("Where does the cat sleep on the roof?")
    assert question.shape == (embedder.dimension,)
    assert int(np.argmax(embedder.embed(TEXTS) @ question)) == 0


def test_no_texts_give_no_rows_of_the_same_width(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)


def test_an_empty_text_has_a_finite_vector(embedder: Embedder) -> None:
    assert np.isfinite(embedder.embed([""])).all()


def test_progress_ends_at_the_number_of_texts(embedder: Embedder) -> None:
    steps: list[Progress] = []
    embedder.embed(TEXTS, steps.append)
    assert steps[-1] == Progress("embed", len(TEXTS), len(TEXTS))
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_the_name_is_not_empty(embedder: Embedder) -> None:
    assert embedder.name
