"""The history of a repository as metadata: when a file was changed last, and by whom."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ragtree import RagTree
from ragtree.embed.hashing import HashingEmbedder
from ragtree.load.base import FileEntry
from ragtree.load.sources import source_of


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"git+{folder.as_uri()}"
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, author: str = "Ann", day: str = "2024-05-01") -> None:
        who = {f"GIT_{role}_{fact}": author for role in ("AUTHOR", "COMMITTER") for fact in ("NAME", "EMAIL")}
        when = {f"GIT_{role}_DATE": f"{day}T12:00:00+00:00" for role in ("AUTHOR", "COMMITTER")}
        command = ["git", "-C", str(self.folder), *arguments]
        subprocess.run(command, check=True, env={**os.environ, **who, **when}, capture_output=True)

    def commit(self, author: str, day: str, **files: str) -> None:
        for name, text in files.items():
            (self.folder / f"{name}.txt").write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change", author=author, day=day)

    def entries(self) -> dict[str, FileEntry]:
        return {entry.id.removesuffix(".txt"): entry for entry in source_of(self.address).files().entries}

    def told(self) -> dict[str, tuple[object, object]]:
        facts = {name: one.metadata for name, one in self.entries().items()}
        return {name: (one.get("author"), one.get("modified")) for name, one in facts.items()}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "docs")
    made.commit("Ann", "2024-05-01", lamp="The lamp is out.", ferry="The ferry is late.")
    made.commit("Bé Vane", "2024-06-02", lamp="The lamp is lit.")
    return made


def test_every_file_has_its_last_commit(repository: Repository) -> None:
    assert repository.told() == {"lamp": ("Bé Vane", "2024-06-02"), "ferry": ("Ann", "2024-05-01")}
    assert repository.entries()["ferry"].modified == 1714564800 * 10**9  # 2024-05-01 12:00 UTC
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "diff.relative", "true")
    assert len(repository.told()) == 2


def test_links_in_the_folder_where_the_process_runs_do_not_count(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository.folder / "letters").mkdir()
    repository.commit("Ann", "2024-06-03", **{"letters/one": "A letter."})
    (here := tmp_path / "here").mkdir()
    (here / "letters").symlink_to(tmp_path)
    monkeypatch.chdir(here)
    assert "letters/one" in repository.entries()


def test_a_merge_counts_for_what_it_changed_itself(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit("Cid", "2024-07-01", ferry="The ferry is early.")
    repository.git("checkout", "--quiet", "main")
    repository.commit("Dot", "2024-07-02", lamp="The lamp is red.")
    repository.git("merge", "--no-commit", "--no-ff", "side", author="Eve", day="2024-07-03")
    repository.commit("Eve", "2024-07-03", quay="The quay is new.")
    wanted = {"ferry": ("Cid", "2024-07-01"), "lamp": ("Dot", "2024-07-02"), "quay": ("Eve", "2024-07-03")}
    assert repository.told() == wanted


def test_a_shallow_clone_says_nothing_of_what_is_older_than_it(repository: Repository, tmp_path: Path) -> None:
    repository.commit("Cid", "2024-07-01", ferry="The ferry is early.")
    clone = tmp_path / "clone"
    source = repository.folder.as_uri()
    subprocess.run(["git", "clone", "--quiet", "--depth", "2", source, str(clone)], check=True, capture_output=True)
    entries = source_of(f"git+{clone.as_uri()}").files().entries
    assert [dict(entry.metadata) for entry in entries] == [{"modified": "2024-07-01", "author": "Cid"}, {}]


def test_documents_can_be_filtered_by_it_and_a_file_s_own_word_goes_first(
    repository: Repository, tmp_path: Path
) -> None:
    (repository.folder / "note.md").write_text("---\nauthor: Zoe\n---\n\nThe bell rings at noon.\n")
    repository.commit("Ann", "2024-08-01")
    with RagTree.open(tmp_path / "index", embedder=HashingEmbedder()) as tree:
        tree.sync(repository.address)
        facts = {one.id: (one.metadata.get("author"), one.metadata["modified"]) for one in tree.documents()}
        assert facts["note.md"] == ("Zoe", "2024-08-01")
        assert facts["lamp.txt"] == ("Bé Vane", "2024-06-02")
        found = tree.search("is", k=9, where={"date": {"$gte": "2024-06", "$lt": "2024-07"}, "level": 0})
        assert {hit.node.source for hit in found} == {"lamp.txt"}
        repository.commit("Cid", "2024-09-01", lamp="The lamp is broken.")
        repository.commit("Dot", "2024-09-02", lamp="The lamp is lit.")  # as it was
        report = tree.sync(repository.address)
        assert (report.changed, report.embedded) == (("lamp.txt",), 0)
        assert {one.id: one.metadata["author"] for one in tree.documents()}["lamp.txt"] == "Dot"
        assert tree.sync(repository.address).changed == ()
