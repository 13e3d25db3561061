"""Where models are looked for, and under which name they are given."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from making import gguf, in_hub, safetensors
from serving import Served, serving

from ragtree.inventory.base import BrokenModel, FoundModel, Inventory
from ragtree.inventory.find_models import find_models
from ragtree.inventory.hugging_face import hub_folder
from ragtree.inventory.ollama import ollama_address
from ragtree.inventory.suggestions import KNOWN, suggestions

NOBODY = {"OLLAMA_HOST": "127.0.0.1:1"}


def found(home: Path, **variables: str) -> Inventory:
    return find_models({**NOBODY, **variables}, home)


def names(listed: Inventory, use: str) -> list[str]:
    return [model.name for model in listed.models if model.use == use and model.name != "bundled"]


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_machine_without_models_has_the_bundled_ones(tmp_path: Path) -> None:
    listed = found(tmp_path)
    assert {(model.use, model.name) for model in listed.models} == {("llm", "bundled"), ("embedder", "bundled")}
    assert listed.broken == ()
    assert "no Ollama at http://127.0.0.1:1" in listed.notices[0]


def test_the_hub_s_cache(tmp_path: Path) -> None:
    hub = tmp_path / ".cache" / "huggingface" / "hub"
    in_hub(hub, "Qwen/Qwen-GGUF", {"q4.gguf": gguf("qwen2"), "more/q8.gguf": gguf("qwen2"), "README.md": b"x"})
    in_hub(hub, "org/embedder", {"modules.json": b"[]", "model.safetensors": safetensors()})
    in_hub(hub, "org/chat-in-safetensors", {"config.json": b"{}", "model.safetensors": safetensors()})
    listed = found(tmp_path)
    assert names(listed, "llm") == ["hf:Qwen/Qwen-GGUF/more/q8.gguf", "hf:Qwen/Qwen-GGUF/q4.gguf"]
    assert names(listed, "embedder") == ["org/embedder"]


def test_what_the_hub_s_cache_has_in_part_is_named(tmp_path: Path) -> None:
    hub = tmp_path / "hub"
    cut = in_hub(hub, "a/cut", {"q4.gguf": gguf()[:-5]})
    gone = in_hub(hub, "b/gone", {"q4.gguf": gguf()})
    (hub / "models--b--gone" / "blobs" / "blob0").unlink()
    weightless = in_hub(hub, "c/weightless", {"modules.json": b"[]"})
    torn = in_hub(hub, "d/torn", {"modules.json": b"[]", "model.safetensors": safetensors()[:-5]})
    (hub / "models--e--begun" / "blobs").mkdir(parents=True)
    begun = put(hub / "models--e--begun" / "blobs" / "x.incomplete", b"GG")
    put(hub / "models--f--odd", b"a file in the place of a folder")
    listed = found(tmp_path, HF_HUB_CACHE=str(hub))
    assert names(listed, "llm") == names(listed, "embedder") == []
    reasons = {one.path: one.reason for one in listed.broken}
    assert reasons.keys() == {
        *(str(path) for path in (cut / "q4.gguf", gone / "q4.gguf", weightless, torn / "model.safetensors", begun))
    }
    assert "a/cut" not in str(listed.models)
    assert all(reasons.values())


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, "HOME/.cache/huggingface/hub"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/huggingface/hub"),
        ({"HF_HOME": "/h"}, "/h/hub"),
        ({"HF_HOME": "/h", "HF_HUB_CACHE": "/c"}, "/c"),
    ],
)
def test_the_hub_s_cache_is_where_its_variables_say(variables: dict[str, str], wanted: str) -> None:
    assert hub_folder(variables, Path("HOME")) == Path(wanted)


def test_lm_studio_s_folders_and_the_one_that_its_settings_name(tmp_path: Path) -> None:
    paths = [
        put(tmp_path / ".lmstudio" / "models" / "org" / "m" / "a b.gguf", gguf()),
        put(tmp_path / ".cache" / "lm-studio" / "models" / "org" / "m" / "c.gguf", gguf()),
        put(tmp_path / "other" / "d.GGUF", gguf()),
    ]
    settings = json.dumps({"downloadsFolder": str(tmp_path / "other")})
    put(tmp_path / ".lmstudio" / "settings.json", b"\xef\xbb\xbf" + settings.encode())
    assert sorted(names(found(tmp_path), "llm")) == sorted(map(str, paths))


@pytest.mark.skipif(sys.platform != "linux", reason="the folder is another one elsewhere")
def test_llama_cpp_s_cache_and_what_it_has_not_finished(tmp_path: Path) -> None:
    path = put(tmp_path / ".cache" / "llama.cpp" / "org_m_q4.gguf", gguf())
    begun = put(tmp_path / ".cache" / "llama.cpp" / "org_n_q4.gguf.downloadInProgress", b"GG")
    put(tmp_path / ".cache" / "llama.cpp" / "org_m_q4.gguf.json", b"{}")
    assert names(found(tmp_path), "llm") == [str(path)]
    assert found(tmp_path).broken == (BrokenModel(str(begun), "its download is incomplete"),)
    elsewhere = put(tmp_path / "cache" / "x.gguf", gguf())
    assert names(found(tmp_path, LLAMA_CACHE=str(tmp_path / "cache")), "llm") == [str(elsewhere)]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        (":8080", "http://127.0.0.1:8080"),
        ("box", "http://box:11434"),
        ("box:1234/", "http://box:1234"),
        ("http://box", "http://box:80"),
        ("https://box/ollama", "https://box:443/ollama"),
        ("[::1]:11434", "http://[::1]:11434"),
        ('"box"', "http://box:11434"),
        ("box:a", "http://127.0.0.1:11434"),
    ],
)
def test_ollama_s_host_is_understood_as_ollama_does(said: str, address: str) -> None:
    assert ollama_address({"OLLAMA_HOST": said}) == address


def test_ollama_s_models_are_named_as_servers(tmp_path: Path) -> None:
    rows = [
        {"name": "llama3.2:3b", "size": 2_019_393_189, "details": {"family": "llama"}},
        {"name": "nomic-embed-text:latest", "details": {"family": "nomic-bert"}},
        {"name": "new-embedder", "details": None},
        {"name": 7},
        "odd",
    ]
    pages = {
        "/api/tags": {"models": rows},
        "show llama3.2:3b": {"capabilities": ["completion"], "model_info": {"llama.context_length": 131072}},
        "show new-embedder": {"capabilities": ["embedding"]},
    }
    with serving(Served(pages=pages)) as server:
        listed = found(tmp_path, OLLAMA_HOST=server.url.removesuffix("/v1"))
    assert listed.notices == ()
    assert names(listed, "llm") == [f"{server.url}#llama3.2:3b"]
    assert names(listed, "embedder") == [f"{server.url}#nomic-embed-text:latest", f"{server.url}#new-embedder"]
    llama = next(model for model in listed.models if "llama" in model.name)
    assert llama == FoundModel("llm", llama.name, "Ollama", 2_019_393_189, "llama, 131072 tokens of context")


@pytest.mark.parametrize("page", ["<html>", [], {"models": 7}, None])
def test_another_server_at_ollama_s_address_is_a_notice(tmp_path: Path, page: object) -> None:
    with serving(Served(pages={"/api/tags": page})) as server:
        listed = found(tmp_path, OLLAMA_HOST=server.url.removesuffix("/v1"))
    assert len(listed.notices) == 1
    assert len(listed.models) == 2


def test_what_the_environment_breaks_is_a_notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://x")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    assert len(found(tmp_path, OLLAMA_HOST="https://box.invalid").notices) == 1


def test_three_models_are_suggested_by_the_size_of_memory() -> None:
    sizes = [[one.gigabytes for one in suggestions(int(gigabytes * 1e9))] for gigabytes in (1, 4, 8, 16, 64)]
    assert sizes == [[2.5, 1.1, 0.5], [2.5, 1.1, 0.5], [4.7, 2.5, 1.1], [9.0, 4.7, 2.5], [18.6, 9.0, 4.7]]
    assert all(one.name.startswith("hf:") and one.name.endswith(".gguf") for one in KNOWN)
    assert all(one.name.count("/") == 2 and one.license in ("Apache-2.0", "MIT") for one in KNOWN)
