"""What the doctor says of servers."""

from __future__ import annotations

import socket

import pytest
from serving import Served, serving

from ragtree.diagnosis.base import Check
from ragtree.diagnosis.servers import chat_server_checks, chroma_server_checks, embedding_server_checks
from ragtree.settings import EmbedSettings, LlmSettings, StoreSettings

KEY = "sk-a-secret-that-nobody-sees"


@pytest.fixture(autouse=True)
def _without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def chat(url: str, **settings: object) -> dict[str, Check]:
    checks = chat_server_checks(LlmSettings(model=url, **settings))  # type: ignore[arg-type]
    return {check.name: check for check in checks}


def embedding(url: str, dimension: int = 0) -> dict[str, Check]:
    return {check.name: check for check in embedding_server_checks(EmbedSettings(model=url), dimension)}


def states(checks: dict[str, Check]) -> dict[str, str]:
    return {name: check.state for name, check in checks.items()}


@pytest.fixture
def nobody() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


def test_no_server_is_named_and_none_is_asked() -> None:
    assert chat("bundled") == chat("none") == embedding("bundled") == {}


@pytest.mark.parametrize(
    "pages",
    [
        {"/props": {"default_generation_settings": {"n_ctx": 8192}}},
        {"/api/ps": {"models": [{"name": "m:latest", "context_length": 8192}]}},
        {"/v1/models": {"data": [{"id": "m", "max_model_len": 8192}]}},
        {"/v1/models": {"data": [{"id": "m", "meta": {"n_ctx": 8192}}]}},
    ],
    ids=["llama-server", "Ollama", "vLLM", "llama-server's list"],
)
def test_the_context_is_told_in_the_way_of_each_server(pages: dict[str, object]) -> None:
    with serving(Served(pages=pages)) as server:
        found = chat(f"{server.url}#m")
        assert set(states(found).values()) == {"good"}
        assert set(found) == {"chat server", "chat model", "log-probabilities", "context"}
        assert found["context"].found == "8192 tokens; llm.context is 4096"
        too_much = chat(f"{server.url}#m", context=16384)["context"]
    assert too_much.state == "wrong"
    assert "set llm.context to 8192" in too_much.advice


def test_a_server_without_a_context_length_is_not_a_problem() -> None:
    with serving(Served()) as server:
        assert chat(f"{server.url}#m")["context"].state == "good"


def test_a_missing_model_is_reported_with_those_that_exist() -> None:
    with serving(Served(models=("llama3.2:latest", "other"))) as server:
        found = chat(f"{server.url}#m")["chat model"]
        embedded = embedding(f"{server.url}#m")["embedding model"]
    for check in (found, embedded):
        assert check.state == "wrong"
        assert check.advice == "name one of these after the #: llama3.2:latest, other"


def test_a_server_without_log_probabilities_can_be_used() -> None:
    with serving(Served(logprobs=False)) as server:
        found = chat(f"{server.url}#m")
    assert found["log-probabilities"].state == "note"
    assert found["chat model"].state == "good"


def test_a_key_is_used_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Served(key=KEY)) as server:
        without = chat(f"{server.url}#m")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-another-key")
        wrong = chat(f"{server.url}#m")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        right = {**chat(f"{server.url}#m"), **embedding(f"{server.url}#m")}
    assert states(without) == states(wrong) == {"chat server": "wrong"}
    assert "set OPENAI_API_KEY" in without["chat server"].advice
    assert "OPENAI_API_KEY is set" in right["chat server"].found
    assert set(states(right).values()) == {"good"}
    said = str([without, wrong, right])
    assert KEY not in said
    assert "sk-another-key" not in said


def test_a_variable_that_is_named_and_not_set_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    with serving(Served()) as server:
        found = chat(f"{server.url}#m", key_variable="MY_KEY")["chat server"]
    assert found.state == "wrong"
    assert "MY_KEY" in found.found + found.advice


def test_the_server_that_openai_s_variable_names_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Served()) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        found = {**chat("openai:m"), **embedding("openai:m")}
    assert set(states(found).values()) == {"good"}


def test_an_unreachable_server_is_reported(nobody: str) -> None:
    for found in (chat(f"{nobody}#m")["chat server"], embedding(f"{nobody}#m")["embedding server"]):
        assert found.state == "wrong"
        assert found.advice == "start it, or correct its address"
    store = next(iter(chroma_server_checks(StoreSettings(url=nobody.replace("//", "//me:secret@")))))
    assert store.state == "wrong"
    assert "secret" not in store.found


@pytest.mark.parametrize("name", ["http://127.0.0.1:9/v1", "http://[::1/v1#m", "http://#m"])
def test_an_invalid_address_is_a_failed_check(name: str) -> None:
    found = [*chat(name).values(), *embedding(name).values()]
    assert [check.state for check in found] == ["wrong", "wrong"]
    assert all(check.advice for check in found)


def test_the_dimension_is_the_index_s_or_told() -> None:
    with serving(Served(dimension=8)) as server:
        assert (
            embedding(f"{server.url}#m", 8)["embedding model"].found
            == "m returns vectors of dimension 8, as in the index"
        )
        other = embedding(f"{server.url}#m", 384)["embedding model"]
    assert (other.state, other.found) == ("wrong", "m returns vectors of dimension 8, but those of the index have 384")


@pytest.mark.parametrize("page", ["<html>", [], {"data": 7}, {"data": [7, {"id": None}]}, {"data": None}])
def test_a_strange_list_of_models_is_no_traceback(page: object) -> None:
    with serving(Served(pages={"/v1/models": page, "/props": page, "/api/ps": page})) as server:
        found = chat(f"{server.url}#m")
    assert found["chat model"].state == "good"
