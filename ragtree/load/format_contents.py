"""What files hold, by format: what is read, what is left out on purpose, and what a notice reports.

The tables of docs/formats.md say the same; a test compares the two. A reader can report only what is listed here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

_MOST_NAMES = 5
_LONGEST_NAME = 80


class Handling(StrEnum):
    """What ragtree does with a part of a file."""

    READ = "read"
    LEFT_OUT = "left out"
    REPORTED = "reported"


class FormatContent(NamedTuple):
    """Something that a file may hold."""

    what: str
    handling: Handling
    how: str
    """Where it is in the text, why it is left out, or what the notice says was done with it."""


class NoticeCollector:
    """Collects and counts, by kind, what the reader of one file has to report."""

    def __init__(self, format_name: str) -> None:
        self._how = {held.what: held.how for held in FORMATS[format_name] if held.handling is Handling.REPORTED}
        self._counts: Counter[str] = Counter()
        self._names: dict[str, list[str]] = {}
        self._within: list[str] = []

    def add(self, what: str, name: str = "", count: int = 1) -> None:
        """Count one more of `what`, or several, with a name if there is one. Raises KeyError if the format's table
        lacks `what`."""
        if what not in self._how:
            raise KeyError(f"{what!r} is none of {', '.join(self._how)}. Add a row for it to FORMATS")
        self._counts[what] += count
        names = self._names.setdefault(what, [])
        if name and len(names) < _MOST_NAMES:
            names.append(" ".join(name.split())[:_LONGEST_NAME])

    def pass_on(self, name: str, notices: Iterable[str]) -> None:
        """Add the notices of an embedded file."""
        self._within += (f"in {name}: {notice}" for notice in notices)

    def notices(self) -> tuple[str, ...]:
        """One line for each kind: "attached files: 2, not read (tides.csv, chart.png)"."""
        lines = []
        for what, count in self._counts.items():
            names = ", ".join(self._names[what])
            lines.append(f"{what}: {count}, {self._how[what]}" + (f" ({names})" if names else ""))
        return (*lines, *self._within)


BEYOND = "rows, values and the like beyond a limit"
BROKEN_MESSAGES = "broken messages of a mailbox"
BROKEN_PARTS = "broken parts of the file"
CLOSED_ATTACHMENTS = "attachments that cannot be read"
EMBEDDED = "embedded files"
ENCODED_DATA = "long runs of base64, hexadecimal and the like"
ENCRYPTED_MESSAGES = "encrypted messages"
FIGURES = "figures and photographs"
FIGURES_LATER = "figures that wait"
HIDDEN_SHEETS = "hidden sheets"
HIDDEN_SLIDES = "hidden slides"
HIDDEN_TEXT = "hidden text"
LATER = "scanned pages that wait"
LONG_ROWS = "rows with more cells than the others"
MEDIA = "sounds and videos"
NO_ENGINE = "scanned pages"
NO_VALUE = "formulas without a cached value"
OPEN_QUOTES = "rows with an unclosed or misplaced quote"
PICTURES = "pages that are pictures"
SHORT_ROWS = "rows with fewer cells than the others"
SIGNED_MESSAGES = "messages wrapped in an S/MIME signature"
UNREAD_LINES = "lines of scans"
ZERO_BYTES = "zero bytes"


def _read(what: str, how: str) -> FormatContent:
    return FormatContent(what, Handling.READ, how)


def _left_out(what: str, how: str) -> FormatContent:
    return FormatContent(what, Handling.LEFT_OUT, how)


def _told(what: str, how: str) -> FormatContent:
    return FormatContent(what, Handling.REPORTED, how)


_NO_PIXELS = _left_out("pictures", "without load.vision_model images are not analysed; see alternative text")
_WAITING = _told(LATER, "to be recognized by the next sync")
_UNDESCRIBED = _told(FIGURES_LATER, "to be described by the next sync")
_DESCRIBED = _read(FIGURES, "a description by load.vision_model, after the caption or in place")
_NOT_RECOGNIZED = (
    _told(PICTURES, "not read, because load.ocr is off"),
    _told(NO_ENGINE, "not read; pip install 'ragtree[ocr]' adds text recognition"),
    _WAITING,
    _told(UNREAD_LINES, "not read, because their script or print cannot be recognized"),
)
_OTHER_PIXELS = _left_out("pictures", "without load.vision_model only the text in them is read; see alternative text")
_RUBY = _left_out("pronunciation guides (ruby)", "they repeat the characters that they annotate")
_BROKEN = _told(BROKEN_PARTS, "not read")
_BEYOND = _told(BEYOND, "not read")
_NOT_READ = _told(EMBEDDED, "not read")
_LINKS = _read(
    "link targets", "in brackets after the link, unless its text is the target; those of pictures below them"
)
_ALTERNATIVE = "alternative text of pictures"
_LIKE_OTHERS = "read like the others"
_EQUATIONS = _read("equations", "in place, in LaTeX notation")
_CHARTS = _read("charts", "the title, and a table of the values")
_DIAGRAMS = _read("diagrams (SmartArt)", "one line per item")
_MERGED = "the cell's text is repeated in each row and column that it spans"
_ABOUT = _read("title, author, subject, keywords, date", "metadata of the document")

_PDF = (
    _read("text", "in reading order, with columns, tables and headings"),
    _read("form fields", "in the line of their label"),
    _read("check boxes and radio buttons", "[x] or [ ] in the line of their label"),
    _read("text typed onto a page (free text)", "where it lies on the page"),
    _read("notes and comments", "below the text of their page, with the author and the words that they mark"),
    _read("stamps", "below the text of their page"),
    _LINKS,
    _read(_ALTERNATIVE, "below the text of their page, if the PDF is tagged"),
    _read("bookmarks", "they say which lines are headings"),
    _read("data of XFA forms", "name and value after the last page, if no page has a form field"),
    _read(
        "text of scanned pages", "in reading order, with the extra ocr, in Latin, Greek, Chinese and Japanese script"
    ),
    _read("invisible text", "like other text, because the text layer of a scan is invisible"),
    _read("title, author, dates", "metadata of the document"),
    _DESCRIBED,
    _left_out("running heads and page numbers", "they repeat on every page; the first running head is kept"),
    _NO_PIXELS,
    _left_out("buttons and scripts", "they are for programs, not readers"),
    *_NOT_RECOGNIZED,
    _UNDESCRIBED,
    _told("broken pages", "not read"),
    _told("attached files", "not read"),
    _told("digital signatures", "not checked"),
    _told("hidden form fields and notes", "not read"),
    _told("passwords in form fields", "not read"),
    _told(MEDIA, "not read"),
    _BEYOND,
)
_PNG = (
    _read("printed text", "in reading order, with the extra ocr, in Latin, Greek, Chinese and Japanese script"),
    _read("pages of a TIFF", "each as a page"),
    _DESCRIBED,
    _left_out("pictures after the first of an animation", "they repeat it"),
    *_NOT_RECOGNIZED,
    _UNDESCRIBED,
)
_DOCX = (
    _read("paragraphs, headings, lists", "in their order, lists with their numbers"),
    _read("tables and merged cells", _MERGED),
    _read("text boxes", "after the paragraph that they are anchored to"),
    _read("footnotes and endnotes", "after the paragraph that refers to them"),
    _read("comments", "after the paragraph that they refer to, with the author"),
    _read("headers and footers", "once, at the end"),
    _read("content controls", "in place; a box is [x] or [ ]"),
    _read("legacy form fields", "in place; a box is [x] or [ ]"),
    _read("fields", "what they show"),
    _LINKS,
    _EQUATIONS,
    _CHARTS,
    _DIAGRAMS,
    _read(_ALTERNATIVE, "after the paragraph that the picture is in"),
    _read("text in pictures", "after the paragraph that the picture is in, with the extra ocr"),
    _read("embedded documents and workbooks", "in place, if their format can be read"),
    _read("parts in other formats (altChunk)", "in place"),
    _read("tracked insertions", "as if accepted"),
    _read("characters of the Symbol and Wingdings fonts", "as the Unicode characters that they look like"),
    _ABOUT,
    _DESCRIBED,
    _left_out("tracked deletions", "as if accepted"),
    _left_out("placeholders in empty content controls", "they belong to the template, not to the text"),
    _left_out("page numbers", "the program generates them"),
    _RUBY,
    _OTHER_PIXELS,
    _told(EMBEDDED, "not read"),
    _told(HIDDEN_TEXT, "not read"),
    _told("unknown symbols", "not read"),
    _told("linked documents", "not read"),
    _WAITING,
    _UNDESCRIBED,
    _BEYOND,
    _BROKEN,
)
_XLSX = (
    _read("cells", "a row is a passage that names its columns"),
    _read("numbers, dates, durations, currencies, units", "as the cell shows them"),
    _read("error values", "as the cell shows them"),
    _read("rich text", "as plain text"),
    _read("merged cells", "the cell's text is repeated in each row that it spans"),
    _read("comments and threads", "after the row of their cell, with the author"),
    _CHARTS,
    _DIAGRAMS,
    _read("text boxes", "after the rows of their sheet"),
    _read(_ALTERNATIVE, "after the rows of their sheet"),
    _read("text in pictures", "after the rows of their sheet, with the extra ocr"),
    _read("headers and footers", "after the rows of their sheet"),
    _read("names defined as a value", "at the end"),
    _read("names of sheets", "as a heading above their rows"),
    _LINKS,
    _ABOUT,
    _DESCRIBED,
    _left_out("names of ranges and tables", "their cells are read"),
    _left_out("data validation and conditional formatting", "they are for programs, not readers"),
    _left_out("page numbers", "the program generates them"),
    _RUBY,
    _OTHER_PIXELS,
    _WAITING,
    _UNDESCRIBED,
    _told(NO_VALUE, "shown as the formula"),
    _told("invalid cells", "read as they are stored"),
    _told(HIDDEN_SHEETS, _LIKE_OTHERS),
    _told("hidden rows and columns", _LIKE_OTHERS),
    _told("form controls", "not read"),
    _NOT_READ,
    _BEYOND,
    _BROKEN,
)
_PPTX = (
    _read("text of slides, groups and shapes", "slide by slide; the title is a heading"),
    _read("tables and merged cells", _MERGED),
    _read("notes", "after their slide"),
    _read("comments", "after their slide, with the author"),
    _CHARTS,
    _DIAGRAMS,
    _EQUATIONS,
    _LINKS,
    _read(_ALTERNATIVE, "where the picture is on the slide"),
    _read("text in pictures", "where the picture is on the slide, with the extra ocr"),
    _read("embedded documents and workbooks", "in place, if their format can be read"),
    _ABOUT,
    _DESCRIBED,
    _left_out("slide numbers, dates, footers", "they repeat on every slide"),
    _left_out("text of layouts and masters", "they repeat on every slide"),
    _OTHER_PIXELS,
    _told(HIDDEN_SLIDES, _LIKE_OTHERS),
    _told(MEDIA, "not read"),
    _WAITING,
    _UNDESCRIBED,
    _NOT_READ,
    _BEYOND,
    _BROKEN,
)
_HTML = (
    _read("text, headings, lists", "in their order"),
    _read("tables and merged cells", _MERGED),
    _read(_ALTERNATIVE, "where the picture is"),
    _read("text in pictures", "after the block that the picture is in, with the extra ocr, if the page holds them"),
    _read("labels for screen readers (aria-label)", "in place of an element without text"),
    _read("abbreviations", "followed by their full form in brackets"),
    _read("values of forms", "in place; a box is [x] or [ ]"),
    _read("collapsed details", "in place"),
    _read("formulas (MathML)", "in place, in LaTeX if the page has it"),
    _read("inline pages (srcdoc), shadow roots", "where they are shown"),
    _read("text shown without JavaScript (noscript)", "in place, except requests to enable JavaScript"),
    _read("title, author, date, keywords, language", "metadata of the document"),
    _DESCRIBED,
    _left_out("menus, page footers, notices about cookies", "they repeat on every page"),
    _left_out("hidden elements", "the page does not show them"),
    _left_out("link targets", "most lead to other pages of the same site"),
    _left_out("tooltips (title)", "they mostly repeat the text"),
    _left_out("scripts, styles, templates, comments", "they are for programs, not readers"),
    _left_out("buttons, hidden and empty fields, passwords", "they are for programs, not readers"),
    _RUBY,
    _OTHER_PIXELS,
    _WAITING,
    _UNDESCRIBED,
    _told("drawings (SVG) with text", "not read"),
    _told("embedded pages", "not read"),
    _told(MEDIA, "not read"),
    _BEYOND,
)
_EPUB = (
    _read("chapters", "in the order of the book"),
    _read("footnotes and endnotes", "in place, including those that readers show as pop-ups"),
    _read("tables and merged cells", _MERGED),
    _read(_ALTERNATIVE, "where the picture is"),
    _read("text in pictures", "after the block that the picture is in, with the extra ocr"),
    _read("formulas (MathML)", "in place, in LaTeX if the book has it"),
    _read("title, author, date, language", "metadata of the document"),
    _DESCRIBED,
    _left_out("table of contents", "the headings say the same"),
    _left_out("link targets", "most lead to other places in the book"),
    _left_out("files outside the reading order", "e-book readers do not show them"),
    _RUBY,
    _OTHER_PIXELS,
    _WAITING,
    _UNDESCRIBED,
    _told("chapters in unsupported formats", "not read"),
    _told("drawings (SVG) with text", "not read"),
    _told("embedded pages", "not read"),
    _told(MEDIA, "not read"),
    _BEYOND,
    _BROKEN,
)
_ODF = (
    _read("paragraphs, headings, lists", "in their order"),
    _read("tables and merged cells", _MERGED),
    _read("sheets and their names", "a row is a passage that names its columns; the name is a heading"),
    _read("slides and their notes", "slide by slide; the title is a heading"),
    _read("footnotes and endnotes", "after the paragraph that refers to them"),
    _read("comments", "after the paragraph or row that they refer to, with the author"),
    _read("text boxes", "after the paragraph that they are anchored to"),
    _read("headers and footers", "once, at the end"),
    _read("form fields", "in place; a box is [x] or [ ]"),
    _LINKS,
    _read("equations", "in place, as LibreOffice writes them"),
    _read("charts", "a table of the values"),
    _read(_ALTERNATIVE, "after the paragraph that the picture is in"),
    _read("text in pictures", "after the paragraph that the picture is in, with the extra ocr"),
    _read("tracked insertions", "as if accepted"),
    _ABOUT,
    _DESCRIBED,
    _left_out("tracked deletions", "as if accepted"),
    _left_out("page numbers, dates of slides", "the program generates them"),
    _RUBY,
    _OTHER_PIXELS,
    _WAITING,
    _UNDESCRIBED,
    _told(NO_VALUE, "shown as the formula"),
    _told(HIDDEN_SHEETS, _LIKE_OTHERS),
    _told("hidden rows and columns", _LIKE_OTHERS),
    _told(HIDDEN_SLIDES, _LIKE_OTHERS),
    _told(HIDDEN_TEXT, _LIKE_OTHERS),
    _told(MEDIA, "not read"),
    _NOT_READ,
    _BEYOND,
    _BROKEN,
)
_EML = (
    _read("text and HTML of the same message", "one in full, then what only the other one says"),
    _read("subject, sender, recipients, date", "at the top, and as metadata of the document"),
    _read("attached files", "below the message, if their format can be read"),
    _read("text in images", "below the message, with the extra ocr"),
    _read("archives", "each file in them, like an attached file"),
    _read("attached messages", "below the message, with their subject as a heading; up to five levels deep"),
    _read("invitations", "title, times, place, organizer, attendees and description"),
    _read("delivery reports and read receipts", "one line per field"),
    _read("footers of mailing lists", "after the text"),
    _read("messages of a mailbox", "in their order, with the subject as a heading"),
    _DESCRIBED,
    _left_out("other header fields", "they describe the route of the message"),
    _left_out("text before the first part", "a note for programs that do not support attachments"),
    _left_out("audio, signatures, style sheets, images without text", "named only"),
    _told(CLOSED_ATTACHMENTS, "named in place, with the reason"),
    _WAITING,
    _UNDESCRIBED,
    _told(ENCRYPTED_MESSAGES, "not read"),
    _told(SIGNED_MESSAGES, "not read"),
    _told(BROKEN_MESSAGES, "read as far as possible"),
)
_CSV = (
    _read("rows", "a row is a passage that names its columns; without a header row, only the cells"),
    _read("cells of any length, with line breaks and quotes", "in their row"),
    _read("the separator", "detected from the rows, or taken from a first line such as sep=;"),
    _told(LONG_ROWS, "the extra cells are at the end of the row"),
    _told(SHORT_ROWS, "read as they stand"),
    _told(OPEN_QUOTES, "split at every separator of the line"),
)
_ICS = (
    _read("events, tasks, notes", "the title is a heading"),
    _read("times, repetitions, places, people, status, links", "one line each, below the title"),
    _read("descriptions and comments", "after these lines"),
    _left_out("alarms, time zone rules, ids", "they are for programs, not readers"),
)
_TXT = (
    _read("text in any encoding", "unchanged"),
    _told(ENCODED_DATA, "replaced by a short mark"),
    _told(ZERO_BYTES, "left out"),
    _BEYOND,
)
FORMATS: Mapping[str, tuple[FormatContent, ...]] = {
    "PDF": _PDF,
    "PNG": _PNG,
    "DOCX": _DOCX,
    "XLSX": _XLSX,
    "PPTX": _PPTX,
    "HTML": _HTML,
    "EPUB": _EPUB,
    "ODF": _ODF,
    "EML": _EML,
    "ICS": _ICS,
    "CSV": _CSV,
    "TXT": _TXT,
}
"""By format, what its files hold."""


def is_unrecognized(notice: str) -> bool:
    """True for a notice about pages or figures that may be recognized or described another time."""
    return any(f"{what}: " in notice for what in (PICTURES, NO_ENGINE, LATER, FIGURES_LATER))


def is_for_later(notice: str) -> bool:
    """True for a notice about pages or figures that are left to the next sync."""
    return f"{LATER}: " in notice or f"{FIGURES_LATER}: " in notice
