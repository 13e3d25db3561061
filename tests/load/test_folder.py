from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reading import loader_for

from ragtree.errors import LoadError, NothingToIndexError
from ragtree.load.parsing import FileEntry, digest, parse, read_bytes, scan
from ragtree.settings import LoadSettings

LIMITS = LoadSettings()


def ids(folder: Path) -> list[str]:
    return [entry.id for entry in scan(folder)]


def reason(entry: FileEntry, limits: LoadSettings = LIMITS) -> str:
    with pytest.raises(LoadError) as caught:
        read_bytes(entry, limits)
    return caught.value.reason


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.txt", "a.md", "sub/deep/c.html", "sub/a.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_all_files_are_listed_by_id(folder: Path) -> None:
    assert ids(folder) == ["a.md", "b.txt", "sub/a.txt", "sub/deep/c.html"]
    entry = scan(folder)[2]
    status = entry.path.stat()
    assert (entry.size, entry.modified) == (status.st_size, status.st_mtime_ns)
    assert read_bytes(entry, LIMITS) == b"sub/a.txt"


@pytest.mark.parametrize("name", [".hidden.txt", ".ragtree/chroma/x.txt", "sub/.git/y.txt", "ragtree.toml"])
def test_hidden_files_and_ragtree_s_own_are_left_out(folder: Path, name: str) -> None:
    before = ids(folder)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    assert ids(folder) == before


def test_a_loop_of_links_ends(folder: Path) -> None:
    before = ids(folder)
    (folder / "sub" / "up").symlink_to(folder, target_is_directory=True)
    assert ids(folder) == before


def test_a_link_to_nowhere_or_to_itself_is_named(folder: Path) -> None:
    (folder / "gone.txt").symlink_to(folder / "nothing")
    (folder / "self.txt").symlink_to(folder / "self.txt")
    entries = {entry.id: entry for entry in scan(folder)}
    assert reason(entries["gone.txt"]) == "it disappeared before it was read"
    assert "symbolic links" in reason(entries["self.txt"])


def test_a_link_to_a_file_is_a_file(folder: Path) -> None:
    (folder / "linked.txt").symlink_to(folder / "b.txt")
    entry = next(entry for entry in scan(folder) if entry.id == "linked.txt")
    assert read_bytes(entry, LIMITS) == b"b.txt"


def test_a_pipe_is_no_file(folder: Path) -> None:
    before = ids(folder)
    os.mkfifo(folder / "pipe.txt")
    assert ids(folder) == before


def test_a_file_that_disappears_is_named(folder: Path) -> None:
    entry = scan(folder)[0]
    entry.path.unlink()
    assert reason(entry) == "it disappeared before it was read"


def test_a_file_that_is_not_ours_to_read_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert reason(scan(folder)[0]) == "permission denied"


def test_a_folder_that_cannot_be_listed_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def denied(path: Any) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", denied)
    entries = scan(folder)
    assert [entry.id for entry in entries] == ["a.md", "b.txt", "sub/a.txt", "sub/deep"]
    assert reason(entries[-1])


def test_a_large_file_is_left_out(folder: Path) -> None:
    (folder / "a.md").write_bytes(b"x" * 2_000_001)
    entry = scan(folder)[0]
    assert reason(entry, LoadSettings(max_megabytes=2)) == "2 MB, more than load.max_megabytes = 2"
    assert len(read_bytes(entry, LIMITS)) == 2_000_001


@pytest.mark.parametrize("name", [b"caf\xe9.txt", b"two\nlines.txt", b"bell\x07.txt", "line\u2028end.txt".encode()])
def test_a_name_that_nobody_can_read_is_named(tmp_path: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("x")
    (entry,) = scan(tmp_path)
    with pytest.raises(LoadError, match="rename it") as caught:
        read_bytes(entry, LIMITS)
    assert caught.value.source.isascii()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "naïve ファイル (1) – kopi.md",
        "Screenshot 9.41\u202fPM.txt",
        "a\u00a0b.txt",
        "👩\u200d🚀.md",
        "می\u200cخواهم.txt",
    ],
)
def test_a_name_in_any_script_is_fine(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    (entry,) = scan(tmp_path)
    assert entry.id == name
    assert read_bytes(entry, LIMITS) == b"x"


def test_no_folder_is_an_error_that_says_so(folder: Path) -> None:
    with pytest.raises(NothingToIndexError, match="there is no folder"):
        scan(folder / "nothing")
    with pytest.raises(NothingToIndexError, match="is a file"):
        scan(folder / "a.md")


@pytest.mark.parametrize(
    ("source", "kind"),
    [("A.TXT", "TextLoader"), ("a.b.md", "MarkdownLoader"), ("x/y.HTM", "HtmlLoader"), ("a.Pdf", "PdfLoader")],
)
def test_the_ending_chooses_the_loader(source: str, kind: str) -> None:
    assert type(loader_for(source)).__name__ == kind
    assert loader_for("a.zip") is None
    assert loader_for(".md") is None


def test_the_digest_is_sha256() -> None:
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_want_of_memory_is_not_the_file_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def starve(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("ragtree.load.readers.plain_text.decode", starve)
    with pytest.raises(MemoryError):  # the process that reads says which limit that was
        parse(b"words", "a.txt", LIMITS)
