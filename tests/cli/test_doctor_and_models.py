"""`ragtree doctor` and `ragtree models` as a person sees them."""

from __future__ import annotations

import json

import pytest
from library import ragtree
from serving import Served, serving

from ragtree.diagnosis import engines

SECRET = "sk-a-secret-that-nobody-sees"


@pytest.fixture(autouse=True)
def _a_machine_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:1")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    for name in ("HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME", "LLAMA_CACHE", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    said = {"version": "1", "kinds": [], "offload": False, "device": "cpu", "name": "", "threads": 1, "build": ""}
    monkeypatch.setattr(engines, "probe_library", lambda name: said)
    for look in (engines.llama_checks, engines.torch_checks):
        monkeypatch.setattr(look, "__defaults__", (lambda name: said,))


def test_doctor_exits_with_0_if_nothing_is_wrong():
    ran = ragtree("doctor")
    assert ran.status == 0, ran.out
    assert ran.out.splitlines()[-1] == "nothing is wrong"
    assert all(line[:5] in ("ok   ", "note ") for line in ran.out.splitlines()[:-1])


def test_what_is_wrong_is_one_line_with_what_to_do_and_exits_with_1(tmp_path):
    ran = ragtree("doctor", tmp_path, "--llm", tmp_path / "none.gguf", "--index", tmp_path / "index")
    assert ran.status == 1
    (line,) = [line for line in ran.out.splitlines() if line.startswith("WRONG")]
    assert line.startswith("WRONG language model     there is no model file")
    assert "; name a GGUF file" in line
    assert ran.out.splitlines()[-1] == "1 problem"
    assert ran.err == ""


def test_a_server_of_the_folder_s_settings_is_asked_and_its_key_not_shown(tmp_path):
    with serving(Served(key=SECRET)) as server:
        (tmp_path / "ragtree.toml").write_text(f'[llm]\nmodel = "{server.url}#m"\n', encoding="utf-8")
        ran = ragtree("doctor", tmp_path, "--json")
    assert ran.status == 0, ran.out
    report = json.loads(ran.out)
    assert report["wrong"] == 0
    found = {check["name"]: check for check in report["checks"]}
    assert found["chat model"] == {"name": "chat model", "found": "m answers", "state": "good", "advice": ""}
    assert SECRET not in ran.out + ran.err


def test_settings_that_cannot_be_used_are_a_line(tmp_path):
    ran = ragtree("doctor", tmp_path, "--set", "nonsense.x=1")
    assert ran.status == 1
    assert any(line.startswith("WRONG settings") for line in ran.out.splitlines())


def test_a_folder_that_is_not_there(tmp_path):
    ran = ragtree("doctor", tmp_path / "none")
    assert ran.status == 1
    assert "does not exist" in ran.out


def test_models_are_listed_with_the_text_to_name_them_by(tmp_path):
    ran = ragtree("models")
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert "  --llm bundled  SmolLM2-135M-Instruct, 98 MB" in lines
    assert "  --embedder bundled  all-MiniLM-L6-v2, 91 MB" in lines
    assert sum(line.startswith("  --llm hf:") and "Apache-2.0" in line for line in lines) == 3
    assert ran.err == "no Ollama at http://127.0.0.1:1 ([Errno 111] Connection refused)\n"


def test_a_user_without_a_home_has_models_all_the_same(monkeypatch):
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda number: {}[number])
    monkeypatch.setenv("HF_HOME", "~/cache")
    assert ragtree("models").status == ragtree("doctor").status == 0


def test_a_file_that_is_broken_is_named_and_not_fatal(tmp_path):
    folder = tmp_path / "home" / ".lmstudio" / "models" / "o" / "m"
    folder.mkdir(parents=True)
    (folder / "cut.gguf").write_bytes(b"GGUF\3\0\0\0")
    ran = ragtree("models")
    assert ran.status == 0
    assert f"cannot be used: {folder / 'cut.gguf'}: it is incomplete: it ends within its header\n" in ran.err
    report = json.loads(ragtree("models", "--json").out)
    assert report["broken"] == [
        {"path": str(folder / "cut.gguf"), "reason": "it is incomplete: it ends within its header"}
    ]
    assert len(report["suggestions"]) == 3
