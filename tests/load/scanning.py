"""Pages as pictures: drawn here, turned, and put into files."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

LETTER = (
    "The Harbour Board of Port Hask",
    "The lamp at Maw Head burns paraffin oil, and the keeper of the",
    "light is Abel Strake. He asks for a new stove before winter.",
    "The ferry Dunnock sails to Tolbrack on Tuesdays at nine.",
)
WIDTH, HEIGHT, DPI = 1240, 1754, 150


def page(lines: Sequence[str] = LETTER, *, size: int = 30, left: int = 120, top: int = 150) -> Image.Image:
    """A page of A4 at 150 dpi with these lines, the first one larger."""
    drawn = Image.new("RGB", (WIDTH, HEIGHT), "white")
    write(drawn, lines, size=size, left=left, top=top, titled=len(lines) > 3)
    return drawn


def write(
    drawn: Image.Image, lines: Sequence[str], *, size: int = 30, left: int = 120, top: int = 150, titled: bool = False
) -> None:
    """More lines on a page, from this corner."""
    pen = ImageDraw.Draw(drawn)
    for number, line in enumerate(lines):
        font = ImageFont.load_default(size * 1.6 if titled and number == 0 else size)
        pen.text((left, top + 1.6 * size * number + (size if number else 0)), line, "black", font)


def noisy(drawn: Image.Image, amount: float = 20.0) -> Image.Image:
    """As a bad scanner sees it."""
    noise = np.random.default_rng(1).normal(0, amount, (drawn.height, drawn.width, 1))
    return Image.fromarray(np.clip(np.asarray(drawn) + noise, 0, 255).astype(np.uint8))


def saved(*pages: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The bytes of a file; several pages for PDF, TIFF and GIF."""
    target = io.BytesIO()
    more = {"save_all": True, "append_images": pages[1:]} if len(pages) > 1 else {}
    if kind == "PDF":
        more["resolution"] = DPI
    pages[0].save(target, kind, **more, **options)
    return target.getvalue()
