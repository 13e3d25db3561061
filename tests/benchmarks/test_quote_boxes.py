"""Are quotes of PDFs found on their pages? Every sentence of the text of PDFs is looked for as the served page does.

Wanted: at least .98 of the quotes have boxes, and at least .90 of their letters are in boxes of their own. Where the
words do not stand on the page as they were read, the box of their block is shown. RAGTREE_PDFS names another folder.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2
from library import LIBRARY

from ragtree.errors import LoadError
from ragtree.load.parsing import parse
from ragtree.serve.page.highlights import wanted_on_pages
from ragtree.serve.page.page_worker import _Characters, _letters
from ragtree.settings import LoadSettings
from ragtree.text.sentences import sentence_spans
from ragtree.types import Document, Span

DATA = Path(__file__).parents[3] / "shared" / "data"
FOLDERS = [Path(os.environ["RAGTREE_PDFS"])] if "RAGTREE_PDFS" in os.environ else [LIBRARY, DATA / "folder-parsetruth"]
MOST = 60
"""Quotes of a document, evenly spread."""


def test_boxes(report: Callable[[str], None]) -> None:
    for folder in FOLDERS:
        quotes = with_box = letters = covered = pages = 0
        seconds = 0.0
        for path in sorted(folder.rglob("*.pdf")):
            try:
                document = parse(path.read_bytes(), path.name, LoadSettings())
            except LoadError:
                continue
            spans = [span for span in sentence_spans(document.text) if span.of(document.text).strip()]
            pdf = pypdfium2.PdfDocument(path.read_bytes())
            for span in spans[:: -(-len(spans) // MOST)] if spans else ():
                found, wanted = _covered(pdf, document, span)
                quotes, letters, covered = quotes + 1, letters + wanted, covered + found
                with_box += found > 0 or bool(wanted_on_pages(document, span))
            started = time.perf_counter()
            pdf[0].render(scale=2)
            seconds, pages = seconds + time.perf_counter() - started, pages + 1
        if quotes:
            report(
                f"{folder.name}: {pages} PDFs, {quotes} quotes, {with_box / quotes:.3f} with a box, "
                f"{covered / letters:.3f} of the letters, {1000 * seconds / pages:.0f} ms to render a page"
            )


def _covered(pdf: pypdfium2.PdfDocument, document: Document, span: Span) -> tuple[int, int]:
    """Letters of the quote that are found on their page, and all of them."""
    found = total = 0
    for one in wanted_on_pages(document, span):
        wanted = "".join(_letters(one.text))
        total += len(wanted)
        characters = _Characters(pdf[one.page - 1])
        if characters.find(wanted, None) is not None:
            found += len(wanted)
        else:
            found += min(len(wanted), sum(map(len, characters.pieces(wanted, None))))
    return found, total
