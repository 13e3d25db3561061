"""Pictures that hold one thing each, for test_held.py."""

from __future__ import annotations

from PIL import ImageDraw
from scanning import page, saved


def _scribbled() -> bytes:
    drawn = page(["Anchor"])
    pen = ImageDraw.Draw(drawn)
    for row in range(3):
        pen.line([(200 + 9 * x, 900 + 90 * row + (x * x * 7) % 41) for x in range(80)], "black", 3)
    return saved(drawn)


PICTURES = {
    "printed text": (saved(page(["Fog signal"])), "Fog signal"),
    "pages of a TIFF": (saved(page(["Anchor"]), page(["Fog signal"]), kind="TIFF"), "Fog signal"),
    "handwriting": (_scribbled(), "Fog signal"),
    "pictures after the first of an animation": (saved(page(["Anchor"]), page(["Fog"]), kind="GIF"), "Fog"),
}
