"""What is missing from a document is told by every report of its folder, until the file changes."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragtree import Notice, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder

FRAME = "embedded pages: 1, not read (map.html)"


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[RagTree]:
    made = Settings.model_validate(
        {"tree": {"cluster": "none"}, "embed": {"kind": "plain"}, "llm": {"model": "none"}, "load": {"workers": 1}}
    )
    with RagTree.open(tmp_path / "index", made, embedder=HashingEmbedder()) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "docs"
    top.mkdir()
    (top / "plain.md").write_text("The first text.")
    (top / "fares.html").write_text("<p>The fares of the ferry.</p><iframe src='map.html'></iframe>")
    return top


def test_a_sync_tells_what_is_missing_from_a_document(tree: RagTree, folder: Path) -> None:
    report = tree.sync(folder)
    assert report.notices == (Notice("fares.html", FRAME),)
    assert report.skipped == ()
    assert "ferry" in tree.document("fares.html").text


def test_a_notice_repeats_while_the_file_is_unchanged(tree: RagTree, folder: Path) -> None:
    tree.sync(folder)
    assert tree.plan(folder).notices == (Notice("fares.html", FRAME),)
    report = tree.sync(folder)
    assert report.unchanged == 2
    assert report.notices == (Notice("fares.html", FRAME),)


def test_a_notice_ends_when_the_file_no_longer_has_the_part(tree: RagTree, folder: Path) -> None:
    tree.sync(folder)
    changed = folder / "fares.html"
    changed.write_text("<p>The fares of the ferry.</p>")
    time = changed.stat().st_mtime_ns + 5_000_000_000
    os.utime(changed, ns=(time, time))
    assert tree.sync(folder).notices == ()
    assert tree.plan(folder).notices == ()


def test_a_plan_of_a_new_folder_tells_it_too(tree: RagTree, folder: Path) -> None:
    assert tree.plan(folder).notices == (Notice("fares.html", FRAME),)


def test_a_member_of_an_archive_is_named_by_its_own_path(tree: RagTree, folder: Path) -> None:
    with zipfile.ZipFile(folder / "old.zip", "w") as archive:
        archive.write(folder / "fares.html", "1922/fares.html")
    assert Notice("old.zip/1922/fares.html", FRAME) in tree.sync(folder).notices
