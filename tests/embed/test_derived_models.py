"""Models that are made of others, and where they are kept."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ragtree.embed.derived_models import cache_folder, derived_model


def model(folder: Path) -> Path:
    folder.mkdir()
    (folder / "weights").write_text("1", encoding="utf-8")
    return folder


def test_it_is_made_once_for_a_recipe_and_model(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "file").write_text(str(len(made)), encoding="utf-8")

    one, other = model(tmp_path / "one"), model(tmp_path / "other")
    asked = [(one, "a"), (one, "a"), (one, "b"), (other, "a"), (one, "a")]
    texts = [(derived_model(where, recipe, make, tmp_path / "cache") / "file").read_text() for where, recipe in asked]
    assert texts == ["1", "1", "2", "3", "1"]
    assert len(list((tmp_path / "cache").iterdir())) == 3


def test_who_comes_second_takes_what_the_first_made(tmp_path: Path) -> None:
    def slow(folder: Path) -> None:
        (folder / "file").write_text("slow", encoding="utf-8")
        derived_model(source, "same", fast, tmp_path / "cache")

    def fast(folder: Path) -> None:
        (folder / "file").write_text("fast", encoding="utf-8")

    source = model(tmp_path / "model")
    assert (derived_model(source, "same", slow, tmp_path / "cache") / "file").read_text() == "fast"
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.parametrize(
    ("platform", "variable", "below"),
    [
        ("linux", "XDG_CACHE_HOME", ""),
        ("linux", "HOME", ".cache"),
        ("darwin", "HOME", "Library/Caches"),
        ("win32", "LOCALAPPDATA", ""),
    ],
)
def test_it_is_the_platforms_place(
    platform: str, variable: str, below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    if variable == "HOME":
        monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cache_folder() == tmp_path / below / "ragtree" / "models"
