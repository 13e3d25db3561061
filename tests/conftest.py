"""Fixtures for all tests: the bundled models, loaded once, and a server that speaks OpenAI's API."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from library import LIBRARY
from model_server import ModelServer

from ragtree import RagTree, Settings
from ragtree.embed.base import Embedder
from ragtree.llm.base import ChatModel
from ragtree.models import make_chat_model, make_embedder
from ragtree.settings import EmbedSettings, LlmSettings


def pytest_configure() -> None:
    """Let Ctrl-C reach the programs that tests start. If a shell starts pytest in the background, pytest ignores the
    signal, and its child processes inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def bundled_embedder() -> Embedder:
    return make_embedder(EmbedSettings())


@pytest.fixture(scope="session")
def bundled_chat() -> Iterator[ChatModel]:
    model = make_chat_model(LlmSettings(context=1024, threads=1))
    assert model is not None
    yield model
    model.close()


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="session")
def library_index(tmp_path_factory: pytest.TempPathFactory, bundled_embedder: Embedder) -> Path:
    """The index of examples/library, made once. For reading only: a test that writes takes a `library.copy_of` it."""
    path = tmp_path_factory.mktemp("library") / "index"
    with RagTree.open(path, Settings(), embedder=bundled_embedder) as tree:
        tree.sync(LIBRARY)
    return path
