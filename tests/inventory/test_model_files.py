"""What the heads of model files say, and that no damage is a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import gguf, safetensors

from ragtree.inventory import safetensors as safetensors_files
from ragtree.inventory.base import BrokenModel, FoundModel
from ragtree.inventory.gguf import read_head, why_broken
from ragtree.inventory.gguf_folders import gguf_file

WHOLE = gguf()
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def written(folder: Path, data: bytes, name: str = "a.gguf") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def test_a_head_says_what_model_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, gguf("qwen2", 32768))
    head = read_head(path)
    assert (head.architecture, head.context, head.size) == ("qwen2", 32768, path.stat().st_size)
    assert head.facts["general.ok"] is True
    assert why_broken(path, head) == ""


def test_the_bundled_model_is_whole() -> None:
    from ragtree.models import chat_model_files
    from ragtree.settings import LlmSettings

    path = chat_model_files(LlmSettings())
    assert path is not None
    head = read_head(path)
    assert (head.architecture, head.context) == ("llama", 8192)
    assert head.size == path.stat().st_size


@given(st.integers(0, len(WHOLE) - 1))
@same_folder
def test_a_file_cut_short_anywhere_is_broken(tmp_path: Path, end: int) -> None:
    found = gguf_file(written(tmp_path, WHOLE[:end]), "name", "place")
    assert isinstance(found, BrokenModel)
    assert found.reason


@given(st.binary(max_size=200), st.integers(0, len(WHOLE) - 1))
@same_folder
def test_bytes_that_are_something_else_are_no_traceback(tmp_path: Path, noise: bytes, at: int) -> None:
    for data in (noise, b"GGUF" + noise, WHOLE[:at] + noise + WHOLE[at + len(noise) :]):
        assert isinstance(gguf_file(written(tmp_path, data), "name", "place"), BrokenModel | FoundModel | None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is not a GGUF file"),
        (b"<html>not found</html>", "it is not a GGUF file"),
        (b"version https://git-lfs.github.com/spec/v1", "it is not a GGUF file"),
        (gguf(version=1), "it has GGUF version 1; ragtree reads versions 2 and 3"),
        (WHOLE[:-1], "it is incomplete: 0 MB of at least 0 MB; delete it and download it again"),
        (gguf("nomic-bert"), "an embedding model; run it with llama-server --embeddings, and name that server"),
    ],
)
def test_what_cannot_be_used_says_why(tmp_path: Path, data: bytes, reason: str) -> None:
    path = written(tmp_path, data)
    assert gguf_file(path, "name", "place") == BrokenModel(str(path), reason)


def test_the_vision_part_of_a_model_is_not_a_model(tmp_path: Path) -> None:
    assert gguf_file(written(tmp_path, gguf("clip")), "name", "place") is None


def test_a_model_in_parts_is_its_first_file(tmp_path: Path) -> None:
    first, second = (written(tmp_path, WHOLE, f"m-0000{number}-of-00002.gguf") for number in (1, 2))
    found = gguf_file(first, "hf:o/r/m-00001-of-00002.gguf", "place")
    assert isinstance(found, FoundModel)
    assert (found.name, found.bytes) == (str(first), 2 * len(WHOLE))
    assert gguf_file(second, "name", "place") is None
    second.unlink()
    assert gguf_file(first, "name", "place") == BrokenModel(str(first), f"{second.name} is missing")


@given(st.integers(0, len(safetensors()) - 1))
@same_folder
def test_safetensors_cut_short_anywhere_are_broken(tmp_path: Path, end: int) -> None:
    assert safetensors_files.why_broken(written(tmp_path, safetensors())) == ""
    assert safetensors_files.why_broken(written(tmp_path, safetensors()[:end]))


@given(st.binary(max_size=100))
@same_folder
def test_safetensors_of_other_bytes_are_no_traceback(tmp_path: Path, noise: bytes) -> None:
    for data in (noise, len(noise).to_bytes(8, "little") + noise):
        assert isinstance(safetensors_files.why_broken(written(tmp_path, data)), str)
