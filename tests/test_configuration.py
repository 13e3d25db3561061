from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ragtree.configuration import collect_settings, merge, over_remembered, remembered, validate
from ragtree.errors import SettingsError
from ragtree.settings import ChunkSettings, EmbedSettings, LlmSettings, Settings, TreeSettings


def complaint(folder: Path | None = None, variables: dict[str, str] | None = None, flags: tuple[str, ...] = ()) -> str:
    with pytest.raises(SettingsError) as caught:
        collect_settings(folder, variables or {}, flags)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def toml(folder: Path, text: str) -> Path:
    (folder / "ragtree.toml").write_text(text, encoding="utf-8")
    return folder


def test_nothing_given_is_the_defaults(tmp_path: Path) -> None:
    assert (
        collect_settings(tmp_path, {"HOME": "/x", "RAGTREE": "y"}, []) == collect_settings(None, {}, []) == Settings()
    )


FILE = "[chunk]\ntokens = 50\n[retrieve]\ncandidates = 7\nmode = 'collapsed'\n"
VARIABLES = {"RAGTREE_CHUNK_TOKENS": "60", "RAGTREE_RETRIEVE_MODE": "traverse"}


@pytest.mark.parametrize(
    ("variables", "flags", "wanted"),
    [
        ({}, [], (50, 7, "collapsed")),
        (VARIABLES, [], (60, 7, "traverse")),
        (VARIABLES, ["chunk.tokens=70"], (70, 7, "traverse")),
        (VARIABLES, ["chunk.tokens=70", "chunk.tokens=80"], (80, 7, "traverse")),
    ],
)
def test_flags_go_over_variables_over_the_file(
    tmp_path: Path, variables: dict[str, str], flags: list[str], wanted: tuple[int, int, str]
) -> None:
    found = collect_settings(toml(tmp_path, FILE), variables, flags)
    assert (found.chunk.tokens, found.retrieve.candidates, found.retrieve.mode) == wanted


def test_what_an_index_remembers_goes_between_the_defaults_and_the_rest(tmp_path: Path) -> None:
    made = Settings(chunk=ChunkSettings(tokens=40, language="de"), tree=TreeSettings(stale_share=0.3))
    found = over_remembered(
        remembered(made), collect_settings(toml(tmp_path, "[chunk]\ntokens = 50\n"), {}, ["tree.stale_share=0.9"])
    )
    assert found.chunk == ChunkSettings(tokens=50, language="de")
    assert found.tree.stale_share == 0.9
    assert found.summarize == Settings().summarize


def test_a_default_that_is_said_aloud_goes_over_the_index() -> None:
    made = remembered(Settings(chunk=ChunkSettings(tokens=40)))
    assert over_remembered(made, collect_settings(None, {}, ["chunk.tokens=100"])).chunk.tokens == 100
    assert over_remembered(made, Settings(chunk=ChunkSettings(tokens=100))).chunk.tokens == 100
    assert over_remembered(made, Settings()).chunk.tokens == 40


def test_an_index_remembers_how_it_was_made_and_not_how_it_is_asked() -> None:
    made = Settings(embed=EmbedSettings(model="folder"), llm=LlmSettings(model="x.gguf", threads=7))
    kept = json.loads(remembered(made))
    assert set(kept) == {"chunk", "embed", "tree", "summarize", "llm"}
    assert kept["llm"] == {"model": "x.gguf"}
    found = over_remembered(remembered(made), Settings())
    assert (found.embed.model, found.llm.model, found.llm.threads) == ("folder", "x.gguf", 0)


def test_an_index_that_remembers_nothing_changes_nothing() -> None:
    given = Settings(chunk=ChunkSettings(tokens=40))
    assert over_remembered(None, given) == over_remembered("", given) == given


def test_the_prompts_folder_can_be_set_everywhere(tmp_path: Path) -> None:
    assert collect_settings(None, {"RAGTREE_PROMPTS": "/mine"}, []).prompts == Path("/mine")
    assert collect_settings(None, {}, ["prompts=/mine"]).prompts == Path("/mine")
    assert collect_settings(toml(tmp_path, "prompts = '/mine'"), {}, []).prompts == Path("/mine")


