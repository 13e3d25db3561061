"""What the doctor says of packages, engines, memory, disk, variables and model files."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from ragtree.diagnosis import engines, machine, probe
from ragtree.diagnosis.base import Check, error_check, guarded_checks
from ragtree.diagnosis.engines import llama_checks, torch_checks
from ragtree.diagnosis.environment import environment_checks
from ragtree.diagnosis.machine import disk_checks, memory_checks
from ragtree.diagnosis.model_files import bundled_checks, model_file, named_checks
from ragtree.diagnosis.packages import checks_of, python_checks, wanted_packages
from ragtree.errors import ModelError
from ragtree.settings import EmbedSettings, LlmSettings, Settings

BUNDLED = Settings()
SERVERS = Settings(llm=LlmSettings(model="http://h/v1#m"), embed=EmbedSettings(model="http://h/v1#e"))
LLAMA = {"version": "0.3", "kinds": [], "offload": False, "system": ""}
TORCH = {"version": "2.9", "device": "cpu", "name": "", "threads": 2, "build": ""}


def one(checks: Any) -> Check:
    (found,) = checks
    assert isinstance(found, Check)
    assert found.advice or found.state != "wrong"
    return found


def test_python_is_named() -> None:
    assert one(python_checks()).state == "good"


WANTED = [
    Requirement(line)
    for line in (
        "click>=8", "no-such-package>=1", "ragtree[other]; extra == 'more'", "pytest>=1; extra == 'more'",
        "nothing-of-that-name; extra == 'other'", "pytest>=10000; extra == 'far'", "elsewhere; sys_platform == 'none'",
    )
]  # fmt: skip


def test_packages_are_there_missing_or_of_another_version() -> None:
    found = {check.name: check for check in checks_of(WANTED, {"other"})}
    assert found["packages"].state == "wrong"
    assert found["packages"].found == "missing: no-such-package"
    assert found["extra more"].state == "good"
    assert found["extra other"].advice == "pip install --upgrade 'ragtree[other]'"
    assert (found["extra other"].state, found["extra far"].state) == ("wrong", "wrong")
    assert "(required: >=10000)" in found["extra far"].found
    assert {check.name: check.state for check in checks_of(WANTED, ())}["extra other"] == "note"


def test_what_is_wanted_is_what_the_project_says() -> None:
    names = {one.name for one in wanted_packages()}
    assert {"chromadb", "click", "torch", "sentence-transformers"} <= names


@pytest.mark.parametrize(
    ("said", "gpu", "layers", "state", "part"),
    [
        (LLAMA, "", 0, "good", "built for CPU, sees no GPU"),
        (LLAMA, "H200", 0, "note", "the GPU is not used"),
        (LLAMA, "", -1, "wrong", "set llm.gpu_layers to 0, or install a build"),
        ({**LLAMA, "kinds": ["cuda"]}, "", -1, "wrong", "install the driver of the GPU"),
        ({**LLAMA, "kinds": ["cuda"], "offload": True}, "H200", -1, "good", "built for CPU and cuda, sees a GPU"),
        ({**LLAMA, "kinds": ["cuda"], "offload": True}, "H200", 0, "note", "--set llm.gpu_layers=-1"),
        ({"fault": "cannot be loaded (signal 4)"}, "", 0, "wrong", "signal 4"),
    ],
)
def test_llama_cpp_and_the_gpu(said: dict[str, Any], gpu: str, layers: int, state: str, part: str) -> None:
    found = one(llama_checks(Settings(llm=LlmSettings(gpu_layers=layers)), gpu, lambda name: said))
    assert found.state == state
    assert part in f"{found.found}; {found.advice}"


def test_engines_that_no_setting_needs_are_not_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(llama_checks(SERVERS, "", lambda name: {"fault": "x"})).state == "note"
    assert one(torch_checks(SERVERS, "", lambda name: {"fault": "x"})).state == "note"
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    assert one(llama_checks(SERVERS, "")).state == one(torch_checks(SERVERS, "")).state == "note"
    assert one(llama_checks(BUNDLED, "")).advice == "pip install 'ragtree[local]'"
    assert one(torch_checks(BUNDLED, "")).state == "wrong"


@pytest.mark.parametrize(
    ("changes", "gpu", "state"),
    [({}, "", "good"), ({}, "H200", "note"), ({"device": "cuda", "name": "H200", "build": "cuda 12"}, "H200", "good")],
)
def test_torch_and_the_gpu(changes: dict[str, str], gpu: str, state: str) -> None:
    assert one(torch_checks(BUNDLED, gpu, lambda name: {**TORCH, **changes})).state == state


def test_llama_cpp_is_loaded_in_a_process_of_its_own() -> None:
    said = probe.probe_library("llama_cpp")
    assert {"version", "kinds", "offload"} <= said.keys()


def test_a_library_that_does_not_load_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n")
    (tmp_path / "llama_cpp.py").write_text("import time\ntime.sleep(60)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert probe.probe_library("torch")["fault"] == "cannot be loaded (signal 4)"
    assert probe.probe_library("llama_cpp", 1.0)["fault"] == "did not load within 1 s"
    assert "KeyError" in probe.probe_library("nothing")["fault"]


def test_memory_has_to_hold_the_model(tmp_path: Path) -> None:
    assert one(memory_checks(None)).state in ("good", "wrong")
    huge = tmp_path / "huge.gguf"
    with huge.open("wb") as file:
        file.truncate(10**13)
    found = one(memory_checks(huge))
    assert found.state == "wrong"
    assert "ragtree models" in found.advice


def test_a_disk_has_to_hold_the_index_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(disk_checks(tmp_path / "not" / "yet")).state == "good"
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda place: usage(10**9, 10**9, 10**6))
    assert "make room" in one(disk_checks(tmp_path)).advice


def variables(**values: str) -> list[Check]:
    return list(environment_checks(values))


def test_proxies_are_named_without_their_passwords() -> None:
    (found,) = variables(https_proxy="http://me:secret@box:8080")
    assert found == Check("https_proxy", "set: http://box:8080; servers on this machine are reached without it")
    for wrong in ("box:8080", "http://me:secret@box:port", "ftp://me:secret@box", "secret"):
        (found,) = variables(HTTP_PROXY=wrong)
        assert found.state == "wrong"
        assert "secret" not in str(found)


def test_certificates_have_to_be_there(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("x")
    assert one(variables(SSL_CERT_FILE=str(tmp_path / "a.pem"))).state == "good"
    assert one(variables(SSL_CERT_FILE=str(tmp_path / "b.pem"))).advice == "fix or unset SSL_CERT_FILE"
    assert one(variables(SSL_CERT_DIR=str(tmp_path / "a.pem"))).state == "wrong"
    assert variables(OPENAI_API_KEY="secret") == []


def test_the_bundled_models_are_whole() -> None:
    assert [check.state for check in bundled_checks(BUNDLED)] == ["good", "good"]


def test_files_that_the_settings_name_are_looked_at(tmp_path: Path) -> None:
    def state(model: str) -> str:
        return one(named_checks(Settings(llm=LlmSettings(model=model)), tmp_path)).state

    (tmp_path / "cut.gguf").write_bytes(b"GGUF\3")
    assert state(str(tmp_path / "cut.gguf")) == "wrong"
    assert state(str(tmp_path / "none.gguf")) == "wrong"
    assert state("hf:owner/repo/none.gguf") == "note"
    assert list(named_checks(SERVERS, tmp_path)) == list(named_checks(BUNDLED, tmp_path)) == []
    assert model_file("hf:owner/repo/none.gguf", tmp_path) is None
    assert model_file("none", tmp_path) is None
    empty = Settings(embed=EmbedSettings(model=str(tmp_path)))
    assert one(named_checks(empty, tmp_path)).state == "wrong"


def test_an_exception_of_a_check_is_a_failed_check() -> None:
    def look() -> Any:
        yield Check("first", "there")
        raise RuntimeError("a fault of ours")

    first, second = guarded_checks("thing", look)
    assert first.state == "good"
    assert (second.name, second.state) == ("thing", "wrong")
    assert "RuntimeError: a fault of ours" in second.found


def test_an_error_is_split_into_the_finding_and_the_advice() -> None:
    assert error_check("x", ModelError("no model; name one")) == Check("x", "no model", "wrong", "name one")
    assert error_check("x", ModelError("")).advice
