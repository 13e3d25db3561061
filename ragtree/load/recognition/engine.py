"""Text recognition by RapidOCR: the PP-OCR models, run by ONNX Runtime. The models come with the package.

It reads the Latin, Greek, Chinese and Japanese scripts without being told which. Tesseract knows more scripts, but has
to be told the language, needs data from elsewhere, and loses pages that are a little askew and noisy.
"""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from ...text.scripts import FIRST_WIDE
from .base import Pixels, RecognizedLine, RecognizedPage, RecognizedWord

_SHORT_SIDE = 520
"""Pixels of the shorter side of the picture in which lines are searched for: A4 at 63 dpi. 740 and 1,000 find no more
words of full pages, take longer, and miss words that stand alone on a page."""
_LONGEST_SIDE = 2400
_STEP = 32
_LARGEST = 4000
"""Most pixels of the longer side of a picture that is read; larger ones are scaled down first."""
_MOST_THREADS = 4
_LEAST_SURE = 0.5
"""Confidence below which a line counts as unread."""
_DOUBTFUL = 0.8
"""Mean confidence below which a page may be upside down."""
_TALL = 1.5
"""Ratio of height to width above which a line runs up or down."""
_LETTER = 0.5
"""Width of a letter as a share of its line's height; most letters are wider."""
_SURE, _A_WORD = 0.9, 3
"""Confidence, and number of letters, of what is certainly a word."""
_LEAST_READ = 0.3
"""Share of the characters that fit into a line of its length, below which a line counts as unread."""


@cache
def is_installed() -> bool:
    """True if the extra `ocr` is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def engine_name() -> str:
    """The engine's name and version. It changes when the same picture may be read differently."""
    return f"rapidocr {version('rapidocr')} 3"


class Engine:
    """A recognizer that works in this process."""

    def check(self) -> None:
        """Do nothing: the engine is always ready."""

    def recognize(self, pixels: Pixels) -> RecognizedPage:
        """The words of a picture."""
        upright = _looked_at(pixels, 0)
        if upright.sideways:
            others = [_looked_at(pixels, quarters) for quarters in (1, 3)]
        elif upright.sure < _DOUBTFUL:
            others = [_looked_at(pixels, 2)]
        else:
            others = []
        return max([upright, *others], key=lambda look: look.sure).page


@dataclass(frozen=True, slots=True)
class _Look:
    """The result of reading a picture in one orientation."""

    page: RecognizedPage
    sure: float
    """The mean confidence of its letters, where an unread line counts as five letters with confidence 0."""
    sideways: bool
    """True if most lines run up or down."""


def _looked_at(pixels: Pixels, quarters: int) -> _Look:
    """Read the picture after so many quarter turns, counterclockwise. Places are those in the original picture."""
    turned = np.ascontiguousarray(np.rot90(pixels, quarters))
    height, width = pixels.shape[:2]
    found = _reader(_limit(width, height))(turned[:, :, ::-1], use_cls=False, return_word_box=True)
    if found.boxes is None:
        return _Look(RecognizedPage(width, height, ()), 0.0, sideways=False)
    lines, letters, unread, upright, sideways = [], list[tuple[int, float]](), 0, 0.0, 0.0
    for box, text, sure, words in zip(found.boxes, found.txts, found.scores, found.word_results, strict=True):
        long, high = float(np.linalg.norm(box[1] - box[0])), _height(box)
        if high > _TALL * long:  # a line of one or two letters may be higher than wide
            sideways += high
            unread += 1
            continue
        upright += long
        if len(text.strip()) == 1 and sure < _SURE:
            continue  # a bullet, a speck, the edge of the paper
        back = _turned_back(quarters, width, height)
        line = RecognizedLine(tuple(_words(text, words, back)), round(high, 1))
        if sure < _LEAST_SURE or not line.words or _is_unread(line, long):
            unread += 1
        else:
            lines.append(line)
            letters.append((len(text), sure))
    mean = sum(count * sure for count, sure in letters) / max(1, sum(count for count, _ in letters) + 5 * unread)
    return _Look(RecognizedPage(width, height, tuple(lines), unread), mean, sideways > upright)


