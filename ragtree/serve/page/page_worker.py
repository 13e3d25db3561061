"""A process that renders pages of a PDF, or a picture, and finds texts on them.

It is `python -m ragtree.serve.page.page_worker`.

A line of JSON comes in for each request, and after the first one the file. Eight bytes go out with the length of the
reply, and the reply: a PNG or JSON, or nothing where it cannot be done.
"""

from __future__ import annotations

import io
import json
import struct
import unicodedata
import zlib
from collections import defaultdict
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...load.readers.image import FORMATS, page_size, pixels_of
from ...load.sandbox import confine, limit_memory

Rectangle: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom, as shares of the page's width and height."""

_GRID = 100_000
_MOST_PIXELS = 12_000_000
_MOST_CHARACTERS = 100_000
_MOST_SHAPES = 5000
_PAD = 0.0015
_FEWEST = 4
"""Letters of a line that may belong to a text by chance."""
_NEAR = 0.02
"""Shares of a page that a line may lie outside of its block."""


def main() -> None:
    """Answer requests until no more come."""
    import pypdfium2  # noqa: F401  # before the first file comes

    requests, replies = confine()
    opened = None
    with requests, replies:
        for line in iter(requests.readline, b""):
            asked: dict[str, Any] = json.loads(line)
            if opened is None:
                limit_memory(asked["memory"])
                opened = _opened(requests.read(asked["bytes"]))
            reply = _reply(opened, asked)
            replies.write(len(reply).to_bytes(8, "big") + reply)
            replies.flush()


def _opened(data: bytes) -> Any:
    """pypdfium2's document, or Pillow's picture."""
    import pypdfium2

    if b"%PDF-" not in data[:1024]:
        from PIL import Image

        return Image.open(io.BytesIO(data), formats=FORMATS)
    pdf = pypdfium2.PdfDocument(data)
    pdf.init_forms()
    return pdf


def _reply(opened: Any, asked: dict[str, Any]) -> bytes:
    import pypdfium2

    if not isinstance(opened, pypdfium2.PdfDocument):
        return _of_picture(opened, asked)
    pdf = opened
    if "wanted" in asked:
        return json.dumps(_places(pdf, asked["wanted"])).encode()
    try:
        return _picture(pdf, asked)
    except (pypdfium2.PdfiumError, IndexError):
        return b""


def _picture(pdf: Any, asked: dict[str, Any]) -> bytes:
    page = pdf[asked["page"] - 1]
    width, height = page.get_size()
    scale = min(asked["width"] / width, (_MOST_PIXELS / (width * height)) ** 0.5)
    pixels: NDArray[np.uint8] = page.render(scale=scale, may_draw_forms=True, rev_byteorder=True).to_numpy()
    return _png(pixels[:, :, :3] if pixels.ndim == 3 else pixels[:, :, None])


