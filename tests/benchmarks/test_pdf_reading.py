"""How well and how fast PDFs are read: against reference texts, and beside PDFium's own order of the text.

Run alone: pytest tests/benchmarks/test_pdf_reading.py
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pypdfium2
import pytest
from word_measures import order_recall, word_precision, word_recall

from ragtree.errors import LoadError
from ragtree.load.format_contents import PICTURES
from ragtree.load.readers.pdf import PdfLoader
from ragtree.load.recognition.base import NothingDescribed
from ragtree.load.recognition.choosing import NothingRecognized
from ragtree.settings import LoadSettings

DATA = Path(__file__).parents[3] / "shared" / "data"
MOST_PAGES = 120
LOADER = PdfLoader(NothingRecognized(), NothingDescribed())

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")


def plain(data: bytes) -> tuple[str, int]:
    """The text as PDFium gives it, page after page, and how many pages there are."""
    pdf = pypdfium2.PdfDocument(data)
    try:
        pages = [page.get_textpage().get_text_bounded() for page in pdf]
    finally:
        pdf.close()
    return "\n".join(pages), len(pages)


def test_reading_against_references(report):
    folder = DATA / "folder-parsetruth"
    rows = [json.loads(line) for line in (folder / "MANIFEST.jsonl").read_text(encoding="utf-8").splitlines()]
    report("reading of PDFs against reference Markdown: recall / precision of words, runs of 5 words in order")
    report(f"{'file':50} {'ragtree':>22} {'PDFium alone':>22}")
    figures = []
    for row in rows:
        if not row["path"].endswith(".pdf"):
            continue
        truth = (folder / row["truth"]).read_text(encoding="utf-8")
        data = (folder / "files" / row["path"]).read_bytes()
        texts = LOADER.load(data, row["path"], LoadSettings()).text, plain(data)[0]
        found = [measure(truth, text) for text in texts for measure in (word_recall, word_precision, order_recall)]
        figures.append(found)
        report(_row(Path(row["path"]).name, found))
    report(_row("mean", [sum(column) / len(column) for column in zip(*figures, strict=True)]))


def _row(name: str, found: list[float]) -> str:
    ours, theirs = (" / ".join(f"{value:.3f}" for value in part) for part in (found[:3], found[3:]))
    return f"{name[:50]:50} {ours:>22} {theirs:>22}"


def test_pages_a_second(report):
    files = sorted((DATA / "folder-office" / "files").rglob("*.pdf"))
    pages, ours, theirs = 0, 0.0, 0.0
    for path in files:
        data = path.read_bytes()
        started = time.process_time()
        try:
            _, count = plain(data)
        except pypdfium2.PdfiumError:
            continue
        middle = time.process_time()
        if count > MOST_PAGES:
            continue
        try:
            LOADER.load(data, path.name, LoadSettings())
        except LoadError as error:
            assert PICTURES in error.reason, path
        pages += count
        theirs += middle - started
        ours += time.process_time() - middle
    report(
        f"{pages} pages of folder-office: {pages / ours:.0f} pages a second of processor time, "
        f"PDFium's text alone {pages / theirs:.0f}"
    )