def test_names_with_underscores_and_values_with_equal_signs_are_read() -> None:
    found = collect_settings(None, {"RAGTREE_LLM_ANSWER_TOKENS": "99"}, ["llm.model=http://host/v1?a=b#m"])
    assert (found.llm.answer_tokens, found.llm.model) == (99, "http://host/v1?a=b#m")


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("retrieve.mode=fly", ["retrieve.mode = 'fly'", "traverse"]),
        ("chunk.tokens=few", ["chunk.tokens = 'few'", "integer"]),
        ("chunk.tokens=1", ["chunk.tokens = '1'", "16"]),
        ("retrieve.moed=fly", ["retrieve.moed = 'fly'", "no such setting", "mode, max_tokens, word_weight"]),
        ("retreive.mode=fly", ["retreive:", "no such setting", "retrieve, answer, store, prompts"]),
        ("retrieve=fly", ["retrieve = 'fly'", "retrieve.mode"]),
        ("retrieve.mode", ["--set retrieve.mode", "stage.field=value"]),
        ("=x", ["--set =x", "stage.field=value"]),
        ("chunk.tokens=600", ["tree.group_tokens is 1000", "1200"]),
    ],
)
def test_a_wrong_flag_names_field_value_and_what_is_wanted(flag: str, words: list[str]) -> None:
    message = complaint(flags=(flag,))
    assert [word for word in words if word not in message] == [], message


def test_a_wrong_variable_is_named() -> None:
    assert "RAGTREE_CHUNKS_TOKENS: there is no stage 'chunks'" in complaint(variables={"RAGTREE_CHUNKS_TOKENS": "5"})
    assert "chunk.token = '5'" in complaint(variables={"RAGTREE_CHUNK_TOKEN": "5"})


@pytest.mark.parametrize("text", [b"[chunk", b"[chunk]\ntokens = \xff\n"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "ragtree.toml").write_bytes(text)
    assert str(tmp_path / "ragtree.toml") in complaint(tmp_path)


def test_a_wrong_value_in_the_file_is_named(tmp_path: Path) -> None:
    assert "chunk.tokens = 5:" in complaint(toml(tmp_path, "[chunk]\ntokens = 5\n"))


@pytest.mark.parametrize(
    ("base", "over", "wanted"),
    [
        ({}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": 1}, {"a": {"b": 3}}, {"a": {"b": 3}}),
        ({"a": {"b": 1}}, {"a": 2}, {"a": 2}),
    ],
)
def test_merging_goes_stage_by_stage(base: dict[str, Any], over: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert merge(base, over) == wanted


def test_merging_leaves_the_upper_values_alone() -> None:
    over = {"a": {"b": 1}}
    merge(merge({}, over), {"a": {"b": 2}})
    assert over == {"a": {"b": 1}}


def test_validating_does_not_change_what_is_given() -> None:
    assert validate({"chunk": {"tokens": "50"}}).chunk.tokens == 50


def test_paths_of_models_are_found_from_everywhere(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.gguf").write_bytes(b"GGUF")
    (tmp_path / "ragtree.toml").write_text(
        'prompts = "mine"\n[llm]\nmodel = "models/a.gguf"\n[embed]\nmodel = "owner/repo"\n', encoding="utf-8"
    )
    settings = collect_settings(tmp_path, {}, [])
    assert settings.llm.model == str(tmp_path / "models" / "a.gguf")
    assert settings.embed.model == "owner/repo"
    assert settings.prompts == tmp_path / "mine"
    monkeypatch.chdir(tmp_path)
    kept = json.loads(remembered(collect_settings(None, {}, ["embed.model=models", "llm.model=bundled"])))
    assert kept["embed"]["model"] == str(tmp_path / "models")
    assert kept["llm"]["model"] == "bundled"
