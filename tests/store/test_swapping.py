"""Whenever a swap is interrupted, the old folder or the new one is there, and nothing else."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from ragtree.store import swapping
from ragtree.store.swapping import begin_swap, finish_interrupted_swap, finish_swap


def folder(path: Path, text: str) -> None:
    path.mkdir(exist_ok=True)
    (path / "file").write_text(text, encoding="utf-8")


def test_the_next_folder_takes_the_place_of_the_last(tmp_path: Path) -> None:
    path = tmp_path / "chroma"
    folder(path, "old")
    folder(begin_swap(path), "new")
    finish_swap(path)
    assert (path / "file").read_text(encoding="utf-8") == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["chroma"]


def test_the_first_folder_has_no_place_to_take(tmp_path: Path) -> None:
    path = tmp_path / "chroma"
    folder(begin_swap(path), "new")
    finish_swap(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["chroma"]


@pytest.mark.parametrize("step", range(4))
def test_interrupted_anywhere_one_of_both_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    path = tmp_path / "chroma"
    folder(path, "old")
    rename, throw_away, done = Path.rename, swapping._throw_away, []

    def counted(*what: Path) -> None:
        if len(done) == step:
            raise KeyboardInterrupt
        done.append(what)
        rename(*what) if len(what) == 2 else throw_away(*what)

    monkeypatch.setattr(Path, "rename", counted)
    folder(begin_swap(path), "new")
    monkeypatch.setattr(swapping, "_throw_away", counted)
    with contextlib.suppress(KeyboardInterrupt):
        finish_swap(path)
    monkeypatch.undo()
    finish_interrupted_swap(path)
    assert (path / "file").read_text(encoding="utf-8") == ("old" if step == 0 else "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["chroma"]


def test_what_was_not_written_to_its_end_is_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "chroma"
    folder(begin_swap(path), "half")
    finish_interrupted_swap(path)
    assert list(tmp_path.iterdir()) == []
    folder(path, "old")
    folder(begin_swap(path), "half")
    finish_interrupted_swap(path)
    assert (path / "file").read_text(encoding="utf-8") == "old"
    (tmp_path / "chroma.new").write_text("a file of that name", encoding="utf-8")
    folder(begin_swap(path), "new")
    finish_swap(path)
    assert (path / "file").read_text(encoding="utf-8") == "new"
