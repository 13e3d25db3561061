"""Sentence boundaries in real texts of eight languages hardly ever cut an answer that people marked."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragtree.text.languages import language_of
from ragtree.text.sentences import sentence_spans

DATA = Path(__file__).parents[3] / "shared" / "data"
MOST_CUT = {
    "xquad-en": 0.003,
    "xquad-de": 0.005,
    "xquad-es": 0.005,
    "xquad-ru": 0.005,
    "xquad-hi": 0.005,
    "xquad-zh": 0.003,
    "xquad-th": 0.04,
    "jaquad": 0.003,
}
"""The share of answers that may be cut. Some answers are two sentences; Thai also writes spaces inside names."""


def rows(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@pytest.mark.parametrize("name", MOST_CUT)
def test_answers_are_not_cut(name: str) -> None:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    texts = {str(row["id"]): str(row["text"]) for row in rows(folder / "corpus.jsonl")}
    starts = {key: [span.start for span in sentence_spans(text)] for key, text in texts.items()}
    cut = whole = 0
    for row in rows(folder / "queries.jsonl"):
        text, bounds = texts.get(str(row["doc_id"]), ""), starts.get(str(row["doc_id"]), [])
        answers = row["answers"]
        assert isinstance(answers, list)
        places = [match.span() for match in re.finditer(re.escape(answers[0]), text)] if answers else []
        if len(places) == 1:  # otherwise it is not known which one is meant
            start, end = places[0]
            whole += 1
            cut += bisect_left(bounds, start + 1) != bisect_left(bounds, end)
    assert whole > 900
    assert cut / whole <= MOST_CUT[name], f"{cut} of {whole}"
    # A text that is never cut would pass as well, so sentences must have a plausible length.
    characters = sum(map(len, texts.values())) / sum(map(len, starts.values()))
    assert characters < (110 if name in ("xquad-zh", "xquad-th", "jaquad") else 190)


@pytest.mark.parametrize("name", [name for name in MOST_CUT if name.startswith("xquad")])
def test_paragraphs_show_their_language(name: str) -> None:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    found = [language_of(str(row["text"])) for row in rows(folder / "corpus.jsonl")]
    assert found.count(name.removeprefix("xquad-")) >= 0.99 * len(found)
