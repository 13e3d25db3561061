"""A package adds a source by an entry point; the command takes addresses."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from library import ragtree

from ragtree import NothingToIndexError, RagtreeError
from ragtree.load.sources import source_of
from ragtree.publish.bucket import store_at

PLUGIN = """
from pathlib import Path
from ragtree.load.listing import Folder

class Notes(Folder):
    def __init__(self, address):
        super().__init__(Path(address.removeprefix("notes://")))
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is installed."""
    site = tmp_path / "site"
    told = site / "notes-1.0.dist-info"
    told.mkdir(parents=True)
    (site / "notes_source.py").write_text(PLUGIN)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: notes\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text("[ragtree.sources]\nnotes = notes_source:Notes\n")
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])


@pytest.mark.usefixtures("plugin")
def test_a_package_adds_a_source(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("A note.")
    assert [entry.id for entry in source_of(f"notes://{tmp_path / 'docs'}").files().entries] == ["a.txt"]
    with pytest.raises(NothingToIndexError, match="notes://"):
        source_of("ftp://host/docs")


def test_a_file_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    """`file://docs/handbook` would mean /handbook."""
    for use in (source_of, store_at):
        with pytest.raises(RagtreeError, match=r"file://docs/handbook names the machine 'docs'; write file:///FOLDER"):
            use("file://docs/handbook")
    (tmp_path / "a b.txt").write_text("A note.")
    address = tmp_path.as_uri().replace("file://", "file://localhost")
    assert [entry.id for entry in source_of(address).files().entries] == ["a b.txt"]


def test_the_command_takes_an_address(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("The keeper of the light is Abel Strake.")
    address, index = (tmp_path / "docs").as_uri(), tmp_path / "index"
    told = ragtree("index", address)
    assert told.status == 2
    assert "say with --index where the index of" in told.err
    assert ragtree("index", address, "--index", index, "--llm", "none").status == 0
    assert "Strake" in ragtree("search", address, "keeper", "--index", index).out
    assert "1 unchanged" in ragtree("index", address, "--index", index).err
    watch = ragtree("watch", address, "--index", index)
    assert watch.status == 2
    assert "this command needs a folder" in watch.err
