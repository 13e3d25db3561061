"""Pictures that hold one thing each, for test_format_contents.py."""

from __future__ import annotations

from scanning import page, saved

PICTURES = {
    "printed text": (saved(page(["Fog signal"])), "Fog signal"),
    "pages of a TIFF": (saved(page(["Anchor"]), page(["Fog signal"]), kind="TIFF"), "Fog signal"),
    "pictures after the first of an animation": (saved(page(["Anchor"]), page(["Fog"]), kind="GIF"), "Fog"),
}
