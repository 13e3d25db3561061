"""Filters: `{"source": "letters/*.md", "level": 0, "author": "Venn", "date": {"$gte": "1922", "$lt": "1924-06"}}`.

The operators are those of Chroma and MongoDB: $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin. All that is said has to hold.

- `source` and `document_id` are globs, `level` is a number.
- `date` is the document's `date`, else when it was `created`, else `modified`, as its file says.
- Every other key is the document's metadata. What a document does not say is equal to nothing.
- A date may be said as a year, a month, a day or a `datetime.date`, and is compared as exactly as it is said: "$lte":
  "1922" takes in the last of December. A number that stands in the metadata as text is compared as a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import translate
from functools import lru_cache
from typing import Any

from ..errors import QueryError
from ..types import Node, Scalar, Where
from .base import Accept

_GLOBS = ("source", "document_id")
_DATES = ("date", "created", "modified")
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda value, wanted: value > wanted,
    "$gte": lambda value, wanted: value >= wanted,
    "$lt": lambda value, wanted: value < wanted,
    "$lte": lambda value, wanted: value <= wanted,
}
OPERATORS = ("$eq", "$ne", *_ORDERS, "$in", "$nin")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:[T ].*)?)?)?")
_WRITTEN = re.compile(r"\s*([^=<>!]+?)\s*(>=|<=|!=|=|>|<)\s*(.*?)\s*")
_SIGNS = {"=": "$eq", "!=": "$ne", ">": "$gt", ">=": "$gte", "<": "$lt", "<=": "$lte"}


@dataclass(frozen=True, slots=True)
class Condition:
    """What the value of one key has to be. `wanted` has one value, or those of $in and $nin; dates are text."""

    key: str
    operator: str
    wanted: tuple[Scalar, ...]

    def holds(self, value: Scalar | None) -> bool:
        """True where a value, or None where there is none, is as it is wanted."""
        if self.operator in _ORDERS:
            pair = _comparable(value, self.wanted[0])
            return pair is not None and _ORDERS[self.operator](*pair)
        found = value is not None and any(self._equal(value, wanted) for wanted in self.wanted)
        return found == (self.operator in ("$eq", "$in"))

    def holds_each(self, values: Sequence[Scalar | None]) -> list[bool]:
        """For each of many values whether it is as wanted."""
        if self.key in _GLOBS and self.operator == "$eq":  # the only one that is slow: every document has its own
            match = _glob(str(self.wanted[0]))
            return [match(str(value)) is not None for value in values]
        return [self.holds(value) for value in values]

    def _equal(self, value: Scalar, wanted: Scalar) -> bool:
        if self.key in _GLOBS:
            return _glob(str(wanted))(str(value)) is not None
        if self.key in _DATES:
            pair = _comparable(value, wanted)
            return pair is not None and pair[0] == pair[1]
        return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


@lru_cache(maxsize=256)
def _glob(text: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(translate(text)).match


def conditions(where: Where | None) -> tuple[Condition, ...]:
    """The conditions of a filter. Raises QueryError, which names the key and its value, for one that cannot be used."""
    found: list[Condition] = []
    for key, said in (where or {}).items():
        if key.startswith("$"):
            raise QueryError(f"where has {key!r}, which ragtree does not know: name a key, all keys have to hold")
        for operator, wanted in said.items() if isinstance(said, Mapping) else [("$eq", said)]:
            if operator not in OPERATORS:
                raise QueryError(f"where[{key!r}] has {operator!r}; the operators are {', '.join(OPERATORS)}")
            found.append(Condition(key, operator, _checked(key, operator, wanted)))
    return tuple(found)


def _checked(key: str, operator: str, said: object) -> tuple[Scalar, ...]:
    many = operator in ("$in", "$nin")
    values: list[Any] = list(said) if many and isinstance(said, Sequence) and not isinstance(said, str) else [said]
    if many and values == [said]:
        raise QueryError(f"where[{key!r}] is {said!r}; {operator} wants a list")
    for value in values:
        wrong = ""
        if not isinstance(value, (str, int, float, bool, date)):
            wrong = "text, a number, true or false, or a date"
        elif key in _GLOBS and (not isinstance(value, str) or operator in _ORDERS):
            wrong = "a glob such as 'letters/*.md'"
        elif key == "level" and (not isinstance(value, int) or isinstance(value, bool)):
            wrong = "a number, 0 for chunks"
        elif key in _DATES and not isinstance(value, date) and not _DATE.fullmatch(str(value)):
            wrong = "a date such as '1922', '1922-11' or '1922-11-30'"
        elif operator in _ORDERS and isinstance(value, bool):
            wrong = "text, a number or a date, which can be more or less"
        if wrong:
            raise QueryError(f"where[{key!r}] is {value!r}; wanted is {wrong}")
    return tuple(value.isoformat() if isinstance(value, date) else value for value in values)


def _comparable(value: Scalar | None, wanted: Scalar) -> tuple[Any, Any] | None:
    """Both as numbers, as text, or as dates as exact as the wanted one; None where they cannot be compared."""
    if value is None or isinstance(value, bool) or isinstance(wanted, bool):
        return None
    text, said = str(value), str(wanted)
    if _DATE.fullmatch(text) and _DATE.fullmatch(said) and ("-" in text or "-" in said):
        length = min(len(said), len(text))
        return text[:length], said[:length]
    numbers = [_number(value), _number(wanted)]
    if None not in numbers:
        return numbers[0], numbers[1]
    return (value, wanted) if isinstance(value, str) and isinstance(wanted, str) else None


def _number(value: Scalar) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def written(texts: Sequence[str]) -> Where:
    """The filter that people write as `author=Venn`, `date>=1922`, `source!=drafts/*`; raises QueryError.

    What reads as a number is one, unless the key takes text.
    """
    found: dict[str, dict[str, Scalar]] = {}
    for text in texts:
        match = _WRITTEN.fullmatch(text)
        if match is None or not match[3]:
            raise QueryError(f"the filter {text!r} says nothing; write KEY=VALUE, or with != > >= < <=")
        key, operator, value = match[1], _SIGNS[match[2]], match[3]
        if operator in found.setdefault(key, {}):
            raise QueryError(f"the filter {text!r} is the second of its kind for {key!r}; one has to do")
        found[key][operator] = value if key in (*_GLOBS, *_DATES) else _scalar(value)
    return found


def _scalar(text: str) -> Scalar:
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d*\.\d+", text) else text


def value_of(key: str, document_id: str, source: str, metadata: Mapping[str, Scalar]) -> Scalar | None:
    """What a filter's key means for a document; None where it does not say."""
    if key in _GLOBS:
        return source if key == "source" else document_id
    if key == "date":
        said = (str(metadata.get(name, "")) for name in _DATES)
        return next((text for text in said if _DATE.fullmatch(text)), None)
    return metadata.get(key)


def make_filter(where: Where | None, leaves_of: Callable[[Sequence[str]], list[Node]]) -> Accept | None:
    """A test for nodes; None where every node passes.

    A summary passes where all leaves that its claims rest on pass, so that nothing from outside gets in through it.
    """
    asked = conditions(where)
    if not asked:
        return None
    of_levels = [one for one in asked if one.key == "level"]
    of_documents = [one for one in asked if one.key != "level"]

    def passes(leaf: Node) -> bool:
        return all(one.holds(value_of(one.key, leaf.document_id, leaf.source, leaf.metadata)) for one in of_documents)

    def accept(node: Node) -> bool:
        if not all(one.holds(node.level) for one in of_levels):
            return False
        if not of_documents or node.level == 0:
            return passes(node)
        leaves = leaves_of(sorted({item.leaf for claim in node.claims for item in claim.evidence}))
        return bool(leaves) and all(map(passes, leaves))

    return accept
