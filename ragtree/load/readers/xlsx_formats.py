"""Number formats of a workbook: a stored number -> the text that a person sees in the cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .markup import attribute, child, children
from .sheet_rows import number_text

_BUILT_IN = {
    9: "0%", 10: "0.00%", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    22: "m/d/yy h:mm", **dict.fromkeys((*range(14, 18), *range(27, 37), *range(50, 59)), "yyyy-mm-dd"),
}  # fmt: skip
"""Formats that every program knows by number (ECMA-376, 18.8.30). With the others, the number is the text."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[(?P<bracket>[^\]]*)\]|[_*].|(?P<digits>[0#?][0#?.,/ ]*)|(?P<other>.)',
    re.DOTALL,
)
_CURRENCY = re.compile(r"\$([^-]*)(?:-.*)?")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_SCALED = re.compile(r"[0#?],+\s*\Z")
"""A format that shows thousands or millions."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a cell shows its number."""

    kind: str = ""
    """"date", "time", "elapsed", "percent", or nothing for a plain number."""
    before: str = ""
    after: str = ""
    """What the format writes around the number, such as a currency or a unit."""

    def shown(self, value: str, epoch: datetime) -> str:
        """The number as text; what is not a valid date stays a number."""
        if self.kind in ("date", "time", "elapsed"):
            return _moment(value, epoch, self.kind)
        text = _percent(value) if self.kind == "percent" else number_text(value)
        return f"{self.before}{text}{self.after}"


def read_formats(root: Any) -> list[NumberFormat]:
    """The format of each style of a workbook's styles part."""
    own = {
        attribute(form, "numFmtId"): attribute(form, "formatCode")
        for form in children(child(root, "numFmts"), "numFmt")
    }
    styles = (attribute(style, "numFmtId") for style in children(child(root, "cellXfs"), "xf"))
    return [number_format(_code(number, own)) for number in styles]


def _code(number: str, own: Mapping[str, str]) -> str:
    return own.get(number) or _BUILT_IN.get(int(number) if number.isdecimal() else 0, "")


def number_format(code: str) -> NumberFormat:
    """The format that a format code has for positive numbers."""
    section = _sections(code)[0]
    letters, before, after, digits, elapsed = "", "", "", "", False
    for token in _TOKEN.finditer(section):
        said = token["quoted"] or token["escaped"] or ""
        if token["bracket"] is not None:
            elapsed = elapsed or bool(_ELAPSED.fullmatch(token["bracket"]))
            currency = _CURRENCY.fullmatch(token["bracket"])
            said = currency[1] if currency else ""
        elif token["digits"]:
            digits += token["digits"]
        elif token["other"]:
            letters += token["other"].lower()
            said = token["other"] if token["other"] in "$€£¥+()" or token["other"].isspace() else ""
        if digits:
            after += said
        else:
            before += said
    if "general" in letters or not section:
        return NumberFormat()
    if "%" in letters:
        return NumberFormat("percent")
    if elapsed:
        return NumberFormat("elapsed")
    if re.search("[ydhsm]", letters):
        of_day = re.search("[yd]", letters) is None and re.search("[hs]", letters) is not None
        return NumberFormat("time" if of_day else "date")
    if not digits or _SCALED.search(digits) or "e" in letters:
        return NumberFormat()
    return NumberFormat("", before.replace("(", "").lstrip(), after.replace(")", "").rstrip())


def _sections(code: str) -> list[str]:
    """The parts of a format, for positive numbers, negative ones, and so on."""
    return re.findall(r'(?:"[^"]*"|\\.|[^;"\\])+', code.strip()) or [""]


def _moment(value: str, epoch: datetime, kind: str) -> str:
    """A number of days as a date (with the time if it has one), a time of day, or a duration in hours."""
    try:
        seconds = round(float(value) * 86400)
        if kind == "elapsed":
            minutes, rest = divmod(abs(seconds), 60)
            sign = "-" if seconds < 0 else ""
            return f"{sign}{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
        moment = epoch + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return value
    if kind == "time" or 0 <= float(value) < 1:
        return f"{moment:%H:%M:%S}".removesuffix(":00")
    return f"{moment:%Y-%m-%d}" if moment.time() == datetime.min.time() else f"{moment:%Y-%m-%d %H:%M}"


def _percent(value: str) -> str:
    try:
        return f"{float(value) * 100:.10g}%"
    except ValueError:
        return value
