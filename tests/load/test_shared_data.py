"""Folders of files from other projects' bug reports, where this machine has them, read as a sync reads them."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ragtree.errors import LoadError
from ragtree.load.base import Loaded
from ragtree.load.encoded_data import without_encoded_data
from ragtree.load.endings import has_loader
from ragtree.load.members import is_archive
from ragtree.load.parsing import parse, scan
from ragtree.load.pool import Finished, read_files
from ragtree.settings import LoadSettings
from ragtree.types import Document

DATA = Path(__file__).parents[3] / "shared" / "data"
LIMITS = LoadSettings()
SCANNED_WORDS = {
    "pdf/loremipsum-flat.pdf": "consectetur adipiscing elit. Nunc sollicitudin molestie consequat.",
    "pdf/single_table.pdf": "| Base 512 | 16,046 | 200.58 (121.01) | N/A |",
    "pdf/table-multi-row-column-cells.pdf": "Disability",
}
"""Office PDFs without a text layer, and some of the words that are seen on them."""
MARKUP = {".html", ".htm", ".xml", ".srt"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")


@cache
def outcomes(name: str, ocr: bool = False) -> dict[str, LoadError | str]:
    """Path -> text, or why there is none. An archive's text is that of its members."""
    found: dict[str, LoadError | str] = {}
    for entry, item in read_files(scan(DATA / name / "files"), LIMITS.model_copy(update={"ocr": ocr})):
        if isinstance(item, Document):
            earlier = found.get(entry.id)
            found[entry.id] = f"{earlier}\n{item.text}" if isinstance(earlier, str) else item.text
        elif not isinstance(item, Finished):
            found.setdefault(entry.id, LoadError(item.source, item.reason))
    return found


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(row) for row in (DATA / name / "MANIFEST.jsonl").read_text(encoding="utf-8").splitlines()]


def expected(what: str) -> dict[str, LoadError | str]:
    """The outcomes of those files of which this is expected and whose kind is read."""
    found = outcomes("folder-nasty")
    wanted = {row["path"]: found[row["path"]] for row in rows("folder-nasty") if row["expect"] == what}
    return {path: outcome for path, outcome in wanted.items() if has_loader(path) or is_archive(path)}


def reasons(found: dict[str, LoadError | str], without: str) -> dict[str, str]:
    """Those with text, or with a reason that does not hold these words."""
    return {
        path: outcome if isinstance(outcome, str) else outcome.reason
        for path, outcome in found.items()
        if isinstance(outcome, str) or not re.search(without, outcome.reason)
    }


@pytest.mark.parametrize("name", ["folder-nasty", "folder-office", "folder-encodings", "folder-rustbook"])
def test_every_file_has_an_outcome_and_no_reader_comes_to_its_end(name: str) -> None:
    found = outcomes(name)
    assert set(found) == {entry.id for entry in scan(DATA / name / "files")}
    assert sum(isinstance(text, str) for text in found.values()) > len(found) / 3
    ended = [str(error) for error in found.values() if isinstance(error, LoadError)]
    assert [reason for reason in ended if re.search("crashed|max_seconds|more memory|ended their", reason)] == []


def test_files_with_text_give_it() -> None:
    wanted = expected("text")
    assert len(wanted) > 20
    assert {path: str(error) for path, error in wanted.items() if not isinstance(error, str)} == {}


def test_files_without_text_say_so() -> None:
    wanted = expected("empty")
    assert wanted
    assert reasons(wanted, "no text in it|load.ocr is off") == {}


def test_locked_files_say_so() -> None:
    wanted = expected("password")
    assert wanted
    assert reasons(wanted, "password") == {}


def test_bombs_are_refused() -> None:
    wanted = expected("limit")
    assert wanted
    assert reasons(wanted, r"load\.max_|more than|levels|broken") == {}


def test_scans_are_the_only_office_pdfs_without_text() -> None:
    found = outcomes("folder-office")
    without = {path for path, text in found.items() if not isinstance(text, str) and path.endswith(".pdf")}
    assert without == SCANNED_WORDS.keys()


def test_the_text_of_scans_is_recognized() -> None:
    for path, words in SCANNED_WORDS.items():
        document = parse((DATA / "folder-office" / "files" / path).read_bytes(), path, LIMITS)
        assert words in " ".join(document.text.split())


def test_text_in_any_encoding_is_right() -> None:
    found = outcomes("folder-encodings")
    wrong = {row["path"]: row["encoding"] for row in rows("folder-encodings") if not is_right(row, found[row["path"]])}
    assert len(wrong) <= 0.05 * len(rows("folder-encodings")), wrong


def is_right(row: dict[str, Any], outcome: LoadError | str) -> bool:
    """Plain text to the character, but for white space; of markup the words, as a loader leaves some out."""
    if isinstance(outcome, LoadError) or not row["decodes"]:  # Python has no EUC-TW
        return False
    data = (DATA / "folder-encodings" / "files" / row["path"]).read_bytes()
    truth = data.decode(row["encoding"], "replace").lstrip("\ufeff")
    truth = without_encoded_data(Loaded(truth)).text
    if Path(row["path"]).suffix not in MARKUP:
        return " ".join(outcome.split()) == " ".join(truth.split())
    words = re.findall(r"\w+", outcome)
    known = set(re.findall(r"\w+", truth)) | set(re.findall(r"\w+", html.unescape(truth)))
    return bool(words) and sum(word in known for word in words) >= 0.99 * len(words)
