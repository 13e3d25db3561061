"""Static models: distilled of a small model, and ready-made."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_models import make_bert, make_static, tokenizer, write

from ragtree.embed import distill
from ragtree.embed.base import unit_rows
from ragtree.embed.layers import load_transformer
from ragtree.embed.onnx_runtime import OnnxEmbedder
from ragtree.embed.static import StaticEmbedder, read_table
from ragtree.errors import MissingExtraError, ModelError

TEXTS = ["the cat sleeps on the warm roof", "x", "", "a small boat at sea", "Interest RATES rose, zzz ☃"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bert(tmp_path_factory.mktemp("bert"))


def static(model: Path, cache: Path) -> StaticEmbedder:
    return StaticEmbedder("tiny", lambda: model, cache)


def test_a_text_is_the_mean_of_its_known_tokens(tmp_path: Path) -> None:
    model = make_static(tmp_path / "model")
    table = read_table(model)
    numbers = tokenizer().get_vocab()
    tokens = ["interest", "rates", "rose", ",", "z", "##z", "##z"]
    expected = unit_rows(table[[numbers[token] for token in tokens]].mean(axis=0))[0]
    assert np.allclose(static(model, tmp_path).embed(TEXTS)[4], expected, atol=1e-6)


def test_a_long_text_counts_whole_or_as_far_as_the_model_says(tmp_path: Path) -> None:
    model = make_static(tmp_path / "model")
    long = "the cat " * 400 + "a small boat " * 400
    assert np.allclose(*static(model, tmp_path).embed([long, "the cat " * 256]), atol=1e-6)
    write(model / "config.json", {"model_type": "model2vec", "max_length": None})
    assert not np.allclose(*static(model, tmp_path).embed([long, "the cat"]), atol=1e-2)


def test_weights_and_a_mapping_of_a_ready_made_model_count(tmp_path: Path) -> None:
    size = tokenizer().get_vocab_size()
    plain = read_table(make_static(tmp_path / "plain"))
    mapping, weights = np.zeros(size, dtype=np.int32), np.linspace(0, 1, size, dtype=np.float16)
    table = read_table(make_static(tmp_path / "mapped", mapping=mapping, weights=weights))
    assert np.allclose(table, plain[0] * weights.astype(np.float32)[:, None], atol=1e-3)


def test_a_token_is_distilled_to_what_the_model_says_of_it_alone(bert: Path, tmp_path: Path) -> None:
    own = tokenizer()
    words = ["cat", "roof", "boat", "sea"]
    before, after = distill.special_tokens(own)
    vectors = distill.token_vectors(load_transformer(bert, 0), before, [own.token_to_id(word) for word in words], after)
    expected = OnnxEmbedder("tiny", lambda: bert, tmp_path).embed(words)
    assert np.allclose(unit_rows(vectors), expected, atol=1e-4)


def test_components_are_the_vectors_turned_about_their_mean() -> None:
    vectors = np.random.default_rng(0).normal(size=(300, 12)).astype(np.float32)
    made, centred = unit_rows(distill.weighted(vectors, 12)), unit_rows(vectors - vectors.mean(axis=0))
    assert np.allclose(made @ made.T, centred @ centred.T, atol=1e-4)


def test_a_distilled_model_is_kept_and_found(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = static(bert, tmp_path).embed(TEXTS)
    assert sorted(file.name for file in tmp_path.rglob("*.*")) == ["config.json", "model.safetensors", "tokenizer.json"]
    monkeypatch.setattr(distill, "distil", lambda *_: pytest.fail("distilled again"))
    for package in ("torch", "transformers", "sentence_transformers"):
        monkeypatch.setitem(sys.modules, package, None)
    assert np.array_equal(static(bert, tmp_path).embed(TEXTS), first)


def test_what_is_distilled_is_read_by_sentence_transformers(bert: Path, tmp_path: Path) -> None:
    from sentence_transformers.models import StaticEmbedding

    own = static(bert, tmp_path)
    vectors = own.embed(TEXTS[:1])
    folder = next(tmp_path.glob("*/model.safetensors")).parent
    theirs = StaticEmbedding(tokenizer(), embedding_weights=read_table(folder))
    found = theirs(theirs.preprocess(TEXTS[:1]))["sentence_embedding"].detach().numpy()
    assert np.allclose(unit_rows(found), vectors, atol=1e-5)


def test_frequent_tokens_weigh_less() -> None:
    vectors = np.random.default_rng(0).normal(size=(500, 20)).astype(np.float32)
    weighed = distill.weighted(vectors, 8)
    assert weighed.shape == (500, 8)
    lengths = np.linalg.norm(weighed, axis=1)
    assert lengths[:5].max() < 0.2 * lengths[-50:].mean()


def test_a_model_without_vectors_is_told(tmp_path: Path) -> None:
    model = make_static(tmp_path / "model")
    (model / "model.safetensors").write_bytes(b"{}")
    with pytest.raises(ModelError, match=r"model\.safetensors cannot be read"):
        static(model, tmp_path).embed(["x"])


@pytest.mark.parametrize("package", ["safetensors", "tokenizers"])
def test_a_missing_package_is_told_with_its_extra(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_static(tmp_path / "model")
    for name in (package, f"{package}.numpy"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"ragtree\[static\]"):
        static(model, tmp_path).embed(["x"])
