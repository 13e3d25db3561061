"""The dates that a text names, as ISO 8601 prefixes: `1923`, `1923-06`, `1923-06-02`, or a range `1921-09/1922-11`.

A month alone, a day alone or a duration does not count as a date. In 3/4/1923 either number may be the month, so only
the year counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .folding import folded
from .months import NAME, NUMBERS

_YEAR = r"(?P<year>1[1-9]\d\d|20\d\d)(?!\d)"
_MONTH = rf"(?P<month>{NAME})(?![^\W\d_])\.?"
_DAY = r"(?<!\d)(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|[.ºª])?"
_OF = r"[\s,_-]{0,3}(?:(?:of|de|del|do|d')[\s,]{0,2})?"
_MM, _DD = r"(?P<month>0[1-9]|1[0-2])", r"(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d)(?P<year>1[1-9]\d\d|20\d\d)(?P<sign>[-/._]){_MM}(?P=sign){_DD}",  # 1923-06-02
        rf"(?<![\d.])(?P<year>1[5-9]\d\d|20\d\d){_MM}{_DD}(?!\.\d)",  # 19230602
        r"(?<!\d)(?P<year>1[1-9]\d\d|20\d\d)\s?[年년]\s?(?:(?P<month>1[0-2]|0?[1-9])\s?[月월]\s?"
        r"(?:(?P<day>[12]\d|3[01]|0?[1-9])\s?[日일])?)?",
        rf"{_DAY}{_OF}{_MONTH}{_OF}{_YEAR}",  # 2 June 1923, 13-Jun-2000, 2 de junio de 1923
        rf"(?<![^\W\d_]){_MONTH}[\s_-]{{0,2}}{_DAY}(?:\s?,\s?|\s|_|-){_YEAR}",  # June 2, 1923
        rf"(?<![^\W\d_]){_MONTH}{_OF}{_YEAR}",  # June 1923
        rf"(?<![\d.])(?P<day>0?[1-9]|[12]\d|3[01])\.\s?(?P<month>0?[1-9]|1[0-2])\.\s?{_YEAR}",  # 2.6.1923
        rf"(?<!\d)(?P<one>0?[1-9]|[12]\d|3[01])(?P<sign>[-/])(?P<other>0?[1-9]|[12]\d|3[01])(?P=sign){_YEAR}",
        r"(?<!\d)(?P<year>1[1-9]\d\d|20\d\d)[-/–](?P<short>\d\d)(?![\d])(?![-/–]\d)",  # 1923-06, 1922-23
        rf"(?<![\da-z£$€¥#])(?<!\d[.,]){_YEAR}(?![.,]\d)",  # 1923
    )
)
"""In the order in which they are tried: text that one pattern has matched is hidden from the next ones."""
_JOINT = re.compile(r"\s*(?:[-–—/‒~～至から]{1,2}|(?<=\s)[^\W\d_]{1,3}(?=\s))\s*")
"""What may separate the two ends of a range: a dash, or one short word (to, bis, au, al, и, and)."""
_MONTH_BEFORE = re.compile(rf"(?<![^\W\d_]){_MONTH}\s*(?:[-–—/]|\s[^\W\d_]{{1,3}}\s)\s*$", re.IGNORECASE)
_HAN_YEAR = re.compile(r"[〇零一二三四五六七八九]{4}(?=年)")
_YEAR_SOMEWHERE = re.compile(r"\d{4}|[〇零一二三四五六七八九]{4}年")
_HAN_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_FIRST, _LAST = "-01-01", "-12-31"
_DAY_OR_LESS = r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
_ISO = re.compile(rf"{_DAY_OR_LESS}(?:/{_DAY_OR_LESS})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date and its position in the text, [start, end)."""

    start: int
    end: int
    iso: str


