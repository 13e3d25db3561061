"""Boxes of quotes lie over their words, however the page is turned and cropped."""

from __future__ import annotations

import io
from dataclasses import asdict

import fpdf
import numpy as np
import pypdfium2
import pytest

from ragtree.serve.page.highlights import Wanted
from ragtree.serve.page.page_worker import _picture, _places
from ragtree.types import Box

Image = pytest.importorskip("PIL.Image")
QUOTE = (
    "No vessel shall pass the breakwater at more than four knots; offices of the harbour-master (the efficient one)."
)


def made(
    *, rotation: int = 0, crop: tuple[float, ...] = (), times: int = 1, columns: bool = False
) -> pypdfium2.PdfDocument:
    pdf = fpdf.FPDF(unit="pt", format=(500, 600))
    pdf.set_auto_page_break(False)
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    for number in range(times):
        pdf.set_xy(80, 90 + 200 * number)
        pdf.multi_cell(180, 15, QUOTE)
    if columns:
        pdf.set_xy(300, 90)
        pdf.multi_cell(120, 15, "Another column, which says other things beside it, line for line.")
    found = pypdfium2.PdfDocument(bytes(pdf.output()))
    page = found[0]
    page.set_rotation(rotation)
    if crop:
        page.set_cropbox(*crop)
    page.close()
    return found


def covered(pdf: pypdfium2.PdfDocument, wanted: Wanted) -> tuple[float, float]:
    """The share of the page's dark pixels that lie in the boxes, and the share of the page that the boxes take."""
    image = Image.open(io.BytesIO(_picture(pdf, {"page": 1, "width": 1000}))).convert("L")
    dark = np.asarray(image) < 128
    inside = np.zeros_like(dark)
    height, width = dark.shape
    for left, top, right, bottom in _places(pdf, [asdict(wanted)])["boxes"][0]["boxes"]:
        inside[round(top * height) : round(bottom * height), round(left * width) : round(right * width)] = True
    return float((dark & inside).sum() / dark.sum()), float(inside.mean())


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [(), (40, 60, 450, 560)])
def test_all_its_words_and_little_else(rotation, crop):
    share, area = covered(made(rotation=rotation, crop=crop), Wanted(1, QUOTE))
    assert share > 0.98 and area < 0.12


def test_the_other_column_is_left_out():
    share, _ = covered(made(columns=True), Wanted(1, QUOTE))
    assert 0.5 < share < 0.85


@pytest.mark.parametrize(
    "quote", [QUOTE.replace("offices", "o\ufb03ces"), QUOTE.replace(" ", "\n"), QUOTE.replace("-", "- ")]
)
def test_ligatures_line_ends_and_hyphens_do_not_matter(quote):
    assert covered(made(), Wanted(1, quote))[0] > 0.99


def test_of_two_equal_texts_the_one_in_the_block_is_meant():
    pdf = made(times=2)
    for top in (80, 280):
        boxes = _places(pdf, [asdict(Wanted(1, QUOTE, Box(75, top, 270, top + 100)))])["boxes"][0]["boxes"]
        assert all(top / 600 < box[1] < (top + 110) / 600 for box in boxes)


def test_the_block_is_shown_where_the_words_do_not_stand_there():
    found = _places(made(), [asdict(Wanted(1, "Words of another file", Box(50, 60, 250, 300)))])
    assert found["boxes"][0]["boxes"] == [(0.1, 0.1, 0.5, 0.5)]
    assert _places(made(), [asdict(Wanted(7, QUOTE))])["boxes"] == []
