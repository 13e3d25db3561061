"""Names that Windows and Linux understand differently."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from packing import packed, word

from ragtree.load.parsing import parse, read_bytes, scan
from ragtree.load.windows_paths import openable
from ragtree.settings import LoadSettings

LIMITS = LoadSettings()
STRANGE = [
    "CON",
    "NUL",
    "aux.txt",
    "com1.md",
    "notes.",
    "notes ",
    "a\\b.txt",
    "what?.md",
    "a:b.md",
    " x.md",
    "CON/in.md",
]


@pytest.mark.parametrize("name", STRANGE)
def test_a_file_is_read_whatever_windows_thinks_of_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("words", encoding="utf-8")
    (entry,) = scan(tmp_path)
    assert entry.id == name
    assert parse(read_bytes(entry, LIMITS), entry.id, LIMITS).text == "words"


def test_a_path_longer_than_windows_has_them_is_read(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a long name of a folder"] * 30)
    folder.mkdir(parents=True)
    (folder / "deep.md").write_text("words", encoding="utf-8")
    (entry,) = scan(tmp_path)
    assert len(str(entry.path)) > 700
    assert read_bytes(entry, LIMITS) == b"words"


def test_a_folder_deeper_than_the_system_goes_is_reported(tmp_path: Path) -> None:
    (tmp_path / "near.md").write_text("words", encoding="utf-8")
    name = "d" * 200
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(22):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    entries = scan(tmp_path)
    assert [entry.id for entry in entries if len(entry.id) < 100] == ["near.md"]
    assert len(entries) == 2  # the folder that cannot be listed is named


@pytest.mark.parametrize(
    ("path", "opened"),
    [
        ("C:/docs/a.md", "C:\\docs\\a.md"),
        ("C:/docs/console.md", "C:\\docs\\console.md"),
        ("C:/docs/CON", "\\\\?\\C:\\docs\\CON"),
        ("C:/docs/aux.tar.gz", "\\\\?\\C:\\docs\\aux.tar.gz"),
        ("C:/nul/a.md", "\\\\?\\C:\\nul\\a.md"),
        ("C:/docs/notes.", "\\\\?\\C:\\docs\\notes."),
        ("C:/docs/notes /a.md", "\\\\?\\C:\\docs\\notes \\a.md"),
        ("//host/share/lpt1.md", "\\\\?\\UNC\\host\\share\\lpt1.md"),
        ("\\\\?\\C:\\docs\\CON", "\\\\?\\C:\\docs\\CON"),
        ("C:/" + "long/" * 60 + "a.md", "\\\\?\\C:\\" + "long\\" * 60 + "a.md"),
    ],
)
def test_windows_is_given_a_path_that_it_opens(path: str, opened: str) -> None:
    assert str(openable(PureWindowsPath(path))) == opened


def test_other_systems_paths_stay_as_they_are() -> None:
    assert openable(PurePosixPath("/docs/CON")) == PurePosixPath("/docs/CON")


def test_a_word_file_with_backslashes_between_its_parts_is_read() -> None:
    written = word("<w:p><w:r><w:t>The lamp burns oil.</w:t></w:r></w:p>")
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        parts = {name.replace("/", "\\"): archive.read(name) for name in archive.namelist()}
    assert parse(packed(parts), "a.docx", LIMITS).text.strip() == "The lamp burns oil."
    assert parse(packed(parts), "renamed.bin", LIMITS).text.strip() == "The lamp burns oil."
