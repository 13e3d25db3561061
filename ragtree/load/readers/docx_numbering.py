"""The numbers that Word puts before headings and list items. They are not in the file, so they are counted here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .markup import attribute, child, children

_ROMAN = tuple(
    zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "m cm d cd c xc l xl x ix v iv i".split(), strict=True)
)


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    pattern: str
    start: int


@dataclass(slots=True)
class Numbering:
    """The lists of a document, and how far each of them has been counted."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    """By the id of a list's definition, the levels."""
    lists: dict[str, str] = field(default_factory=dict)
    """A list's id -> the id of its definition."""
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def label(self, number: str, level: int) -> str:
        """Count the next item of a list and return its label: "2.1", "(a)", "-" for a bullet, or empty for none."""
        definition = self.lists.get(number, "")
        known = self.levels.get(definition, {})
        if level not in known:
            return ""
        if known[level].form == "bullet":
            return "-"
        counts = self.counts.setdefault(definition, {})
        counts[level] = counts.get(level, known[level].start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        if known[level].form == "none":
            return ""

        def counted(found: re.Match[str]) -> str:
            step = int(found.group(1)) - 1
            of = known.get(step)
            return "" if of is None else _written(counts.setdefault(step, of.start), of.form)

        return re.sub(r"%([1-9])", counted, known[level].pattern).strip()


def read_numbering(root: Any) -> Numbering:
    """The lists that numbering.xml defines; none if there is no such part."""
    numbering = Numbering()
    if root is None:
        return numbering
    for definition in children(root, "abstractNum"):
        levels = {_number(level, "ilvl"): _level(level) for level in children(definition, "lvl")}
        numbering.levels[attribute(definition, "abstractNumId")] = levels
    for listed in children(root, "num"):
        definition = _value(listed, "abstractNumId")
        number = attribute(listed, "numId")
        restarts = {
            _number(change, "ilvl"): int(_value(change, "startOverride"))
            for change in children(listed, "lvlOverride")
            if _value(change, "startOverride").isdecimal()
        }
        if restarts:  # a list of that definition with its own count
            levels = numbering.levels.get(definition, {})
            own = {at: _Level(level.form, level.pattern, restarts.get(at, level.start)) for at, level in levels.items()}
            definition = f"{definition} in {number}"
            numbering.levels[definition] = own
        numbering.lists[number] = definition
    return numbering


def _level(element: Any) -> _Level:
    start = _value(element, "start")
    return _Level(
        form=_value(element, "numFmt") or "decimal",
        pattern=_value(element, "lvlText"),
        start=int(start) if start.isdecimal() else 1,
    )


def _value(element: Any, wanted: str) -> str:
    found = child(element, wanted)
    return "" if found is None else attribute(found, "val")


def _number(element: Any, wanted: str) -> int:
    value = attribute(element, wanted)
    return int(value) if value.isdecimal() else 0


def _written(number: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if 0 < number < 1000 else str(number)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        roman = ""
        for value, sign in _ROMAN:
            roman += sign * (number // value)
            number %= value
        return roman.upper() if form == "upperRoman" else roman
    return f"{number:02d}" if form == "decimalZero" else str(number)
