"""What a document is called: its title, path, kind, date and numbers, as far as it states them. Nothing is made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import NamedTuple

from ..types import Document, Fact
from .dates import DateSpan, bounds, dates, spanning
from .folding import fold, folded, without_accents
from .languages import language_of
from .scripts import UNSPACED
from .stems import index_terms
from .stop_words import stop_words
from .terms import LETTER

_KIND_KEYS = ("kind", "type", "category", "genre")
_DATE_KEYS = ("date", "created", "published", "issued")
_SAVED = frozenset(".docx .pptx .xlsx .doc .ppt .xls .odt .odp .ods .rtf .pdf".split())
"""Formats whose date is not the author's: the program that saved the file wrote it."""
_NOUN_FIRST = frozenset("fr es it pt ro ca".split())
"""Languages whose nouns stand before their adjectives."""
_TOKEN = re.compile(rf"(?P<number>\d+)(?:(?:st|nd|rd|th)\b)?|[{UNSPACED}]|(?:(?![{UNSPACED}]){LETTER})+")
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
_SEGMENT = re.compile(r"\s*(?:[:：–—|;]|\s-\s)\s*")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LETTER_NUMBER = re.compile(r"[a-z]|[ivxl]{1,6}")
_ROMAN = re.compile(r"(?=.)(x{0,3})(ix|iv|v?i{0,3})")
_JOINED_NUMBERS = re.compile(r"\s?[-._]\s?")
_FIRST_LINES = 600
"""Characters at the beginning of a text that are searched for its date if nothing else says it."""
_LONGEST_TITLE = 160
_RULED = re.compile(r"^[ \t]*[-=_*~]{3,}[ \t]*$", re.MULTILINE)
"""A line under a title."""
_ADDRESS = re.compile(r"(?<!\d)\d{5}(?!\d)")
"""A postal code among the first lines of a letter, which are its sender's."""
_LINE_ALONE = re.compile(r"(?:\A|\n)[ \t]*\n([^\n]{0,60}\d{4}[^\n]{0,60})(?=\n[ \t]*\n)")
_MOST_LINES = 500
_DATELINE_WORDS = 8
"""Most words beside the date in a line that dates the text after it: "Maw Head, 9 October 1922"."""


class Token(NamedTuple):
    """A word without accents and in lower case, or a number without leading zeros; and its position."""

    text: str
    start: int
    end: int


class Number(NamedTuple):
    """A number of a document, with the word that it belongs to: `pep-0249` is ("pep", ("249",)), `ch13-01` is
    ("ch", ("13", "1")), `Appendix B` is ("appendix", ("b",)).
    """

    word: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentName:
    """What people may call a document."""

    title: str
    """Its own title; the name of its file if it has none."""
    path: str
    kind: str = ""
    """Such as `minutes`; empty if nothing says it."""
    date: str = ""
    """`1923`, `1923-06`, `1923-06-02` or a range `1921-09/1922-11` (see ragtree.dates); empty if nothing says it."""
    numbers: tuple[Number, ...] = ()
    language: str = "en"

    @property
    def line(self) -> str:
        """Title, kind, date and path on one line, as far as they are known."""
        date = self.date.replace("/", " – ")
        title = "" if self.title == PurePosixPath(self.path).name else self.title
        return " · ".join(part for part in (title, self.kind, date, self.path) if part)

    @property
    def stem(self) -> str:
        """The file's name without its extension, and with spaces between the words of CamelCase."""
        return split_name(self.path)[0]


def describe(document: Document) -> DocumentName:
    """The name of a document from its metadata, title, path, headings and first lines, in this order."""
    language = language_of(document.text or document.title)
    title = _title(document)
    stem, _ = split_name(document.source)
    numbers = _numbers(title, stem)
    date = _date(tuple(_said_dates(document, title, stem)))
    kind = _said_kind(document.metadata) or _kind(title, document.source, numbers, language)
    name = title or PurePosixPath(document.source).name or document.source
    return DocumentName(name, document.source, kind, date, numbers, language)


def name_of(title: str, path: str, kind: str, date: str, language: str) -> DocumentName:
    """The name of a document whose title, kind, date and language are known."""
    return DocumentName(title, path, kind, date, _numbers(title, split_name(path)[0]), language)


def split_name(path: str) -> tuple[str, str]:
    """The last part of a path, as in `DocumentName.stem`, and its extension in lower case without the dot."""
    name = PurePosixPath(path).name or path
    stem, dot, ending = name.rpartition(".")
    if not (dot and stem and ending.isalnum() and len(ending) <= 6):
        stem, ending = name, ""
    return _CAMEL.sub(" ", stem), ending.lower()


