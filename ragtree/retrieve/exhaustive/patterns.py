"""What can be listed without a model: dates, amounts of money, e-mail addresses, names, and regular expressions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...errors import QueryError
from ...text.folding import fold, folded
from ...text.months import ENGLISH, NUMBERS, SHORT_ENGLISH
from ...types import Span

_MONTH = rf"(?:{'|'.join(ENGLISH)}|(?:{'|'.join(SHORT_ENGLISH)})\.?)"
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2})"
_DAY = r"(?:[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million"
).split()
_SAID = rf"(?:{'|'.join(_NUMBER_WORDS)})(?:[ -](?:and[ -])?(?:{'|'.join(_NUMBER_WORDS)}))*"
_FIGURE = r"\d{1,3}(?:[,. ]\d{3})*(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?"
_SCALE = r"(?:\s?(?:thousand|million|billion|bn|k|m)\b)?"
_UNITS = (
    r"(?:pounds?|shillings?|pence|guineas?|crowns?|dollars?|cents?|euros?|francs?|marks?|yen|rupees?|roubles?|"
    r"GBP|USD|EUR|CHF|JPY|kr)"
)
_CAPITALS = "".join(letter for letter in map(chr, range(0x590)) if letter.isupper())
"""Capital letters of the Latin, Greek, Cyrillic and Armenian scripts."""
_SMALL_WORDS = re.compile(
    r"(?:The|A|An|In|On|At|It|He|She|We|I|They|This|That|These|Those|But|And|Or|If|When|Where|Who|What|Why|How|No|Not|"
    r"For|From|To|Of|By|With|As|So|There|Here|Then|After|Before|His|Her|Its|Our|Their|My|Your|All|Each|Every)\s+"
)


@dataclass(frozen=True, slots=True)
class ItemPattern:
    """What to look for in a text, and the key by which two matches are the same item."""

    name: str
    expression: re.Pattern[str]
    key: Callable[[str], str]

    def find(self, text: str) -> Iterator[Span]:
        """Yield the spans of the matches in a text, in order, without empty ones."""
        plain = folded(text)
        for match in self.expression.finditer(plain.text):
            start, end = match.span()
            if self.name == "names":  # a small word that begins a sentence is not part of a name
                small = _SMALL_WORDS.match(match[0])
                start += small.end() if small else 0
                if " " not in plain.text[start:end].strip():
                    continue
            if plain.text[start:end].strip():
                yield plain.span(start, end)


def plain(text: str) -> str:
    """A match without case, extra spaces, and punctuation around it: the key of most patterns."""
    return " ".join(fold(text, case=True).split()).strip(" .,;:!?\"'()[]")


def _amount(text: str) -> str:
    return re.sub(r"(?<=\d)[, ](?=\d{3}\b)", "", plain(text)).replace("£ ", "£").replace("$ ", "$")


def _date(text: str) -> str:
    """A date as 1923-04-03, as far as it can be read, so that two ways to write a date are one item."""
    day = re.search(rf"(?<!\d)({_DAY})(?!\d)", re.sub(_YEAR, " ", text))
    month = re.search(_MONTH, text, re.IGNORECASE)
    year = re.search(rf"(?<!\d){_YEAR}(?!\d)", text)
    if month is None:
        return plain(text)
    parts = [year[0] if year else "", f"{NUMBERS[month[0].lower().rstrip('.')]:02}"]
    if day:
        parts.append(f"{int(re.sub('[a-z]', '', day[1])):02}")
    return "-".join(parts)


PATTERNS = {
    "dates": ItemPattern(
        "dates",
        re.compile(
            rf"\b{_YEAR}-\d\d-\d\d\b|\b\d{{1,2}}[./]\d{{1,2}}[./](?:\d{{4}}|\d\d)\b"
            rf"|\b{_DAY}(?:\s+of)?\s+{_MONTH}(?:,?\s+{_YEAR})?\b|\b{_MONTH}\s+{_DAY}(?:,?\s+{_YEAR})?\b"
            rf"|\b{_MONTH},?\s+{_YEAR}\b",
            re.IGNORECASE,
        ),
        _date,
    ),
    "amounts": ItemPattern(
        "amounts",
        re.compile(
            rf"[£$€¥]\s?(?:{_FIGURE}){_SCALE}|\b(?:{_FIGURE}|{_SAID}){_SCALE}\s+{_UNITS}\b|\b(?:{_FIGURE})\s?[€£¥]"
            r"|\b\d+s\.?(?:\s\d+d\b\.?)?(?!\w)",
            re.IGNORECASE,
        ),
        _amount,
    ),
    "emails": ItemPattern("emails", re.compile(r"\b[\w.%+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b"), plain),
    "names": ItemPattern(
        "names",
        re.compile(
            rf"\b(?:[{_CAPITALS}][\w'-]*\.?)"
            rf"(?:[ \t]+(?:(?:of|de|du|van|von|der|la|le|al|bin)[ \t]+)?[{_CAPITALS}][\w'-]*)+",
        ),
        plain,
    ),
}
"""The patterns that have a name. They read English months, numbers and currencies."""


def make_pattern(text: str) -> ItemPattern:
    """The pattern of that name, or one for a regular expression. Raises QueryError for an invalid expression."""
    if text in PATTERNS:
        return PATTERNS[text]
    try:
        return ItemPattern(text, re.compile(_folded_expression(text)), plain)
    except re.error as error:
        raise QueryError(
            f"the pattern {text!r} is neither a regular expression ({error}) nor one of {', '.join(PATTERNS)}"
        ) from error


def _folded_expression(text: str) -> str:
    """The regular expression for folded texts. What folding produces is escaped, so it is not an operator."""
    return re.sub(r"[^\x00-\x7f]+", lambda part: re.escape(fold(part[0])), unicodedata.normalize("NFC", text))
