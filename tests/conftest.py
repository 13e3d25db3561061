"""What several rooms' tests need: the bundled models, loaded once, and a server that speaks the OpenAI form."""

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
    """Ctrl-C reaches the programs that tests start even where a shell started pytest in the background, which has the
    signal ignored, and so its children."""
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
    """The index of examples/library, made once. For reading: what writes takes a copy (`library.copy_of`)."""
    path = tmp_path_factory.mktemp("library") / "index"
    with RagTree.open(path, Settings(), embedder=bundled_embedder) as tree:
        tree.sync(LIBRARY)
    return path