def folders(path: str) -> list[str]:
    """The names of the folders on a path, the outermost first."""
    return [part for part in PurePosixPath(path).parts[:-1] if part not in ("/", ".", "..")]


def tokens(text: str) -> list[Token]:
    """The words and numbers of a name. Letters and digits are apart; so is each character of scripts without spaces."""
    plain = folded(text)
    bare = _POSSESSIVE.sub(lambda found: " " * len(found[0]), plain.text)
    return [Token(_token_text(match), *plain.span(*match.span())) for match in _TOKEN.finditer(bare)]


def segments(title: str) -> list[str]:
    """The parts of a title between colons, semicolons, bars and dashes; the whole title if it has one part."""
    return [part for part in _SEGMENT.split(title) if part] or [title]


def without(text: str, spans: Iterable[DateSpan]) -> str:
    """The text with spaces in place of the dates."""
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def number_after(found: Sequence[Token], place: int, text: str) -> tuple[str, ...]:
    """The parts of the number that begins with token `place`: 13.1 is ("13", "1"). Empty if it is no number."""
    values: list[str] = []
    while place < len(found) and found[place].text.isdigit():
        if values and not _JOINED_NUMBERS.fullmatch(text[found[place - 1].end : found[place].start]):
            break
        values.append(found[place].text)
        place += 1
    return tuple(values)


def roman(text: str) -> str:
    """A Roman numeral up to 39 in figures; empty if the text is none."""
    match = _ROMAN.fullmatch(text)
    if match is None or not text:
        return ""
    units = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix").index(match[2])
    return str(10 * len(match[1]) + units)


def _token_text(match: re.Match[str]) -> str:
    if match["number"]:
        return match["number"].lstrip("0") or "0"
    return without_accents(fold(match[0], case=True)) or match[0]


def _title(document: Document) -> str:
    """The title, else the first heading, else a first paragraph that looks like a title; empty if there is none."""
    if document.title not in ("", document.source, document.id):
        return " ".join(document.title.split())
    heading = next((mark.location.heading for mark in document.marks if mark.location.heading), ())
    if heading:
        return " ".join(heading[-1].split())[:_LONGEST_TITLE]
    start = document.text[: 2 * _LONGEST_TITLE].lstrip("\ufeff \t\r\n").replace("\r\n", "\n")
    first, _, rest = start.partition("\n\n")
    line = " ".join(_RULED.sub("", first).split()).lstrip("# ")
    runs_on = line.endswith((".", "!", "?", ",", ";")) or ":" in line or first.count("\n") > 2 or line.startswith("|")
    if "\n" in first.strip() and _ADDRESS.search(without(line, dates(line))):
        return ""
    return line if rest.strip() and len(line) <= _LONGEST_TITLE and not runs_on else ""


def _date(said: Sequence[str]) -> str:
    """The first of the dates. If it has only years, the first later one within it that has a month is more exact."""
    date = next((found for found in said if found), "")
    if not date or "-" in date:
        return date
    first, last = bounds(date)
    inside = (found for found in said if "-" in found and first <= bounds(found)[0] and bounds(found)[1] <= last)
    return next(inside, date)


def _said_dates(document: Document, title: str, stem: str) -> Iterator[str]:
    """Yield what may be the document's date, from the best source first; empty for a source that says none."""
    ending = split_name(document.source)[1]
    if f".{ending}" not in _SAVED:
        said = (str(document.metadata.get(key, "")) for key in _DATE_KEYS)
        yield next((spanning(date.iso for date in dates(text)) for text in said if dates(text)), "")
    yield spanning(date.iso for date in dates(title))
    yield spanning(date.iso for date in dates(stem))
    yield next((spanning(date.iso for date in dates(part)) for part in reversed(folders(document.source))), "")
    headings = dict.fromkeys(mark.location.heading[-1] for mark in document.marks if mark.location.heading)
    lines = (*headings, *_lines_alone(document.text))
    yield spanning(date.iso for line in lines for date in dates(line) if _is_dateline(date, line))
    yield spanning(date.iso for line in _first_lines(document.text) for date in dates(line) if "-" in date.iso)


def _first_lines(text: str) -> Iterator[str]:
    """Yield the first line of each early paragraph, and all lines of one that has up to three: longer ones run on."""
    for paragraph in re.split(r"\n\s*\n", text[:_FIRST_LINES].replace("\r\n", "\n")):
        lines = paragraph.strip().splitlines()
        yield from (line for line in lines[: 3 if len(lines) <= 3 else 1] if len(line) <= _LONGEST_TITLE)