def _of_picture(picture: Any, asked: dict[str, Any]) -> bytes:
    """The same for a picture: its blocks have boxes, its words have none."""
    if "page" in asked:
        try:
            picture.seek(asked["page"] - 1)
        except EOFError:
            return b""
        width, height = page_size(picture)
        return _png(pixels_of(picture, round(asked["width"] * max(1.0, height / width))))
    shapes, boxes = [], []
    for number in range(1, min(getattr(picture, "n_frames", 1), _MOST_SHAPES) + 1):
        picture.seek(number - 1)
        width, height = page_size(picture)
        shapes.append(round(width / height, 4))
        found = [one["box"] for one in asked["wanted"] if one["page"] == number and one["box"] is not None]
        if found:
            places = [(box[0] / width, box[1] / height, box[2] / width, box[3] / height) for box in found]
            boxes.append({"page": number, "boxes": places})
        if picture.format != "TIFF":
            break
    return json.dumps({"pages": len(shapes), "shapes": shapes, "boxes": boxes}).encode()


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """The pixels as a PNG, in shades of grey where there is no colour."""
    if pixels.shape[2] == 3 and bool((pixels.max(axis=2) == pixels.min(axis=2)).all()):
        pixels = pixels[:, :, :1]
    height, width, channels = pixels.shape
    rows = np.zeros((height, 1 + width * channels), dtype=np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
    made = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def _places(pdf: Any, wanted: list[dict[str, Any]]) -> dict[str, Any]:
    """The shapes of all pages, and the boxes of the texts by page."""
    import pypdfium2

    boxes: dict[int, list[Rectangle]] = defaultdict(list)
    for number in dict.fromkeys(one["page"] for one in wanted):
        try:
            page = pdf[number - 1]
            parts = [one for one in wanted if one["page"] == number]
            boxes[number] = [box for one in parts for box in _boxes(page, one)]
        except (pypdfium2.PdfiumError, IndexError):  # the file has changed since it was read
            continue
    count = len(pdf)
    shapes = [pdf.get_page_size(index) for index in range(min(count, _MOST_SHAPES))]
    return {
        "pages": count,
        "shapes": [round(width / height, 4) if height else 1.0 for width, height in shapes],
        "boxes": [{"page": page, "boxes": found} for page, found in sorted(boxes.items())],
    }


def _boxes(page: Any, one: dict[str, Any]) -> list[Rectangle]:
    """The lines of the text on the page; or its block's box, where the words do not stand there as they were read."""
    width, height = page.get_size()
    box = one["box"]
    around = None if box is None else (box[0] / width, box[1] / height, box[2] / width, box[3] / height)
    wanted = "".join(_letters(one["text"]))
    characters = _Characters(page)
    found = characters.find(wanted, around)
    if found is None:
        pieces = characters.pieces(wanted, around)
        return [box for piece in pieces for box in characters.lines(piece)] or ([] if around is None else [around])
    return characters.lines(characters.with_end(found, one["text"]))


class _Characters:
    """The letters and digits of a page with their boxes."""

    def __init__(self, page: Any) -> None:
        import pypdfium2.raw as pdfium

        self._page, self._textpage = page, page.get_textpage()
        self._index: list[int] = []
        self._starts: list[int] = [0]
        said: list[str] = []
        self._count = min(self._textpage.count_chars(), _MOST_CHARACTERS)
        for index in range(self._count):
            sign = chr(pdfium.FPDFText_GetUnicode(self._textpage, index))
            if sign == "\n" and self._starts[-1] < len(said):
                self._starts.append(len(said))
            for letter in _letters(sign):
                said.append(letter)
                self._index.append(index)
        self._said = "".join(said)

    def find(self, wanted: str, around: Rectangle | None) -> range | None:
        """The characters that say `wanted`; where that stands more than once, the one nearest to a box."""
        places: list[range] = []
        start = self._said.find(wanted) if wanted else -1
        while start >= 0 and len(places) < 200:
            places.append(range(self._index[start], self._index[start + len(wanted) - 1] + 1))
            start = self._said.find(wanted, start + 1)
        if around is None or len(places) < 2:
            return places[0] if places else None
        return min(places, key=lambda place: _distance(self._box(place[0]), around))

    def pieces(self, wanted: str, around: Rectangle | None) -> list[range]:
        """The lines of the text, whatever their order: PDFium reads those of a page that is turned from below.

        Nothing where they are less than half of the text.
        """
        found: list[range] = []
        for start, end in zip(self._starts, [*self._starts[1:], len(self._said)], strict=True):
            first, last = _shared(self._said[start:end], wanted)
            near = around is None or (start < end and _distance(self._box(self._index[start]), around) < _NEAR)
            if first < last and near:
                found.append(range(self._index[start + first], self._index[start + last - 1] + 1))
        return found if sum(map(len, found)) > len(wanted) / 2 else []

    def with_end(self, found: range, text: str) -> range:
        """With the full stop or bracket that the text ends with, if that follows on the page."""
        import pypdfium2.raw as pdfium

        stripped, end = text.rstrip(), found.stop
        letters = len(stripped) - next((n for n, sign in enumerate(reversed(stripped)) if sign.isalnum()), 0)
        for sign in stripped[letters:]:
            if end >= self._count or chr(pdfium.FPDFText_GetUnicode(self._textpage, end)) != sign:
                break
            end += 1
        return range(found.start, end)

    def lines(self, characters: range) -> list[Rectangle]:
        """The boxes of the characters, joined along each line."""
        found: list[Rectangle] = []
        for index in characters:
            box = self._box(index)
            if box is None:
                continue
            if found and _in_one_line(found[-1], box):
                last = found[-1]
                box = (min(last[0], box[0]), min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]))
                found[-1] = box
            else:
                found.append(box)
        return [(box[0] - _PAD, box[1] - _PAD, box[2] + _PAD, box[3] + _PAD) for box in found]

    def _box(self, index: int) -> Rectangle | None:
        left, bottom, right, top = self._textpage.get_charbox(index, loose=True)
        if right <= left or top <= bottom:
            return None
        one, other = self._shown(left, top), self._shown(right, bottom)
        return (min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1]))

    def _shown(self, x: float, y: float) -> tuple[float, float]:
        """A place of the page as it is shown, cropped and turned."""
        import ctypes

        import pypdfium2.raw as pdfium

        column, row = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(self._page, 0, 0, _GRID, _GRID, 0, x, y, column, row)
        return column.value / _GRID, row.value / _GRID


def _letters(text: str) -> list[str]:
    """What stays the same however a text is broken into lines and whatever its hyphens and ligatures are."""
    return [letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum()]


def _shared(line: str, wanted: str) -> tuple[int, int]:
    """The part of a line that belongs to a text: all of it, its end where the text begins, or its beginning."""
    if len(line) >= _FEWEST and line in wanted:
        return 0, len(line)
    for length in range(min(len(line), len(wanted)), _FEWEST - 1, -1):
        if line.endswith(wanted[:length]):
            return len(line) - length, len(line)
        if line.startswith(wanted[-length:]):
            return 0, length
    return 0, 0


def _in_one_line(one: Rectangle, other: Rectangle) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > 0.5 * min(one[3] - one[1], other[3] - other[1]) and other[0] - one[2] < 0.05


def _distance(box: Rectangle | None, around: Rectangle) -> float:
    if box is None:
        return 9.0
    return max(around[0] - box[0], 0.0, box[0] - around[2]) + max(around[1] - box[1], 0.0, box[1] - around[3])


if __name__ == "__main__":
    main()
