"""How much of the reference texts is read, where this machine has them: `python tests/load/truth.py` prints it all."""

from __future__ import annotations

from functools import cache

import pytest
from truth import FOLDER, by_format, precision, recall

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared data are not here")

# What is lost is what the reference has beside the text: LaTeX of formulas, menus, comments, alternative texts.
LEAST = {
    "docx": 0.98,
    "html": 0.98,
    "md": 0.97,
    "asciidoc": 0.99,
    "csv": 0.99,
    "epub": 0.99,
    "odt": 0.97,
    "tex": 0.97,
    "nxml": 0.97,
    "xml": 0.97,
    "pptx": 0.94,
    "xlsx": 0.92,
}

measured = cache(by_format)


@pytest.mark.parametrize("kind", LEAST)
def test_the_words_of_the_reference_are_read(kind: str) -> None:
    recalls = [found for found, _ in measured()[kind].values()]
    assert sum(recalls) / len(recalls) >= LEAST[kind]


def test_hardly_a_word_is_read_that_is_not_there() -> None:
    precisions = [exact for kind in ("docx", "html", "epub", "odt") for _, exact in measured()[kind].values()]
    assert sum(precisions) / len(precisions) >= 0.97


def test_the_measure_itself() -> None:
    assert recall("one two", "# One **two** [three](http://x.y) <!-- image --> two") == 2 / 4
    assert precision("one four", "one two") == 0.5