def _turned_back(quarters: int, width: int, height: int) -> Callable[[float, float], tuple[float, float]]:
    """A function from a place in the turned picture to the place in the original, which has this width and height."""
    ways: tuple[Callable[[float, float], tuple[float, float]], ...] = (
        lambda x, y: (x, y),
        lambda x, y: (width - y, x),
        lambda x, y: (width - x, height - y),
        lambda x, y: (y, height - x),
    )
    return ways[quarters]


@cache
def _reader(limit: int) -> Any:
    """The models. `limit` is the longer side, in pixels, of the picture in which lines are searched for."""
    from rapidocr import RapidOCR

    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    reader: Any = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": _LARGEST,
            "Global.text_score": 0.0,
            "Det.limit_type": "max",
            "Det.limit_side_len": limit,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    reader.cal_rec_boxes = _WordConfidences(reader.cal_rec_boxes)
    return reader


class _WordConfidences:
    """Finds the boxes of words as RapidOCR does, but gives each word the confidence of its least certain letter.

    RapidOCR gives the first word the confidence of the line's first letter, the second word that of the second letter,
    and so on.
    """

    def __init__(self, boxes: Callable[..., Any]) -> None:
        self._boxes = boxes

    def __call__(self, pictures: Any, boxes: Any, found: Any, *more: Any) -> Any:
        for text, line in zip(found.txts, found.word_results, strict=True):
            if len(line.confs) != len(text):
                continue
            sure = iter([one for letter, one in zip(text, line.confs, strict=True) if not letter.isspace()])
            words = [[next(sure) for _ in word] for word in line.words]
            whole = all(kind.name == "EN_NUM" for kind in line.word_types)  # otherwise every letter has a box
            line.confs = [min(word) for word in words] if whole else [one for word in words for one in word]
        return self._boxes(pictures, boxes, found, *more)


def _limit(width: int, height: int) -> int:
    """The `limit` of `_reader` for a picture: a long receipt is searched in as much detail as a page."""
    short, long = sorted((max(width, 1), max(height, 1)))
    wanted = _SHORT_SIDE * long / short
    return min(_LONGEST_SIDE, _STEP * math.ceil(wanted / _STEP))


def _height(box: Any) -> float:
    return float((np.linalg.norm(box[3] - box[0]) + np.linalg.norm(box[2] - box[1])) / 2)


def _is_unread(line: RecognizedLine, width: float) -> bool:
    """True if a line has far fewer characters than fit into its box, and no certain word.

    What cannot be read becomes spaces and dots. A line of a form is mostly empty as well, but has certain words.
    """
    if any(word.confidence > _SURE and sum(map(str.isalpha, word.text)) >= _A_WORD for word in line.words):
        return False
    wide = sum(1.0 if letter < FIRST_WIDE else 2.0 for word in line.words for letter in word.text)
    return width > 2 * line.height and wide < _LEAST_READ * width / (_LETTER * line.height)


def _words(
    text: str, found: Sequence[Any], place: Callable[[float, float], tuple[float, float]]
) -> Iterator[RecognizedWord]:
    at = 0
    for word, sure, corners in found:
        start = text.find(word, at)
        if not word.strip() or start < 0:
            continue
        top_left, top_right, bottom_right, bottom_left = corners
        yield RecognizedWord(
            word,
            _middle(top_left, bottom_left, place),
            _middle(top_right, bottom_right, place),
            round(float(sure), 3),
            at == 0 or any(map(str.isspace, text[at:start])),
        )
        at = start + len(word)


def _middle(
    one: Sequence[float], other: Sequence[float], place: Callable[[float, float], tuple[float, float]]
) -> tuple[float, float]:
    x, y = place((float(one[0]) + float(other[0])) / 2, (float(one[1]) + float(other[1])) / 2)
    return round(x, 1), round(y, 1)
