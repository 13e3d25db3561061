"""What files hold, by format: what of it is read, what is left out on purpose, and what a notice tells.

The tables of docs/formats.md say the same, and a test holds the two together. A reader can tell only what stands here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

_MOST_NAMES = 5
_LONGEST_NAME = 80


class Fate(StrEnum):
    """What becomes of a part of a file."""

    READ = "read"
    LEFT_OUT = "left out"
    TOLD = "told"


class Held(NamedTuple):
    """Something that a file may hold."""

    what: str
    fate: Fate
    how: str
    """Where it stands in the text, why it is left out, or how the notice ends that tells of it."""


class Told:
    """What the reader of one file found and could not read as it stands, counted by kind."""

    def __init__(self, format_name: str) -> None:
        self._how = {held.what: held.how for held in FORMATS[format_name] if held.fate is Fate.TOLD}
        self._counts: Counter[str] = Counter()
        self._names: dict[str, list[str]] = {}
        self._within: list[str] = []

    def add(self, what: str, name: str = "") -> None:
        """One more of `what`, by its name if it has one. Raises KeyError for what the format's table does not tell."""
        if what not in self._how:
            raise KeyError(f"{what!r} came; wanted is one of {', '.join(self._how)}. Add a row to FORMATS for it")
        self._counts[what] += 1
        names = self._names.setdefault(what, [])
        if name and len(names) < _MOST_NAMES:
            names.append(" ".join(name.split())[:_LONGEST_NAME])

    def pass_on(self, name: str, notices: Iterable[str]) -> None:
        """What the reader of an embedded file told."""
        self._within += (f"in {name}: {notice}" for notice in notices)

    def notices(self) -> tuple[str, ...]:
        """A line for each kind: "attached files: 2, not read (tides.csv, chart.png)"."""
        lines = []
        for what, count in self._counts.items():
            names = ", ".join(self._names[what])
            lines.append(f"{what}: {count}, {self._how[what]}" + (f" ({names})" if names else ""))
        return (*lines, *self._within)


BROKEN_MESSAGES = "broken messages of a mailbox"
BROKEN_PARTS = "broken parts of the file"
CLOSED_ATTACHMENTS = "attachments that cannot be read"
EMBEDDED = "embedded files"
ENCODED_DATA = "long runs of base64, hexadecimal and the like"
ENCRYPTED_MESSAGES = "encrypted messages"
HIDDEN_SHEETS = "hidden sheets"
HIDDEN_SLIDES = "hidden slides"
HIDDEN_TEXT = "hidden text"
LONG_ROWS = "rows with more cells than the others"
MEDIA = "sounds and videos"
NO_VALUE = "formulas without a kept value"
OPEN_QUOTES = "rows with a quote that does not end where it should"
SHORT_ROWS = "rows with fewer cells than the others"
SIGNED_MESSAGES = "messages inside of an S/MIME signature"
ZERO_BYTES = "zero bytes"


def _read(what: str, how: str) -> Held:
    return Held(what, Fate.READ, how)


def _left_out(what: str, how: str) -> Held:
    return Held(what, Fate.LEFT_OUT, how)


def _told(what: str, how: str) -> Held:
    return Held(what, Fate.TOLD, how)


_NO_PIXELS = _left_out("pictures", "no picture is looked at; see alternative texts")
_RUBY = _left_out("pronunciations (ruby)", "they repeat the characters below them")
_BROKEN = _told(BROKEN_PARTS, "not read")
_NOT_READ = _told(EMBEDDED, "not read")
_LINKS = _read("link targets", "in brackets behind the link, where its text does not say them; a picture's below it")
_ALTERNATIVE = "alternative texts of pictures"
_LIKE_OTHERS = "read like the others"
_EQUATIONS = _read("equations", "where they stand, written as in LaTeX")
_CHARTS = _read("charts", "the title, and a table of the values")
_DIAGRAMS = _read("diagrams (SmartArt)", "a line for each of their points")
_MERGED = "each row and column that it covers has the cell's text"
_ABOUT = _read("title, author, subject, keywords, date", "metadata of the document")

