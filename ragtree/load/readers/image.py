"""Pictures: the recognized text of scanned and photographed pages, and of screenshots."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from ...errors import LoadError
from ...settings import LoadSettings
from ..base import Loaded
from ..format_contents import LATER, UNREAD_LINES, NoticeCollector
from ..layout.base import Figure, Frame, Page, Sheet
from ..layout.document import make_document
from ..recognition.base import Describer, NotRecognizedError, Pixels, Recognizer
from ..recognition.page_layout import placed_on_page

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")
_SHORTER, _LONGEST = 1700, 4000
"""Most pixels of the sides of a picture that is recognized: A4 at 200 dpi. More detail only takes longer."""
_MOST_PIXELS = 180_000_000
"""Most pixels of a picture; a sheet of A2 at 600 dpi has 139 million."""
_MOST_TEXT = 400
"""Characters in a picture from which on it is a page of text, and not described."""
_A4 = 842.0
"""Longer side, in points, of a page of unknown size."""
_SURE_DPI = (50.0, 1300.0)
"""Range of resolutions that tell the size of the paper; screens write 72 or 96, cameras anything."""
_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_SCREENS = (72.0, 96.0)


class ImageLoader:
    """Pictures: the text in them if text recognition is installed, and what a vision model says of those with little
    text. The pages of a TIFF are pages; of an animation the first is read.

    A page's boxes are in points of the paper if the file tells its size, otherwise of A4.
    """

    def __init__(self, recognizer: Recognizer, describer: Describer) -> None:
        self._recognizer = recognizer
        self._describer = describer

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        collector = NoticeCollector("PNG")
        pages = [page for page in self._pages(data, source, limits, collector) if page.regions or page.figures]
        text, marks, blocks, title = make_document(pages, {})
        if not text:
            raise LoadError(source, "; ".join(collector.notices()) or "no text was found in the picture")
        return Loaded(text, title, marks, False, {}, blocks, collector.notices())

    def _pages(self, data: bytes, source: str, limits: LoadSettings, collector: NoticeCollector) -> Iterator[Page]:
        recognizes = True
        try:
            self._recognizer.check()
        except NotRecognizedError as error:
            collector.add(error.why)
            recognizes = False
            if not self._describer.wanted or error.why == LATER:
                return
        for number, picture in enumerate(_pictures(data, source, limits), start=1):
            width, height = page_size(picture)
            longest = min(_LONGEST, round(_SHORTER * max(width, height) / max(1.0, min(width, height))))
            pixels = pixels_of(picture, longest)
            page: Page | None = Page(number, height, [])
            if recognizes:
                page = self._recognized(pixels, Page(number, height, []), width, collector)
            if page is None:  # whether it is a page of text is not known yet
                continue
            if sum(len(line.text) for region in page.regions for line in region.lines) <= _MOST_TEXT:
                page = self._described(pixels, page, width, collector)
            yield page

    def _recognized(self, pixels: Pixels, page: Page, width: float, collector: NoticeCollector) -> Page | None:
        """The page with the text in the picture; None if that is not recognized now."""
        try:
            found = self._recognizer.recognize(pixels)
        except NotRecognizedError as error:
            collector.add(error.why, f"page {page.number}")
            return None
        if found.unread:
            collector.add(UNREAD_LINES, f"page {page.number}", found.unread)
        if not found.lines:
            return page
        placed = placed_on_page(found, width, page.height)
        return page._replace(regions=placed.regions(), unsure=placed.unsure)

    def _described(self, pixels: Pixels, page: Page, width: float, collector: NoticeCollector) -> Page:
        """The page with what a model says of the picture."""
        try:
            said = self._describer.describe(pixels)
        except NotRecognizedError as error:
            collector.add(error.why, error.reason)
            return page
        frame = Frame(Sheet(0.0, 0.0, width, page.height))
        return page._replace(figures=(Figure(frame, 0.0, -page.height, width, 0.0, said),)) if said else page


def _pictures(data: bytes, source: str, limits: LoadSettings) -> Iterator[Image]:
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        opened = Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise LoadError(source, "it has too many pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise LoadError(source, "a broken picture, or none") from error
    with opened:
        for number, picture in enumerate(ImageSequence.Iterator(opened), start=1):
            if picture.width * picture.height > _MOST_PIXELS:
                raise LoadError(source, f"it has {picture.width} x {picture.height} pixels, which are too many")
            if number > limits.max_pages:
                raise LoadError(source, f"more pages than load.max_pages = {limits.max_pages}")
            yield picture
            if opened.format != "TIFF":
                return


def page_size(picture: Image) -> tuple[float, float]:
    """Width and height in points of the paper that a picture shows: by a scanner's resolution, otherwise as A4."""
    width, height = picture.size
    if picture.getexif().get(_ORIENTATION, 1) in _SIDEWAYS:
        width, height = height, width
    dpi = picture.info.get("dpi", (0.0, 0.0))
    across, down = (float(value) for value in dpi) if isinstance(dpi, tuple) and len(dpi) == 2 else (0.0, 0.0)
    if all(_SURE_DPI[0] < value < _SURE_DPI[1] and value not in _SCREENS for value in (across, down)):
        return 72 * width / across, 72 * height / down
    scale = _A4 / max(width, height)
    return width * scale, height * scale


def pixels_of(picture: Image, longest: int) -> Pixels:
    """The picture upright, in colour, on white, with at most `longest` pixels on its longer side."""
    from PIL import Image, ImageOps

    shown = ImageOps.exif_transpose(picture)
    if shown.mode in ("RGBA", "LA", "PA") or "transparency" in shown.info:
        shown = shown.convert("RGBA")
        paper = Image.new("RGBA", shown.size, "white")
        paper.alpha_composite(shown)
        shown = paper
    if shown.mode.startswith("I;16") or shown.mode in ("I", "F"):
        grey = np.asarray(shown, dtype=np.float64)
        shown = Image.fromarray((grey / max(grey.max(), 1.0) * 255).astype(np.uint8))
    shown = shown.convert("RGB")
    width, height = shown.size
    scale = min(1.0, longest / max(width, height))
    if scale < 1.0:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        shown = shown.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return np.array(shown)
