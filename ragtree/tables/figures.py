"""The numbers of a column, as people write them: £1,234.50, 12 %, (300), 1.234,56."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = re.compile(
    r"(?P<before>[^\d+−(-]{0,6}?)\s*(?P<sign>[-+−(]?)\s*(?P<before2>[^\d\s.,-]{0,4})\s*"
    r"(?P<digits>\d{1,3}(?:['’\u00a0\u202f ]\d{3})+(?:[.,]\d+)?|\d[\d.,]*|[.,]\d+)(?P<after>[^\d]{0,12})"
)
_NONE = re.compile(r"[-–—.?/\s]*|n\.?\s?/?a\.?|none|nil|null|nan|unknown", re.IGNORECASE)
"""Cells that say that there is no number."""
_LONGEST = 40
"""Characters of a cell that may be a number."""
_NO_NUMBER = "text"
_LEAST = 0.8
"""Share of the cells of a column that have to be numbers."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a column, and how they are written there."""

    values: tuple[Decimal | None, ...]
    """By row; None where there is none."""
    before: str
    after: str
    decimal: str
    """The sign before the fraction."""
    grouped: str
    """The sign between thousands; empty where there is none."""
    places: int
    """Most digits of a fraction."""

    def written(self, value: Decimal, more: int = 0) -> str:
        """A number as this column writes it, with at most so many digits more in its fraction."""
        rounded = round(value, self.places + more)
        text = f"{abs(rounded):{',' if self.grouped else ''}.{self.places + more}f}"
        whole, _, fraction = text.partition(".")
        fraction = fraction[: self.places] + fraction[self.places :].rstrip("0")
        text = whole.replace(",", self.grouped) + (self.decimal + fraction if fraction else "")
        return ("-" if rounded < 0 else "") + self.before + text + self.after


def figures_of(texts: Sequence[str]) -> Figures | None:
    """The numbers of a column's cells ("" for an empty one); None if they are not numbers of one unit."""
    texts = [" ".join(text.split()) if len(text) <= _LONGEST else _NO_NUMBER for text in texts]
    found = [_NUMBER.fullmatch(text) if text and not _NONE.fullmatch(text) else None for text in texts]
    said = sum(bool(text) and not _NONE.fullmatch(text) for text in texts)
    numbers = [match for match in found if match is not None]
    if not numbers or len(numbers) < _LEAST * said:
        return None
    before = Counter((match["before"] + match["before2"]).strip() for match in numbers)
    after = Counter(_unit(match) for match in numbers)
    if len(before.keys() - {""}) > 1 or len(after.keys() - {""}) > 1:
        return None  # £ and $, or m and km
    decimal, grouped = _signs([match["digits"].strip() for match in numbers])
    values = [None if match is None else _value(match, decimal) for match in found]
    if any(value is None for value, match in zip(values, found, strict=True) if match is not None):
        return None
    places = max(
        len(match["digits"].strip().rpartition(decimal)[2]) if decimal in match["digits"] else 0 for match in numbers
    )
    ends = Counter(match["after"].rstrip(") ") for match in numbers if _unit(match))
    return Figures(
        tuple(values),
        max(before, key=lambda one: (one != "", before[one])),
        max(ends, key=lambda one: ends[one], default=""),
        decimal,
        grouped,
        places,
    )


def _unit(match: re.Match[str]) -> str:
    return match["after"].strip().rstrip(")").strip()


def _signs(written: Sequence[str]) -> tuple[str, str]:
    """The sign before fractions and the one between thousands, from all numbers of a column."""
    both = [text for text in written if "." in text and "," in text]
    if both:
        decimal = max(".,", key=lambda sign: both[0].rfind(sign))
        return decimal, "," if decimal == "." else "."
    grouped = next((sign for sign in "'’\u00a0\u202f " if any(sign in text.strip() for text in written)), "")
    for sign, other in ((",", "."), (".", ",")):
        having = [text for text in written if sign in text]
        if having and all(re.fullmatch(rf"\d{{1,3}}(?:{re.escape(sign)}\d{{3}})+", text) for text in having):
            if sign == "," or any(text.count(sign) > 1 for text in having):
                return other, sign
        elif having:
            return sign, grouped
    return ".", grouped


def _value(match: re.Match[str], decimal: str) -> Decimal | None:
    digits = re.sub(r"['’\u00a0\u202f ]", "", match["digits"])
    digits = digits.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    try:
        value = Decimal(digits)
    except ArithmeticError:
        return None
    return -value if match["sign"] in ("-", "−", "(") else value
