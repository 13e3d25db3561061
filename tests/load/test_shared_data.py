"""Folders of files from other projects' bug reports, where this machine has them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from ragtree.errors import LoadError
from ragtree.load.folder import FileEntry, parse, read_bytes, scan
from ragtree.settings import LoadSettings

DATA = Path(__file__).parents[3] / "shared" / "data"
LIMITS = LoadSettings()
READ = {".txt", ".md", ".html", ".pdf", ".docx"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")


@cache
def outcomes(name: str) -> dict[str, LoadError | str]:
    """Path -> text, or why there is none. Any other error fails the test that asks."""
    return {entry.id: outcome(entry) for entry in scan(DATA / name / "files")}


def outcome(entry: FileEntry) -> LoadError | str:
    try:
        return parse(read_bytes(entry, LIMITS), entry.id, LIMITS).text
    except LoadError as error:
        return error


def expected(what: str) -> list[str]:
    rows = (DATA / "folder-nasty" / "MANIFEST.jsonl").read_text(encoding="utf-8").splitlines()
    return [row["path"] for row in map(json.loads, rows) if row["expect"] == what]


@pytest.mark.parametrize("name", ["folder-nasty", "folder-office"])
def test_no_file_stops_the_others(name: str) -> None:
    found = outcomes(name)
    assert sum(isinstance(text, str) for text in found.values()) > len(found) / 3


def test_files_with_text_give_it() -> None:
    found = outcomes("folder-nasty")
    wanted = [path for path in expected("text") if Path(path).suffix in READ]
    assert len(wanted) > 20
    assert {path: str(found[path]) for path in wanted if not isinstance(found[path], str)} == {}


def test_files_without_text_say_so() -> None:
    found = outcomes("folder-nasty")
    reasons = [found[path] for path in expected("empty") if Path(path).suffix in READ]
    assert reasons
    assert all(isinstance(error, LoadError) and "no text in it" in error.reason for error in reasons), reasons


def test_locked_files_say_so() -> None:
    found = outcomes("folder-nasty")
    reasons = [found[path] for path in expected("password") if Path(path).suffix in READ]
    assert reasons
    assert all(isinstance(error, LoadError) and "password" in error.reason for error in reasons), reasons


def test_scans_are_the_only_office_files_of_known_kinds_without_text() -> None:
    found = outcomes("folder-office")
    without = {path for path, text in found.items() if not isinstance(text, str) and Path(path).suffix in READ}
    assert without == {"pdf/loremipsum-flat.pdf", "pdf/single_table.pdf", "pdf/table-multi-row-column-cells.pdf"}
