from __future__ import annotations

from pathlib import Path

import pytest

from ragtree.load.listing import scan
from ragtree.load.watch_filter import relevant_paths


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "docs"
    for name in (
        "a.md",
        "sub/b.md",
        "sub/deep/c.md",
        "drafts/d.md",
        "drafts/keep.md",
        "notes.tmp",
        "build/out.md",
        ".git/HEAD",
        ".hidden.md",
        ".ragtree/catalog.sqlite",
        "other.index/catalog.sqlite",
        "other.index/chroma/x.bin",
        "sub/ragtree.toml",
    ):
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (top / ".gitignore").write_text("*.tmp\nbuild/\n")
    (top / "drafts" / ".ragtreeignore").write_text("*\n!keep.md\n")
    (top / "link").symlink_to(top / "sub", target_is_directory=True)
    return top


def names(folder: Path, *paths: str) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in relevant_paths(folder, [folder / name for name in paths])]


def test_of_files_those_are_noticed_that_a_listing_shows(folder: Path) -> None:
    every = [path for path in folder.rglob("*") if path.is_file()]
    shown = {entry.path for entry in scan(folder)}
    patterns = {folder / ".gitignore", folder / "drafts" / ".ragtreeignore"}
    assert set(relevant_paths(folder, every)) == shown | patterns
    assert names(folder, "drafts/keep.md", "drafts/d.md") == ["drafts/keep.md"]


def test_of_folders_those_are_noticed_that_a_listing_enters(folder: Path) -> None:
    every = [path for path in folder.rglob("*") if path.is_dir()]
    found = {path.relative_to(folder).as_posix() for path in relevant_paths(folder, every)}
    assert found == {"sub", "sub/deep", "drafts", "link"}  # a link may have taken the place of a file
    assert relevant_paths(folder, [folder, folder.parent, folder.parent / "elsewhere.md"]) == [folder]


def test_what_is_gone_is_noticed_unless_it_is_surely_excluded(folder: Path) -> None:
    gone = ["gone.md", "gone", "sub/gone.md", "gone.tmp", ".gone", ".git/index.lock", "build/gone.md", "drafts/gone"]
    assert names(folder, *gone) == ["gone", "gone.md", "sub/gone.md"]
    (folder / ".gitignore").unlink()
    assert names(folder, ".gitignore", "notes.tmp") == [".gitignore", "notes.tmp"]


def test_what_was_removed_is_noticed_though_something_excluded_is_in_its_place(folder: Path) -> None:
    (folder / ".gitignore").write_text("a.md/\nplain\n!plain/\n")
    (folder / "a.md").unlink()
    (folder / "a.md").mkdir()
    (folder / "plain").write_text("x")
    paths = [folder / "a.md", folder / "plain", folder / ".git"]
    assert relevant_paths(folder, paths) == []
    assert relevant_paths(folder, [], removed=paths) == paths[:2]


def test_what_lies_behind_a_link_or_in_an_index_is_not_noticed(folder: Path) -> None:
    assert names(folder, "link/b.md", ".ragtree/catalog.sqlite-wal", "other.index/chroma/x.bin") == []
