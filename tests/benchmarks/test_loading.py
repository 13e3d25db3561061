"""How fast files are read, and how many of their words: pytest tests/benchmarks/test_loading.py

Files are read as a sync reads them, processes and all, so the time to start those is in the figures.
"""

from __future__ import annotations

import html
import json
import os
import re
import time
from collections import Counter, defaultdict
from pathlib import Path
from statistics import mean

import pypdfium2
import pytest

from ragtree.indexing.folder_changes import FolderChanges, ReadDocument
from ragtree.load.parsing import scan
from ragtree.load.pool import read_files
from ragtree.load.sources import source_of
from ragtree.settings import LoadSettings
from ragtree.store.catalog import Catalog
from ragtree.store.documents import DocumentRecord, StoredDocument
from ragtree.store.tree_change import TreeChange
from ragtree.types import Document

DATA = Path(__file__).parents[3] / "shared" / "data"
LIMITS = LoadSettings()
NO_WORDS = re.compile(r"<!--.*?-->|\]\([^)\s]*(?:\s\"[^\"]*\")?\)|\\(?=[_*#\[\]<>~`])", re.DOTALL)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")


def read(folder: Path, ending: str = "") -> tuple[dict[str, str], float]:
    """Text by the file's id, and the seconds that took."""
    entries = [entry for entry in scan(folder) if entry.id.endswith(ending)]
    started = time.monotonic()
    texts = {entry.id: item.text for entry, item in read_files(entries, LIMITS) if isinstance(item, Document)}
    return texts, time.monotonic() - started


def pages(path: Path) -> int:
    try:
        pdf = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return 0
    count = len(pdf)
    pdf.close()
    return count


def words(text: str) -> Counter[str]:
    """The words of a text, or of Markdown without its comments, addresses of links and escapes."""
    return Counter(re.findall(r"\w+", html.unescape(NO_WORDS.sub(" ", text)).replace("_", " ").lower()))


def recall(found: str, reference: str) -> float:
    """Share of the reference's words that were found, each as often as it stands there."""
    wanted = words(reference)
    return (wanted & words(found)).total() / wanted.total() if wanted else 1.0


def test_pages_and_megabytes_a_second(tmp_path, report):
    for name in ("folder-office", "folder-nasty"):
        folder = DATA / name / "files"
        count = sum(pages(path) for path in folder.rglob("*.pdf"))
        _, seconds = read(folder, ".pdf")
        report(f"PDF, {name:16} {count:5} pages {count / seconds:8.0f} pages/s   ({os.cpu_count()} cores)")
    text = "".join(
        path.read_text("utf-8", "replace") for path in sorted((DATA / "folder-peps" / "files").rglob("*.rst"))
    )
    for size, count in ((20_000, 1000), (2_000_000, 20)):
        folder = tmp_path / str(size)
        folder.mkdir()
        for number in range(count):
            start = number * size % (len(text) - size)
            (folder / f"{number}.txt").write_text(text[start : start + size], encoding="utf-8")
        megabytes = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        _, seconds = read(folder)
        report(f"text, {count:5} files of {size / 1000:6.0f} kB        {megabytes / seconds:8.1f} MB/s")


def test_seconds_for_the_rust_book(tmp_path, report):
    catalog = Catalog(tmp_path / "catalog.sqlite")
    for what in ("read and written", "found unchanged"):
        started = time.monotonic()
        reading = FolderChanges(source_of(DATA / "folder-rustbook" / "files"), catalog, LIMITS)
        read_to_catalog(reading, catalog)
        seconds = time.monotonic() - started
        report(f"folder-rustbook, {len(reading.due)} files to read, {what:16} {seconds:6.1f} s   (wanted: under 10)")
    catalog.close()


def read_to_catalog(reading: FolderChanges, catalog: Catalog) -> None:
    """Read what is due, and write it to the catalog without chunks, file by file."""
    stored: list[StoredDocument] = []
    for item in reading.read():
        if isinstance(item, ReadDocument):
            document, entry = item.document, item.entry
            record = DocumentRecord(document.id, document.sha256, "folder", entry.size, entry.modified)
            stored.append(StoredDocument(document, record))
        else:
            catalog.change(TreeChange(), stored, read=[item])
            stored = []


def test_words_that_are_read_by_format(report):
    folder = DATA / "folder-parsetruth"
    texts, seconds = read(folder / "files")
    recalls: defaultdict[str, list[float]] = defaultdict(list)
    for line in (folder / "MANIFEST.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        reference = (folder / row["truth"]).read_text(encoding="utf-8")
        recalls[Path(row["path"]).suffix].append(recall(texts.get(row["path"], ""), reference))
    report(f"folder-parsetruth, {sum(map(len, recalls.values()))} files in {seconds:.1f} s; word-level recall")
    for kind, found in sorted(recalls.items()):
        report(f"  {kind:10} {len(found):4} files   mean {mean(found):.3f}   least {min(found):.3f}")
