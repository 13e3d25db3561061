"""PDFs of others, where this machine has them: against reference texts, and for what other readers stumbled over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reading import LIMITS, read
from word_measures import order_recall, word_precision, word_recall

from ragtree.errors import LoadError
from ragtree.types import Document

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")


def rows(name: str) -> list[dict[str, str]]:
    manifest = DATA / name / "MANIFEST.jsonl"
    found = manifest.read_text(encoding="utf-8").splitlines() if manifest.is_file() else []
    return [row for row in map(json.loads, found) if row["path"].endswith(".pdf")]


def document(name: str, path: str) -> Document:
    return read((DATA / name / "files" / path).read_bytes(), path, LIMITS.model_copy(update={"ocr": False}))


def test_words_and_their_order_are_those_of_the_references() -> None:
    figures = []
    for row in rows("folder-parsetruth"):
        truth = (DATA / "folder-parsetruth" / row["truth"]).read_text(encoding="utf-8")
        text = document("folder-parsetruth", row["path"]).text
        figures.append([measure(truth, text) for measure in (word_recall, word_precision, order_recall)])
        assert figures[-1][0] > 0.95, row["path"]
    recall, precision, order = (sum(column) / len(column) for column in zip(*figures, strict=True))
    assert recall > 0.98
    assert precision > 0.98
    assert order > 0.9


@pytest.mark.parametrize("row", rows("folder-nasty"), ids=lambda row: row["path"])
def test_odd_files_do_what_is_expected(row: dict[str, str]) -> None:
    try:
        found = document("folder-nasty", row["path"]).text
    except LoadError as error:
        reason = error.reason
        assert row["expect"] in ("error-ok", "empty", "password"), reason
        assert ("password" in reason) == (row["expect"] == "password")
    else:
        assert row["expect"] in ("text", "hard", "error-ok")
        assert found.strip()


@pytest.mark.parametrize("name", ["folder-nasty", "folder-office"])
def test_blocks_hold_all_the_text_in_order(name: str) -> None:
    for row in rows(name):
        try:
            found = document(name, row["path"]) if "619p" not in row["path"] else None
        except LoadError:
            continue
        if found is not None:
            end = 0
            for block in found.blocks:
                assert found.text[end : block.span.start].strip() == ""
                assert block.span.start < block.span.end
                assert found.locate(block.span).page == block.page
                end = block.span.end
            assert end == len(found.text)


def test_two_columns_of_a_paper_are_read_in_order() -> None:
    text = document("folder-office", "pdf/multi-column.pdf").text
    assert "evaluated on open-domain QA, our" not in text
    for whole in (
        "traditional sparse vector space models, such as TF-IDF or BM25, are the de facto method",
        "Open-domain question answering (QA) (Voorhees, 1999) is a task that answers factoid questions",
        "wide range of open-domain QA datasets, our dense retriever outperforms a strong Lucene-BM25 system",
    ):
        assert whole in text


def test_sections_of_a_paper_are_its_headings() -> None:
    found = document("folder-office", "pdf/multi-column.pdf")
    headings = {mark.location.heading[-1] for mark in found.marks if mark.location.heading}
    assert {"Abstract", "1 Introduction", "5.1 Main Results", "References"} <= headings


def test_bold_that_was_faked_is_read_once() -> None:
    text = document("folder-office", "pdf/fake-bold-sample.pdf").text
    assert text.count("BBOOLLDD") == 1  # which it says of other readers
    assert text.count("Fake bold") >= 1