_PDF = (
    _read("text", "in reading order, with columns, tables and headings"),
    _read("form fields", "in the line of their label"),
    _read("check boxes and radio buttons", "[x] or [ ] in the line of their label"),
    _read("text typed onto a page (free text)", "where it lies on the page"),
    _read("notes and comments", "below the text of their page, with the author and the words that they mark"),
    _read("stamps", "below the text of their page"),
    _LINKS,
    _read(_ALTERNATIVE, "below the text of their page, where the file is tagged"),
    _read("bookmarks", "they say which lines are headings"),
    _read("data of XFA forms", "name and value below the last page, where no page has a form field"),
    _read("invisible text", "like other text, because scans have theirs so"),
    _read("title, author, dates", "metadata of the document"),
    _left_out("running heads and page numbers", "they repeat on page after page; the first head is kept"),
    _NO_PIXELS,
    _left_out("buttons and scripts", "they are for programs"),
    _told("pages that are pictures", "not read"),
    _told("broken pages", "not read"),
    _told("attached files", "not read"),
    _told("digital signatures", "not checked"),
    _told("hidden form fields and notes", "not read"),
    _told("passwords in form fields", "not read"),
    _told(MEDIA, "not read"),
)
_DOCX = (
    _read("paragraphs, headings, lists", "in their order, lists with their numbers"),
    _read("tables and merged cells", _MERGED),
    _read("text boxes", "after the paragraph that they hang on"),
    _read("footnotes and endnotes", "after the paragraph that refers to them"),
    _read("comments", "after the paragraph that they are about, with the author"),
    _read("headers and footers", "once, at the end"),
    _read("content controls", "where they stand; a box is [x] or [ ]"),
    _read("old form fields", "where they stand; a box is [x] or [ ]"),
    _read("fields", "what they show"),
    _LINKS,
    _EQUATIONS,
    _CHARTS,
    _DIAGRAMS,
    _read(_ALTERNATIVE, "after the paragraph that the picture is in"),
    _read("embedded documents and workbooks", "where they stand, as far as their format is read"),
    _read("parts in other formats (altChunk)", "where they stand"),
    _read("tracked insertions", "as if accepted"),
    _read("signs of the fonts Symbol and Wingdings", "the letters and signs that they look like"),
    _ABOUT,
    _left_out("tracked deletions", "as if accepted"),
    _left_out("hints of empty content controls", "nobody wrote them into this document"),
    _left_out("page numbers", "the program counts them"),
    _RUBY,
    _NO_PIXELS,
    _told(EMBEDDED, "not read"),
    _told(HIDDEN_TEXT, "not read"),
    _told("unknown signs", "not read"),
    _told("linked documents", "not read"),
    _BROKEN,
)
_XLSX = (
    _read("cells", "a row is a passage that names its columns"),
    _read("numbers, dates, durations, currencies, units", "as the cell shows them"),
    _read("error values", "as the cell shows them"),
    _read("rich text", "as plain text"),
    _read("merged cells", "each row that they cover has the cell's text"),
    _read("comments and threads", "after the row of their cell, with the author"),
    _CHARTS,
    _DIAGRAMS,
    _read("text boxes", "after the rows of their sheet"),
    _read(_ALTERNATIVE, "after the rows of their sheet"),
    _read("headers and footers", "after the rows of their sheet"),
    _read("names that stand for a value", "at the end"),
    _read("names of sheets", "heading above their rows"),
    _LINKS,
    _ABOUT,
    _left_out("names of cells and tables", "what they name is read as cells"),
    _left_out("rules for input and for looks", "they are for programs"),
    _left_out("page numbers", "the program counts them"),
    _RUBY,
    _NO_PIXELS,
    _told(NO_VALUE, "shown as the formula"),
    _told("odd cells", "read as they are stored"),
    _told(HIDDEN_SHEETS, _LIKE_OTHERS),
    _told("hidden rows and columns", _LIKE_OTHERS),
    _told("form controls", "not read"),
    _NOT_READ,
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
    _read("embedded documents and workbooks", "where they stand, as far as their format is read"),
    _ABOUT,
    _left_out("slide numbers, dates, footers", "they repeat on slide after slide"),
    _left_out("text of layouts and masters", "they repeat on slide after slide"),
    _NO_PIXELS,
    _told(HIDDEN_SLIDES, _LIKE_OTHERS),
    _told(MEDIA, "not read"),
    _NOT_READ,
    _BROKEN,
)
_HTML = (
    _read("text, headings, lists", "in their order"),
    _read("tables and merged cells", _MERGED),
    _read(_ALTERNATIVE, "where the picture is"),
    _read("labels for screen readers (aria-label)", "in place of what has no text"),
    _read("abbreviations", "what they are short for stands behind them"),
    _read("values of forms", "where the field is; a box is [x] or [ ]"),
    _read("details that are folded away", "where they stand"),
    _read("formulas (MathML)", "where they stand, in LaTeX where the page has it"),
    _read("pages that stand in the page (srcdoc), shadow roots", "where they are shown"),
    _read("text for readers without scripts (noscript)", "where it stands, but for requests to run JavaScript"),
    _read("title, author, date, keywords, language", "metadata of the document"),
    _left_out("menus, page footers, notices about cookies", "they repeat on page after page"),
    _left_out("hidden elements", "nobody sees them on the page"),
    _left_out("link targets", "most of them lead to other pages of the same site"),
    _left_out("tooltips (title)", "they mostly repeat what stands there"),
    _left_out("scripts, styles, templates, comments", "they are for programs"),
    _left_out("buttons, hidden and empty fields, passwords", "they are for programs"),
    _RUBY,
    _NO_PIXELS,
    _told("drawings (SVG) with text", "not read"),
    _told("pages within the page", "not read"),
    _told(MEDIA, "not read"),
)
_EPUB = (
    _read("chapters", "in the order of the book"),
    _read("footnotes and endnotes", "where the book has them, also where a program shows them only on demand"),
    _read("tables and merged cells", _MERGED),
    _read(_ALTERNATIVE, "where the picture is"),
    _read("formulas (MathML)", "where they stand, in LaTeX where the book has it"),
    _read("title, author, date, language", "metadata of the document"),
    _left_out("table of contents", "the headings say the same"),
    _left_out("link targets", "most of them lead to other places in the book"),
    _left_out("files that no chapter names", "a reader does not get to see them"),
    _RUBY,
    _NO_PIXELS,
    _told("chapters that are no pages", "not read"),
    _told("drawings (SVG) with text", "not read"),
    _told("pages within the page", "not read"),
    _told(MEDIA, "not read"),
    _BROKEN,
)
_ODF = (
    _read("paragraphs, headings, lists", "in their order"),
    _read("tables and merged cells", _MERGED),
    _read("sheets and their names", "a row is a passage that names its columns; the name is a heading"),
    _read("slides and their notes", "slide by slide; the title is a heading"),
    _read("footnotes and endnotes", "after the paragraph that refers to them"),
    _read("comments", "after the paragraph or the row that they are about, with the author"),
    _read("text boxes", "after the paragraph that they hang on"),
    _read("headers and footers", "once, at the end"),
    _read("form fields", "where they stand; a box is [x] or [ ]"),
    _LINKS,
    _read("equations", "where they stand, as LibreOffice writes them"),
    _read("charts", "a table of the values"),
    _read(_ALTERNATIVE, "after the paragraph that the picture is in"),
    _read("tracked insertions", "as if accepted"),
    _ABOUT,
    _left_out("tracked deletions", "as if accepted"),
    _left_out("page numbers, dates of slides", "the program counts them"),
    _RUBY,
    _NO_PIXELS,
    _told(NO_VALUE, "shown as the formula"),
    _told(HIDDEN_SHEETS, _LIKE_OTHERS),
    _told("hidden rows and columns", _LIKE_OTHERS),
    _told(HIDDEN_SLIDES, _LIKE_OTHERS),
    _told(HIDDEN_TEXT, _LIKE_OTHERS),
    _told(MEDIA, "not read"),
    _NOT_READ,
    _BROKEN,
)
_EML = (
    _read("text and HTML of the same message", "one of them whole, and what only the other one says after it"),
    _read("subject, sender, addressees, date", "at the head; metadata of the document"),
    _read("attached files", "below the message, as far as their format is read"),
    _read("archives", "each file in them like an attached file"),
    _read("messages in the message", "below it, with their own subject as heading; up to five inside of each other"),
    _read("invitations", "title, times, place, organizer, attendees and description"),
    _read("reports of delivery and receipts", "their fields, a line each"),
    _read("what a mailing list adds at the end", "after the text"),
    _read("messages of a mailbox", "one after the other, with the subject as heading"),
    _left_out("other lines of the head", "they say which way the message came"),
    _left_out("what stands before the first part", "a formula for programs that know no attachments"),
    _left_out("pictures, sounds, signatures, looks of pages", "they are named, and have no text"),
    _told(CLOSED_ATTACHMENTS, "named where they hang, with the reason"),
    _told(ENCRYPTED_MESSAGES, "not read"),
    _told(SIGNED_MESSAGES, "not read"),
    _told(BROKEN_MESSAGES, "read as far as possible"),
)
_CSV = (
    _read("rows", "a row is a passage that names its columns; without a first row of names the cells alone"),
    _read("cells of any length, with line ends and quotes", "in their row"),
    _read("the sign between the cells", "told by the rows, or by a first line sep=;"),
    _told(LONG_ROWS, "what is beyond stands at the end of the row"),
    _told(SHORT_ROWS, "read as they stand"),
    _told(OPEN_QUOTES, "cut at every separator of that line"),
)
_ICS = (
    _read("events, tasks, notes", "the title is a heading"),
    _read("times, repetitions, places, people, status, links", "a line each below the title"),
    _read("descriptions and comments", "after these lines"),
    _left_out("alarms, rules of time zones, ids", "they are for programs"),
)
_TXT = (
    _read("text in any encoding", "as it stands"),
    _told(ENCODED_DATA, "a mark stands in their place"),
    _told(ZERO_BYTES, "left out"),
)
FORMATS: Mapping[str, tuple[Held, ...]] = {
    "PDF": _PDF,
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