def _lines_alone(text: str) -> Iterator[str]:
    """Yield short lines with a year between blank lines, such as letters and log books have above their entries."""
    found = _LINE_ALONE.finditer(text)
    yield from (match[1] for match in islice(found, _MOST_LINES))


def _is_dateline(date: DateSpan, line: str) -> bool:
    """True for a date with its month among few words, and for a year alone in a line: other dates are its subject."""
    words = sum(token.text not in date.iso for token in tokens(without(line, [date])))
    return words <= _DATELINE_WORDS if "-" in date.iso else not words


def _numbers(title: str, stem: str) -> tuple[Number, ...]:
    """The number at the beginning of the title ("PEP 249: ..."), and every word of the file's name with a number after
    it. A year is a number only if the title goes on after it: "PEP 2026: Calendar versioning", but not "Minutes 1923".
    """
    first, *rest = segments(title)
    leading = _leading_number(first if rest else without(first, dates(first)))
    return tuple(dict.fromkeys([*leading, *_pairs(stem)]))


def _leading_number(segment: str) -> Iterator[Number]:
    first = tokens(segment)[:6]
    if len(first) < 2:
        return
    values = number_after(first, 1, segment)
    if values and len(values) + 1 == len(first):
        yield Number(first[0].text, values)
    elif first[0].text.isdigit() and len(first) == 2:  # 3. Kapitel
        yield Number(first[1].text, (first[0].text,))
    elif len(first) == 2 and _LETTER_NUMBER.fullmatch(first[1].text):  # Appendix B, Part IV
        yield from (Number(first[0].text, (value,)) for value in (first[1].text, roman(first[1].text)) if value)
    elif [first[0].text, first[2].text if len(first) > 2 else ""] == ["第", "章"]:
        yield Number("章", (first[1].text,))


def _pairs(stem: str) -> Iterator[Number]:
    bare = without(stem, dates(stem))
    found = tokens(bare)
    for place in range(len(found) - 1):
        values = number_after(found, place + 1, bare)
        if values and not found[place].text.isdigit():
            yield Number(found[place].text, values)
    if len(found) == 2 and len(found[1].text) == 1 and found[1].text.isalpha():
        yield Number(found[0].text, (found[1].text,))


def _said_kind(metadata: Mapping[str, Fact]) -> str:
    said = (metadata.get(key) for key in _KIND_KEYS)
    return next((" ".join(value.split()) for value in said if isinstance(value, str) and 0 < len(value) <= 40), "")


def _kind(title: str, path: str, numbers: tuple[Number, ...], language: str) -> str:
    """The folder, if file or title say the same; else the word that the file's name numbers, or the word before a colon
    in the title that the file's name has too; else the title's noun."""
    stem, _ = split_name(path)
    in_stem, in_title = _stems(without(stem, dates(stem)), language), _stems(title, language)
    folder = [token.text for part in folders(path)[-1:] for token in tokens(part)]
    if folder and (not in_stem or _stems(folder[-1], language) & (in_stem | in_title)):
        return " ".join(folder)
    first = [token.text for token in tokens(stem)[:1]]
    if any([number.word] == first for number in numbers):
        return first[0]
    opening = [token.text for token in tokens(segments(title)[0])]
    if len(opening) == 1 and len(segments(title)) > 1 and _stems(opening[0], language) & in_stem:
        return opening[0]
    head, dated = _head(title, language)
    said_twice = bool(_stems(head, language) & in_stem) and not in_title <= in_stem
    return head if dated or said_twice else ""


def _stems(text: str, language: str) -> frozenset[str]:
    words = [token.text for token in tokens(text) if not token.text.isdigit()]
    return frozenset(index_terms(" ".join(words), language))


def _head(title: str, language: str) -> tuple[str, bool]:
    """The noun that a title is built on ("Report" in "Report upon the Light"), and whether a date stands with it."""
    parts = segments(title)
    part = next((one for one in parts if dates(one)), parts[0])
    found = dates(part)
    before = (part[: found[0].start] if found and found[0].start else without(part, found)).partition(",")[0]
    words: list[str] = []
    for token in tokens(before):
        if token.text in stop_words(language):
            if words:
                break
        elif not token.text.isdigit():
            words.append(token.text)
    noun = "" if not words else words[0] if language in _NOUN_FIRST else words[-1]
    return (noun if len(noun) > 2 else ""), bool(found)
