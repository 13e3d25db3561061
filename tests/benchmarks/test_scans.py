"""How well scans are read: drawn pages in eight languages, askew and noisy ones, and pages of real PDFs.

Texts of XQuAD and JaQuAD are drawn in fonts of this machine, where it has one for the script, at 300 and 150 dpi.
Wanted: less than 2 % of the characters wrong in clean English, and less than 5 % elsewhere in the scripts that the
engine knows; of the others the lines are counted as not read. The pages of real PDFs are rendered, and compared with
what is read of their text layer.

RAGTREE_PAGES=1 is a quick look.
"""

from __future__ import annotations

import io
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from ragtree.errors import LoadError
from ragtree.load.format_contents import UNREAD_LINES
from ragtree.load.parsing import parse
from ragtree.settings import LoadSettings

DATA = Path(__file__).parents[3] / "shared" / "data"
PAGES = int(os.environ.get("RAGTREE_PAGES", "4"))
LIMITS = LoadSettings()
FONTS = Path("/usr/share/fonts/truetype")
LANGUAGES = {
    "English": ("xquad-en", "liberation/LiberationSerif-Regular.ttf"),
    "German": ("xquad-de", "liberation/LiberationSans-Regular.ttf"),
    "Spanish": ("xquad-es", "dejavu/DejaVuSerif.ttf"),
    "Chinese": ("xquad-zh", "wqy/wqy-zenhei.ttc"),
    "Japanese": ("jaquad", "fonts-japanese-gothic.ttf"),
    "Russian": ("xquad-ru", "liberation/LiberationSerif-Regular.ttf"),
    "Hindi": ("xquad-hi", "lohit-devanagari/Lohit-Devanagari.ttf"),
    "Thai": ("xquad-th", "tlwg/Kinnari.ttf"),
}
"""A set with texts, and a font."""
REAL = {
    "a book": ("pdf/DA-619p.pdf", 300),
    "a paper": ("pdf/layout-parser-paper-fast.pdf", 0),
    "two columns": ("pdf/multi-column.pdf", 1),
    "a list": ("pdf/list-item-example.pdf", 0),
    "a guide": ("pdf/interface-config-guide-p93.pdf", 0),
    "a brochure": ("pdf/reliance.pdf", 1),
}
"""Pages of folder-office."""


