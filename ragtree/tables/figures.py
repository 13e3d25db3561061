"""The numbers of a column, as people write them: £1,234.50, 12 %, (300), 1.234,56.

What can be read in two ways does not count as a number: a wrong sum is worse than none.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

_NUMBER = re.compile(
    r"(?P<sign>[-+−–(]?)\s?(?P<before>[^\d\s.,()+−–-]{0,4}\s?)(?P<inner>[-−–]?)"
    r"(?P<digits>\d{1,3}(?:['’ ]\d{3})+(?:[.,]\d+)?|\d[\d.,]*|[.,]\d+)(?P<after>[^\d]{0,12})"
)
_NONE = re.compile(r"[\W_]*|n/?a|nan|null", re.IGNORECASE)
"""Cells that say that there is no number, as people and programs write it."""
_IDENTIFIER = re.compile(r"0\d")
"""The beginning of digits that are not a number but an identifier or a date."""
_CODE = re.compile(r"[A-Z]{3} ")
"""A currency, as in EUR 5."""
_UNIT_SIGNS = "%‰°/²³. "
_LONGEST = 40
"""Most characters of a cell that may be a number."""
_MOST_DIGITS = 15
"""Most digits of a number; longer ones are identifiers."""
_PRECISION = 60
_NO_NUMBER = "text"
_LEAST = 0.8
"""Least share of the cells of a column that have to be numbers."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a column, and how they are written there."""

    values: tuple[Decimal | None, ...]
    """By row; None if a row has none."""
    before: str
    after: str
    decimal: str
    """The sign before the fraction."""
    grouped: str
    """The sign between thousands; empty if there is none."""
    places: int
    """Most digits of a fraction."""

    @property
    def are_years(self) -> bool:
        """True if all look like years, which are names of rows."""
        return all(
            value is None or (value == value.to_integral_value() and 1000 <= value <= 2100) for value in self.values
        )

    def written(self, value: Decimal, more: int = 0) -> str:
        """A number as this column writes it, with at most `more` digits more in its fraction."""
        with localcontext(prec=_PRECISION):
            rounded = round(value, self.places + more)
            text = f"{abs(rounded):{',' if self.grouped else ''}.{self.places + more}f}"
        whole, _, fraction = text.partition(".")
        fraction = fraction[: self.places] + fraction[self.places :].rstrip("0")
        text = whole.replace(",", self.grouped) + (self.decimal + fraction if fraction else "")
        return ("-" if rounded < 0 else "") + self.before + text + self.after


def total_of(values: Sequence[Decimal]) -> Decimal:
    """The exact sum."""
    with localcontext(prec=_PRECISION):
        return sum(values, Decimal(0))


def figures_of(texts: Sequence[str]) -> Figures | None:
    """The numbers of a column's cells ("" for an empty one); None if they are not surely numbers of one unit."""
    texts = [" ".join(text.split()) if len(text) <= _LONGEST else _NO_NUMBER for text in texts]
    said = [text for text in texts if text and not _NONE.fullmatch(text)]
    found = [_number(text) if text and not _NONE.fullmatch(text) else None for text in texts]
    numbers = [match for match in found if match is not None]
    if not numbers or len(numbers) < _LEAST * len(said):
        return None
    if any(match is None and any(map(str.isdigit, text)) for text, match in zip(texts, found, strict=True)):
        return None  # "2 x 500" among numbers
    units = (
        _unit_of([match["before"].strip() for match in numbers]),
        _unit_of([_after(match).strip() for match in numbers]),
    )
    signs = _signs([match["digits"] for match in numbers])
    if None in units or signs is None:
        return None
    decimal, grouped = signs
    values = [None if match is None else _value(match, decimal) for match in found]
    if any(value is None for value, match in zip(values, found, strict=True) if match is not None):
        return None
    places = max(
        len(digits.rpartition(decimal)[2]) if decimal in digits else 0 for digits in (m["digits"] for m in numbers)
    )
    ends = Counter(_after(match) for match in numbers if _after(match).strip())
    begins = Counter(match["before"] for match in numbers if match["before"].strip())
    return Figures(
        tuple(values),
        max(begins, key=lambda one: begins[one], default=""),
        max(ends, key=lambda one: ends[one], default=""),
        decimal,
        grouped,
        places,
    )


def _number(text: str) -> re.Match[str] | None:
    match = _NUMBER.fullmatch(text)
    if match is None or _IDENTIFIER.match(match["digits"]) or sum(map(str.isdigit, match["digits"])) > _MOST_DIGITS:
        return None
    before, after = match["before"], _after(match)
    is_currency = all(unicodedata.category(sign) == "Sc" for sign in before.strip())
    if not is_currency and _CODE.fullmatch(before) is None:
        return None  # A1, No. 5, <5
    brackets = (match["sign"] == "(") == match["after"].rstrip().endswith(")")
    is_unit = all(sign.isalpha() or sign in _UNIT_SIGNS or unicodedata.category(sign) == "Sc" for sign in after)
    return match if brackets and is_unit else None


def _after(match: re.Match[str]) -> str:
    return match["after"].rstrip(") ")


def _unit_of(written: Sequence[str]) -> str | None:
    """The unit of all numbers; None if they differ. A currency sign or % may be omitted, but not a k or million."""
    units = set(written)
    if len(units - {""}) > 1 or ("" in units and any(one.isalpha() for one in units)):
        return None
    return next(iter(units - {""}), "")


def _signs(written: Sequence[str]) -> tuple[str, str] | None:
    """The sign before fractions and the one between thousands, from all numbers of a column; None if they can be read
    in two ways."""
    space = next((sign for sign in "'’ " if any(sign in text for text in written)), "")
    kinds: dict[str, set[str]] = {".": set(), ",": set()}
    for text in written:
        bare = text.replace(space, "") if space else text
        for sign, other in ((".", ","), (",", ".")):
            if sign not in bare:
                continue
            whole, _, end = bare.rpartition(sign)
            if other in whole:
                kinds[sign].add("fraction")
            elif other in end or bare.count(sign) > 1:
                kinds[sign].add("thousands")
            elif len(end) != 3 or not whole or whole.startswith("0") or space:
                kinds[sign].add("fraction")
            else:
                kinds[sign].add("either")
    meant = {sign: (found - {"either"}) or found for sign, found in kinds.items()}
    if any(len(found) > 1 for found in meant.values()):
        return None
    point, comma = (next(iter(meant[sign]), "") for sign in (".", ","))
    if point == "either" and comma != "thousands":  # 1.234 is another number in German
        if comma != "fraction":
            return None
        point = "thousands"
    if comma == "either":
        comma = "thousands" if point != "thousands" else "fraction"
    if point == comma and point:
        return None
    point = "fraction" if point == "either" else point
    if comma == "fraction" or point == "thousands":
        return ",", "." if point == "thousands" else space
    return ".", "," if comma == "thousands" else space


def _value(match: re.Match[str], decimal: str) -> Decimal | None:
    digits = re.sub(r"['’ ]", "", match["digits"])
    digits = digits.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    try:
        value = Decimal(digits)
    except ArithmeticError:
        return None
    return -value if match["sign"] in ("-", "−", "–", "(") or match["inner"] else value
