"""ONNX Runtime beside PyTorch, on a small model that the test makes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_models import make_bert, write

from ragtree.embed import onnx_export
from ragtree.embed.onnx_runtime import OnnxEmbedder, batches_by_tokens
from ragtree.embed.sentence_transformer import SentenceTransformerEmbedder
from ragtree.errors import MissingExtraError, ModelError, SettingsError

TEXTS = ["the cat sleeps on the warm roof", "x", "", "a small boat at sea " * 9, "Interest RATES rose, zzz"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bert(tmp_path_factory.mktemp("bert"), {"query": "query: ", "document": "passage: "})


def onnx(model: Path, cache: Path, **options: object) -> OnnxEmbedder:
    return OnnxEmbedder("tiny", lambda: model, cache, **options)  # type: ignore[arg-type]


def torch(model: Path, layers: int = 0) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder("tiny", str(model), layers=layers)


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_vectors_are_those_of_torch(model: Path, tmp_path: Path, layers: int) -> None:
    """Also of a long text that is cut, of an empty one, and with what the model wants before passage and question."""
    ours, theirs = onnx(model, tmp_path, layers=layers), torch(model, layers)
    assert ours.dimension == 32
    assert np.einsum("nd,nd->n", ours.embed(TEXTS), theirs.embed(TEXTS)).min() > 0.999  # bfloat16, where there is
    assert ours.embed_query("the cat") @ theirs.embed_query("the cat") > 0.999
    assert ours.embed_query("the cat") @ ours.embed(["the cat"])[0] < 0.999


def test_fewer_layers_give_other_vectors(model: Path, tmp_path: Path) -> None:
    whole, less = (onnx(model, tmp_path, layers=layers).embed(TEXTS) for layers in (0, 1))
    assert np.einsum("nd,nd->n", whole, less).min() < 0.99


def test_more_layers_than_there_are_is_told(model: Path, tmp_path: Path) -> None:
    for embedder in (onnx(model, tmp_path, layers=4), torch(model, layers=4)):
        with pytest.raises(SettingsError, match="first 4 layers, but there are 3"):
            embedder.embed(["x"])


def test_eight_bits_are_near_and_smaller(model: Path, tmp_path: Path) -> None:
    exact = onnx(model, tmp_path).embed(TEXTS)
    small = onnx(model, tmp_path, precision="int8").embed(TEXTS)
    assert not np.array_equal(exact, small)
    assert np.einsum("nd,nd->n", exact, small).min() > 0.98
    sizes = sorted(file.stat().st_size for file in tmp_path.rglob("*.onnx"))
    assert len(sizes) == 2
    assert sizes[0] < 0.95 * sizes[1]


def test_a_model_is_exported_once(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = onnx(model, tmp_path).embed(TEXTS)
    monkeypatch.setattr(onnx_export, "export", lambda *_: pytest.fail("exported again"))
    assert np.array_equal(onnx(model, tmp_path).embed(TEXTS), first)


def test_a_model_that_changed_is_exported_anew(model: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(model, tmp_path / "model")
    onnx(copy, tmp_path / "cache").embed(["x"])
    write(copy / "config_sentence_transformers.json", {"prompts": {"query": "other: "}})
    onnx(copy, tmp_path / "cache").embed(["x"])
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_a_file_beside_the_model_is_used_without_torch(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = onnx(model, tmp_path / "first").embed(TEXTS)
    copy = shutil.copytree(model, tmp_path / "model")
    (copy / "onnx").mkdir()
    shutil.copy(next((tmp_path / "first").rglob("model.onnx")), copy / "onnx" / "model.onnx")
    (copy / "model.safetensors").unlink()
    for package in ("torch", "transformers", "sentence_transformers"):
        monkeypatch.setitem(sys.modules, package, None)
    assert np.array_equal(onnx(copy, tmp_path / "cache").embed(TEXTS), expected)
    assert not (tmp_path / "cache").exists()


def test_a_model_that_is_not_mean_pooled_is_refused(tmp_path: Path) -> None:
    model = make_bert(tmp_path / "model", pooling="cls")
    with pytest.raises(ModelError, match=r"does not pool by the mean.*embed\.backend=torch"):
        onnx(model, tmp_path).embed(["x"])


def test_a_model_with_another_part_is_refused(model: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(model, tmp_path / "model")
    write(copy / "modules.json", [{"type": "sentence_transformers.models.Dense", "path": ""}])
    with pytest.raises(ModelError, match=r"a part Dense.*embed\.backend=torch"):
        onnx(copy, tmp_path).embed(["x"])


def test_a_missing_package_is_told_with_its_extra(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"ragtree\[onnx\]"):
        onnx(model, tmp_path).embed(["x"])
    assert not list(tmp_path.iterdir())
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"ragtree\[onnx\]"):
        onnx(model, tmp_path).embed(["x"])


def test_a_damaged_file_is_told_with_its_place(model: Path, tmp_path: Path) -> None:
    onnx(model, tmp_path).embed(["x"])
    file = next(tmp_path.rglob("model.onnx"))
    file.write_bytes(b"no model")
    with pytest.raises(ModelError, match="remove it to have it made anew"):
        onnx(model, tmp_path).embed(["x"])


def test_nothing_is_left_of_a_model_that_could_not_be_made(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(onnx_export, "export", fail)
    with pytest.raises(KeyboardInterrupt):
        onnx(model, tmp_path).embed(["x"])
    assert not list(tmp_path.iterdir())


def test_a_cache_that_cannot_be_written_is_told(model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(ModelError, match=r"embed\.backend=torch"):
        onnx(model, tmp_path / "file").embed(["x"])


def test_batches_are_of_like_length() -> None:
    assert batches_by_tokens([[1], [1, 2, 3], [], [1, 2]], 2) == [[1, 3], [0, 2]]
