"""Conversations with vLLM and Ollama in the form that their documentation gives, served again from here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from speaking_server import Asked, Said, SpeakingServer, events

from ragtree.embed.server_embedder import ServerEmbedder
from ragtree.errors import ModelError
from ragtree.llm.base import Message, complete, complete_whole
from ragtree.llm.server_chat import ServerChat
from ragtree.model_server import ModelServer
from ragtree.settings import EmbedSettings, LlmSettings

ASK = [Message("system", "You answer in one sentence."), Message("user", "Is the mole long?")]
SAID = "Yes, it is 90 feet long."


def chunk(server: dict[str, Any], said: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {**server, "choices": [{"index": 0, "delta": said, "logprobs": None, "finish_reason": reason}]}


VLLM = {"id": "chatcmpl-8a1", "object": "chat.completion.chunk", "created": 1764500000, "model": "Qwen/Qwen3-8B"}
OLLAMA = {
    "id": "chatcmpl-512",
    "object": "chat.completion.chunk",
    "created": 1764500000,
    "model": "qwen3:8b",
    "system_fingerprint": "fp_ollama",
}


def vllm(asked: Asked) -> Said:
    """With --reasoning-parser qwen3; a refusal has `object` and no `error` around it, as its older versions say it."""
    if asked.path == "/v1/models":
        model = {"id": "Qwen/Qwen3-8B", "object": "model", "owned_by": "vllm", "max_model_len": 8192, "permission": []}
        return Said({"object": "list", "data": [model]})
    if asked.path == "/v1/embeddings":
        data = [
            {"index": index, "object": "embedding", "embedding": [float(len(text)), 1.0]}
            for index, text in enumerate(asked.body["input"])
        ]
        usage = {"prompt_tokens": 9, "total_tokens": 9, "completion_tokens": 0, "prompt_tokens_details": None}
        return Said({"id": "embd-1", "object": "list", "created": 1, "model": "e5", "data": data, "usage": usage})
    if asked.body["model"] != "Qwen/Qwen3-8B":
        told = {"message": "The model `m` does not exist.", "type": "NotFoundError", "param": None, "code": 404}
        return Said({"object": "error", **told}, 404)
    if asked.body.get("logprobs"):
        tops = [
            {"token": token, "logprob": lp, "bytes": list(token.encode())} for token, lp in (("Yes", -0.1), ("No", -3))
        ]
        content = [{"token": "Yes", "logprob": -0.1, "bytes": [89, 101, 115], "top_logprobs": tops}]
        message = {"role": "assistant", "reasoning_content": None, "content": "Yes", "tool_calls": []}
        choice = {"index": 0, "message": message, "logprobs": {"content": content}, "finish_reason": "length"}
        return Said({"id": "chatcmpl-9", "object": "chat.completion", "choices": [choice | {"stop_reason": None}]})
    return events(
        chunk(VLLM, {"role": "assistant", "content": ""}),
        chunk(VLLM, {"reasoning_content": "\nThe user asks"}),
        chunk(VLLM, {"reasoning_content": " of the mole.\n"}),
        chunk(VLLM, {"content": "\n\nYes, it is "}),
        chunk(VLLM, {"content": "90 feet long."}),
        chunk(VLLM, {"content": ""}, "stop"),
        {**VLLM, "choices": [], "usage": {"prompt_tokens": 31, "total_tokens": 60, "completion_tokens": 29}},
    )


def ollama(asked: Asked) -> Said:
    """Since 0.9 thoughts come in `reasoning`; a model that is not there is a 404."""
    if asked.path == "/v1/models":
        models = [
            {"id": name, "object": "model", "created": 1764500000, "owned_by": "library"} for name in ("qwen3:8b", "e")
        ]
        return Said({"object": "list", "data": models})
    if asked.path == "/v1/embeddings":
        data = [
            {"object": "embedding", "embedding": [0.1 + index, 0.2], "index": index}
            for index in range(len(asked.body["input"]))
        ]
        return Said({"object": "list", "data": data, "model": "e", "usage": {"prompt_tokens": 5, "total_tokens": 5}})
    if asked.body["model"] != "qwen3:8b":
        told = {
            "message": 'model "m" not found, try pulling it first',
            "type": "api_error",
            "param": None,
            "code": None,
        }
        return Said({"error": told}, 404)
    if asked.body.get("logprobs"):  # its older versions take no notice of it
        message = {"role": "assistant", "content": "Yes"}
        return Said(
            {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
        )
    pieces = [
        chunk(OLLAMA, {"role": "assistant", "content": "", "reasoning": word})
        for word in ("The", " mole", " is", " long.")
    ]
    said = [chunk(OLLAMA, {"role": "assistant", "content": word}) for word in ("Yes, ", "it is 90 ", "feet long.")]
    return events(*pieces, *said, chunk(OLLAMA, {"role": "assistant", "content": ""}, "stop"))


SERVERS = {"vllm": (vllm, "Qwen/Qwen3-8B"), "ollama": (ollama, "qwen3:8b")}


@pytest.fixture(params=SERVERS)
def served(request: pytest.FixtureRequest) -> Any:
    answer, name = SERVERS[request.param]
    with SpeakingServer(answer) as server:
        yield server, name


def test_the_answer_is_read_without_its_thoughts(served: tuple[SpeakingServer, str]) -> None:
    server, name = served
    assert complete_whole(ServerChat(server.url, name, LlmSettings()), ASK, 300) == SAID


def test_its_models_are_listed(served: tuple[SpeakingServer, str]) -> None:
    server, name = served
    listed = ModelServer(server.root).ask(lambda client: client.models.list(), "a list of its models")
    assert name in [model.id for model in listed.data]


def test_a_missing_model_is_reported(served: tuple[SpeakingServer, str]) -> None:
    server, _ = served
    with pytest.raises(ModelError, match=r"404.*(not exist|not found)"):
        complete(ServerChat(server.url, "m", LlmSettings(retries=0)), ASK, 300)


def test_its_embeddings_are_unit_vectors(served: tuple[SpeakingServer, str]) -> None:
    server, _ = served
    vectors = ServerEmbedder(server.url, "e", EmbedSettings()).embed(["a text", "another text"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


def test_log_probabilities_are_read_if_the_server_returns_them() -> None:
    with SpeakingServer(vllm) as server:
        yes, no = ServerChat(server.url, "Qwen/Qwen3-8B", LlmSettings()).score_options(ASK, ["Yes", "No"])
    assert yes.logprob > no.logprob
    with SpeakingServer(ollama) as server, pytest.raises(ModelError, match="returns no log-probabilities"):
        ServerChat(server.url, "qwen3:8b", LlmSettings()).score_options(ASK, ["Yes", "No"])
