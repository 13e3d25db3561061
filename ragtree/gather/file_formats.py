"""The words that people use for file formats, and the suffixes that they mean."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

from ..text.folding import fold

_NAMES = {
    "pdf": ".pdf",
    "word": ".docx .doc .odt .rtf",
    "spreadsheet excel workbook tabelle tableur planilha таблица таблицы 表格": ".xlsx .xls .ods .csv .tsv",
    "presentation powerpoint slide präsentation présentation presentación presentazione apresentação презентация "
    "презентации 演示文稿": ".pptx .ppt .odp",
    "email mail courriel correo 邮件 メール": ".eml .msg .mbox",
    "webpage html website webseite": ".html .htm .xhtml",
    "markdown": ".md .markdown",
    "ebook epub": ".epub",
    "notebook jupyter": ".ipynb",
    "image picture photo": ".png .jpg .jpeg .tif .tiff .webp .gif",
}
_ENDINGS = {name: frozenset(endings.split()) for names, endings in _NAMES.items() for name in names.split()}
_PLURALS = ("", "s", "es", "n", "en")


def endings_meant(word: str, there: Collection[str]) -> frozenset[str]:
    """The file suffixes that a word means, in lower case with their dots: `PDFs` is .pdf. Empty if it means none.

    `there` has the suffixes of the documents' files: each is a word for itself (`docx files`). Word is a format only
    with its capital: "the word insurance" names none.
    """
    if word == "word":
        return frozenset()
    low = fold(word, case=True)
    forms = [low.removesuffix(plural) for plural in _PLURALS if low.endswith(plural)]
    known = next((_ENDINGS[form] for form in forms if form in _ENDINGS), frozenset[str]())
    return known or frozenset(ending for ending in there if ending and ending.lstrip(".") in forms)


def ending_of(path: str) -> str:
    """The suffix of a path in lower case, with its dot."""
    return PurePosixPath(path).suffix.lower()
