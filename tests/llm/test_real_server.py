"""A server that is none of ours: llama-cpp-python's own, with the bundled model."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from ragtree.errors import ModelError
from ragtree.llm.base import Message, complete
from ragtree.llm.server_chat import ServerChat
from ragtree.models import chat_model_files
from ragtree.settings import LlmSettings

for _package in ("fastapi", "uvicorn", "sse_starlette", "starlette_context", "pydantic_settings", "yaml"):
    pytest.importorskip(_package, reason="llama_cpp.server wants it")

ASK = [Message("system", "You answer in one sentence."), Message("user", "What is a lighthouse for?")]
FORM = {
    "type": "object",
    "properties": {"light": {"enum": ["oil", "gas"]}, "feet": {"type": "integer"}},
    "required": ["light", "feet"],
}
SETTINGS = LlmSettings(timeout=120, retries=0)
START = """
import runpy
from ragtree.llm.amx import plain_buffers_on_amx
with plain_buffers_on_amx():
    runpy.run_module("llama_cpp.server", run_name="__main__")
"""
"""`python -m llama_cpp.server`, kept from the crash that llm/amx.py is about."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a server that runs while this module is tested."""
    path = chat_model_files(LlmSettings())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = {"model": path, "model_alias": "small", "host": "127.0.0.1", "port": port, "n_threads": 1}
    said |= {"n_threads_batch": 1, "n_ctx": 1024, "api_key": "", "verbose": False}
    flags = [part for name, value in said.items() if value != "" for part in (f"--{name}", str(value))]
    process = subprocess.Popen(
        [sys.executable, "-c", START, *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(480):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None:
                pytest.skip(f"llama_cpp.server does not start here (status {process.returncode})")
            time.sleep(0.25)
        else:
            return
    pytest.fail("llama_cpp.server did not listen within two minutes")


def test_an_answer_is_streamed_and_the_same_again(url: str) -> None:
    model = ServerChat(url, "small", SETTINGS)
    pieces = list(model.stream(ASK, 8))
    assert len(pieces) > 2
    assert "".join(pieces).strip() == complete(model, ASK, 8)


def test_a_seed_decides_where_there_is_chance(url: str) -> None:
    def said(seed: int) -> str:
        return complete(
            ServerChat(url, "small", LlmSettings(extra={"seed": seed, "temperature": 2.0}, timeout=120)), ASK, 10
        )

    assert said(1) == said(1)
    assert len({said(seed) for seed in (1, 2, 3)}) > 1


def test_closing_an_answer_frees_the_server_for_the_next(url: str) -> None:
    model = ServerChat(url, "small", SETTINGS)
    expected = complete(model, ASK, 4)
    long = model.stream([Message("user", "Write a very long story of a lighthouse.")], 700)
    next(long)
    long.close()
    started = time.monotonic()
    assert complete(model, ASK, 4) == expected
    waited = time.monotonic() - started
    started = time.monotonic()
    list(model.stream([Message("user", "Write a very long story of a lighthouse.")], 60))
    assert waited < 4 * (time.monotonic() - started)  # 700 tokens would take more than ten times as long as 60


def test_a_form_is_kept_to_in_the_way_that_this_server_knows(url: str) -> None:
    model = ServerChat(url, "small", SETTINGS)
    asked = [Message("user", "The lamp burns oil and is 74 feet high. As JSON:")]
    written = json.loads("".join(model.stream_json(asked, 60, FORM)))
    assert written.keys() == {"light", "feet"}
    assert written["light"] in ("oil", "gas")
    assert model._form.way == 1  # it refuses json_schema, and takes the schema with json_object


def test_a_server_that_takes_too_long_is_told_with_the_setting(url: str) -> None:
    model = ServerChat(url, "small", LlmSettings(timeout=0.05, retries=0))
    with pytest.raises(ModelError, match="no answer from"):
        complete(model, [Message("user", "Tell me of the sea. " * 60)], 4)


def test_a_prompt_over_the_server_s_own_context_is_its_error(url: str) -> None:
    model = ServerChat(url, "small", LlmSettings(context=4096, timeout=60, retries=0))
    with pytest.raises(ModelError) as caught:
        complete(model, [Message("user", "sea " * 1500)], 4)
    assert "400" in str(caught.value) or "before the first word" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_path_is_a_404(url: str) -> None:
    with pytest.raises(ModelError, match="404"):
        complete(ServerChat(f"{url}/nowhere", "small", SETTINGS), ASK, 4)