def texts(name: str) -> Iterator[str]:
    """Texts of about a page."""
    part = ""
    for row in (DATA / name / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
        part += json.loads(row)["text"].strip() + "\n"
        if len(part) > 1200:
            yield part
            part = ""


def drawn(text: str, font_file: Path, dpi: int) -> Image.Image:
    """A page of A4 in 11 points, in lines that fit."""
    page = Image.new("RGB", (round(8.27 * dpi), round(11.69 * dpi)), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(str(font_file), 11 * dpi / 72)
    top, left, width = dpi, dpi, page.width - 2 * dpi
    line = ""
    for piece in re.findall(r"[\u2e80-\uffef\u0e00-\u0e7f]|[^\s\u2e80-\uffef\u0e00-\u0e7f]+\s*|\s+", text):
        if (line and pen.textlength(line + piece.rstrip(), font) > width) or "\n" in piece:
            pen.text((left, top), line + piece.rstrip() * ("\n" in piece), "black", font)
            top, line = top + 1.5 * 11 * dpi / 72, ""
            if "\n" in piece:
                continue
        line += piece
    pen.text((left, top), line, "black", font)
    return page


def askew(page: Image.Image) -> Image.Image:
    """As a bad scanner sees it."""
    turned = page.rotate(2, expand=True, fillcolor=(240, 240, 240), resample=Image.Resampling.BICUBIC)
    noise = np.random.default_rng(1).normal(0, 20, (turned.height, turned.width, 1))
    return Image.fromarray(np.clip(np.asarray(turned) + noise, 0, 255).astype(np.uint8))


def read(page: Image.Image, dpi: int) -> tuple[str, int]:
    """The text, and the lines that could not be read."""
    target = io.BytesIO()
    page.save(target, "PNG", dpi=(dpi, dpi), compress_level=1)
    try:
        found = parse(target.getvalue(), "page.png", LIMITS)
    except LoadError as error:
        notices, text = [error.reason], ""
    else:
        notices, text = list(found.notices), found.text
    unread = [re.search(rf"{UNREAD_LINES}: (\d+)", notice) for notice in notices]
    return text, sum(int(one[1]) for one in unread if one)


def errors(wanted: str, found: str) -> float:
    """Character error rate: insertions, deletions and exchanges for each character that is wanted, without spaces."""
    one, other = ("".join(text.split()) for text in (wanted, found))
    codes = np.array([ord(letter) for letter in other], dtype=np.int64)
    row = np.arange(len(other) + 1)
    steps = np.arange(len(other) + 1)
    for number, letter in enumerate(one, 1):
        changed = np.minimum(row[1:] + 1, row[:-1] + (codes != ord(letter)))
        row = np.minimum.accumulate(np.concatenate([[number], changed]) - steps) + steps
    return float(row[-1]) / max(1, len(one))


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages(language: str, report: Callable[[str], None]) -> None:
    name, font = LANGUAGES[language]
    if not (DATA / name).exists() or not (FONTS / font).exists():
        pytest.skip("the texts or the font are not here")
    for dpi in (300, 150):
        for kind, change in (("clean", lambda page: page), ("askew and noisy", askew)):
            rates, unread, lines, seconds = [], 0, 0, []
            for _, text in zip(range(PAGES), texts(name), strict=False):
                page = change(drawn(text, FONTS / font, dpi))
                started = time.perf_counter()
                found, missed = read(page, dpi)
                seconds.append(time.perf_counter() - started)
                rates.append(errors(text, found))
                unread, lines = unread + missed, lines + len(found.splitlines())
            report(
                f"{language}, {dpi} dpi, {kind}: {mean(rates):.2%} of characters wrong; {unread} lines not read, "
                f"{mean(seconds):.1f} s a page"
            )


FAINT = {
    "small": lambda page: page.resize((page.width * 3 // 7, page.height * 3 // 7)).resize(page.size),
    "noisy": lambda page: noisy(page, 70),
    "fax": lambda page: noisy(page, 60).convert("L").point(lambda grey: 255 * (grey > 150)).convert("RGB"),
}


def noisy(page: Image.Image, amount: float) -> Image.Image:
    """With grain."""
    noise = np.random.default_rng(1).normal(0, amount, (page.height, page.width, 1))
    return Image.fromarray(np.clip(np.asarray(page) + noise, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("language", ["English", "German", "Spanish"])
def test_words_that_may_be_wrong(language: str, report: Callable[[str], None]) -> None:
    """The threshold was chosen on the first two pages of each, at 100 and 150 dpi; these are the next ones."""
    name, font = LANGUAGES[language]
    if not (DATA / name).exists() or not (FONTS / font).exists():
        pytest.skip("the texts or the font are not here")
    for kind, change in {"clean": lambda page: page, **FAINT}.items():
        words = wrong = unsure = both = 0
        for _, text in zip(range(PAGES), list(texts(name))[2:], strict=False):
            target = io.BytesIO()
            change(drawn(text, FONTS / font, 100)).save(target, "PNG", dpi=(100, 100))
            found = parse(target.getvalue(), "page.png", LIMITS)
            known = set(re.findall(r"\w+", text))
            doubted = {span for block in found.blocks for span in block.unsure}
            for match in re.finditer(r"\w+", found.text):
                is_wrong = match[0] not in known
                is_unsure = any(span.start < match.end() and match.start() < span.end for span in doubted)
                words, wrong, unsure, both = (
                    words + 1,
                    wrong + is_wrong,
                    unsure + is_unsure,
                    both + (is_wrong and is_unsure),
                )
        report(
            f"{language}, 100 dpi, {kind}: of {words} words {wrong} are wrong, {unsure} unsure; of the unsure "
            f"{both / max(1, unsure):.0%} are wrong, of the wrong {both / max(1, wrong):.0%} unsure"
        )


@pytest.mark.parametrize("kind", REAL)
def test_real_pages(kind: str, report: Callable[[str], None]) -> None:
    name, number = REAL[kind]
    path = DATA / "folder-office" / "files" / name
    if not path.exists():
        pytest.skip("../shared/data is not there")
    source = pypdfium2.PdfDocument(path)
    alone = pypdfium2.PdfDocument.new()
    alone.import_pages(source, [number])
    target = io.BytesIO()
    alone.save(target)
    wanted = parse(target.getvalue(), "page.pdf", LIMITS).text
    for dpi in (300, 150):
        page = Image.fromarray(alone[0].render(scale=dpi / 72, rev_byteorder=True).to_numpy()).convert("RGB")
        for how, change in (("clean", lambda page: page), ("askew and noisy", askew)):
            found, _ = read(change(page), dpi)
            words, seen = Counter(re.findall(r"\w+", wanted)), Counter(re.findall(r"\w+", found))
            share = (words & seen).total() / max(1, words.total())
            report(f"{kind}, {dpi} dpi, {how}: {errors(wanted, found):.2%} wrong in order, {share:.1%} of the words")