def dates(text: str) -> list[DateSpan]:
    """The dates and ranges of dates in a text, in the order of the text."""
    if _YEAR_SOMEWHERE.search(text) is None:
        return []
    plain = folded(text)
    text = plain.text
    if not text.isascii():
        text = _HAN_YEAR.sub(lambda found: found[0].translate(_HAN_DIGITS), text)
    found: list[DateSpan] = []
    rest = text
    for pattern in _PATTERNS:
        for match in pattern.finditer(rest):
            iso = _iso(match)
            if iso:
                found.append(DateSpan(match.start(), match.end(), iso))
                rest = rest[: match.start()] + "\x00" * len(match[0]) + rest[match.end() :]
    return [
        DateSpan(*plain.span(date.start, date.end), date.iso)
        for date in _joined(text, sorted(found, key=lambda date: date.start))
    ]


def is_iso(text: str) -> bool:
    """True for a date, its year or month alone, or a range, in the form that `dates` returns."""
    return _ISO.fullmatch(text) is not None


def bounds(iso: str) -> tuple[int, int]:
    """The first and last day of a date or range, as numbers such as 19230602 that can be compared."""
    first, _, last = iso.partition("/")
    return _day(first, _FIRST), _day(last or first, _LAST)


def spanning(isos: Iterable[str]) -> str:
    """The shortest date or range that contains all of these; empty if there are none."""
    parts = [part for iso in isos for part in iso.split("/")]
    if not parts:
        return ""
    first = min(parts, key=lambda part: (_day(part, _FIRST), -len(part)))
    last = max(parts, key=lambda part: (_day(part, _LAST), len(part)))
    return first if bounds(first) == (_day(first, _FIRST), _day(last, _LAST)) else f"{first}/{last}"


def _day(iso: str, missing: str) -> int:
    return int((iso + missing[len(iso) - 4 :]).replace("-", ""))


def _iso(match: re.Match[str]) -> str:
    said = match.groupdict()
    year = match["year"]
    if said.get("short"):
        return _year_and_more(year, int(said["short"]))
    if said.get("one"):
        one, other = int(said["one"]), int(said["other"])
        if one > 12 >= other or one == other <= 12:
            return f"{year}-{other:02}-{one:02}"
        return f"{year}-{one:02}-{other:02}" if other > 12 >= one else year if max(one, other) <= 12 else ""
    month, day = said.get("month"), said.get("day")
    if not month:
        return year
    number = int(month) if month.isdigit() else NUMBERS.get(month.casefold(), 0)
    if not number:
        return ""
    return f"{year}-{number:02}-{int(day):02}" if day else f"{year}-{number:02}"


def _year_and_more(year: str, short: int) -> str:
    """The range or month that a year and two digits mean: 1922-23 and 2001-02 are two years, 1923-06 is a month."""
    following = (int(year) + 1) % 100
    if short == following or (short > 12 and short > int(year[2:])):
        return f"{year}/{year[:2]}{short:02}" if short else ""
    return f"{year}-{short:02}" if 1 <= short <= 12 else ""


def _joined(text: str, found: list[DateSpan]) -> list[DateSpan]:
    """Make ranges of two dates with a joint between them, and of a month before a date: "May to June 1923"."""
    joined: list[DateSpan] = []
    for date in found:
        last = joined[-1] if joined else None
        if last and "/" not in last.iso + date.iso and _is_range(text[last.end : date.start], last.iso, date.iso):
            joined[-1] = DateSpan(last.start, date.end, f"{last.iso}/{date.iso}")
            continue
        before = _MONTH_BEFORE.search(text, last.end if last else 0, date.start) if len(date.iso) == 7 else None
        if before:
            first = f"{date.iso[:4]}-{NUMBERS.get(before['month'].casefold(), 0):02}"
            if "-00" not in first and first < date.iso:
                date = DateSpan(before.start(), date.end, f"{first}/{date.iso}")
        joined.append(date)
    return joined


def _is_range(between: str, first: str, last: str) -> bool:
    return _day(first, _FIRST) < _day(last, _LAST) and first != last and _JOINT.fullmatch(between) is not None
