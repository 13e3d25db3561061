"""Pictures in files of any format are described where they are, in words that are marked as the model's."""

from __future__ import annotations

import pytest
from contents_mail import MAIL
from contents_office import PRESENTATIONS, WORD_FILES, WORKBOOKS
from contents_others import BOOKS, OPEN_DOCUMENTS, PAGES
from reading import read
from scanning import LETTER, page, saved

from ragtree.errors import LoadError
from ragtree.load.format_contents import FIGURES_LATER
from ragtree.load.parsing import parse
from ragtree.load.recognition.base import NotRecognizedError
from ragtree.settings import LoadSettings
from ragtree.types import described_spans

LIMITS = LoadSettings(vision_model="http://localhost:1/v1#eye", ocr=False)
SAID = "A sign beside the harbour. It warns of fog."
SAMPLES = {
    "docx": WORD_FILES["text in pictures"],
    "pptx": PRESENTATIONS["text in pictures"],
    "xlsx": WORKBOOKS["text in pictures"],
    "html": PAGES["text in pictures"],
    "epub": BOOKS["text in pictures"],
    "odt": OPEN_DOCUMENTS["text in pictures"],
    "eml": MAIL["text in images"],
    "png": (saved(page(["Fog signal"])), ""),
}


class Eye:
    """Describes every picture alike, or fails with a reason."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        self.sent: list[bytes] = []

    def describe(self, key: str, picture: bytes) -> str:
        self.sent.append(picture)
        if self.reason:
            raise NotRecognizedError(FIGURES_LATER, self.reason)
        return SAID


@pytest.mark.parametrize("ending", SAMPLES)
def test_a_picture_is_described_where_it_is(ending: str) -> None:
    eye = Eye()
    document = parse(SAMPLES[ending][0], f"a.{ending}", LIMITS, figures=eye)
    (span,) = described_spans(document.text, document.marks)
    assert span.of(document.text).strip() == f"Picture, described by a model: {SAID}"
    assert [sent[:3] for sent in eye.sent] == [b"\xff\xd8\xff"]


@pytest.mark.parametrize("ending", SAMPLES)
def test_a_picture_that_waits_is_named_with_the_reason(ending: str) -> None:
    try:
        notices = parse(SAMPLES[ending][0], f"a.{ending}", LIMITS, figures=Eye("the server is asleep")).notices
    except LoadError as error:  # there is nothing else in the file
        notices = (error.reason,)
    (said,) = [notice for notice in notices if f"{FIGURES_LATER}: 1, to be described by the next sync" in notice]
    assert "the server is asleep" in said


def test_a_page_of_text_and_a_small_picture_are_not_described() -> None:
    eye = Eye()
    recognizing = LIMITS.model_copy(update={"ocr": True})
    document = parse(saved(page(LETTER * 4, size=20)), "letter.png", recognizing, figures=eye)
    assert "Abel Strake" in document.text and not eye.sent
    with pytest.raises(LoadError):
        parse(saved(page().resize((60, 90))), "icon.png", LIMITS, figures=eye)
    assert not eye.sent


def test_without_a_vision_model_nothing_is_described() -> None:
    eye = Eye()
    document = parse(SAMPLES["pptx"][0], "a.pptx", LoadSettings(ocr=False), figures=eye)
    assert not eye.sent and SAID not in document.text
    assert read(SAMPLES["pptx"][0], "a.pptx", LIMITS).text == document.text
