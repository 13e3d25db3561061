"""Filters: `{"source": "letters/*.md", "level": 0, "author": "Venn", "date": {"$gte": "1922", "$lt": "1924-06"}}`.

The operators are those of Chroma and MongoDB: $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin. All conditions have to hold.

- `source` and `document_id` take the name of a document or a glob. A value that equals a document's name means that
  document, even if it contains glob characters; any other value is a glob. The values of $glob are always globs.
  `level` is a number.
- `date` is the document's `date`, else `created`, else `modified`, as its file says.
- Every other key is looked up in the document's metadata. A missing value equals nothing; a list matches if any of its
  values does. Text is compared after folding (`ragtree.folding`).
- A date may be a year, a month, a day or a `datetime.date`, and is compared at that precision: "$lte": "1922" includes
  31 December. A number that the metadata holds as text is compared as a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import Any

from ..errors import QueryError
from ..metadata import Fact, Scalar, plain_scalar, shown
from ..text.folding import fold
from ..types import Node, Where
from .base import Accept

_GLOBS = ("source", "document_id")
_DATES = ("date", "created", "modified")
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda value, wanted: value > wanted,
    "$gte": lambda value, wanted: value >= wanted,
    "$lt": lambda value, wanted: value < wanted,
    "$lte": lambda value, wanted: value <= wanted,
}
OPERATORS = ("$eq", "$ne", *_ORDERS, "$in", "$nin", "$glob")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:[T ].*)?)?)?")
_WRITTEN = re.compile(r"\s*([^=<>!]+?)\s*(>=|<=|!=|=|>|<)(.*)", re.DOTALL)
_SIGNS = {"=": "$eq", "!=": "$ne", ">": "$gt", ">=": "$gte", "<": "$lt", "<=": "$lte"}


@dataclass(frozen=True, slots=True)
class FilterCondition:
    """A condition on the value of one key. `wanted` holds one value, or several for $in and $nin; dates are text."""

    key: str
    operator: str
    wanted: tuple[Scalar, ...]

    def holds(self, value: Fact | None) -> bool:
        """True if the value meets the condition. Of several values one is enough; $ne and $nin have to hold for all.
        None means that there is no value.

        For names of documents use `holds_each`, which knows all of them.
        """
        if self.key in _GLOBS:
            return self.holds_each([value])[0]
        values = () if value is None else value if isinstance(value, tuple) else (value,)
        if self.operator in _ORDERS:
            pairs = (_comparable(one, self.wanted[0]) for one in values)
            return any(pair is not None and _ORDERS[self.operator](*pair) for pair in pairs)
        found = any(self._equal(one, wanted) for one in values for wanted in self.wanted)
        return found == self._is_positive

    def holds_each(self, values: Sequence[Fact | None]) -> list[bool]:
        """Which of the values meet the condition. `values` are all values of the key."""
        if self.key not in _GLOBS:
            return [self.holds(value) for value in values]
        names = [str(value) for value in values]
        of = _matching if self.operator == "$glob" else _meant
        meant = frozenset[str]().union(*(of(str(wanted), names) for wanted in self.wanted))
        return [(name in meant) == self._is_positive for name in names]

    @property
    def _is_positive(self) -> bool:
        return self.operator in ("$eq", "$in", "$glob")

    def _equal(self, value: Scalar, wanted: Scalar) -> bool:
        if self.key in _DATES:
            pair = _comparable(value, wanted)
            return pair is not None and pair[0] == pair[1]
        if isinstance(value, str) and isinstance(wanted, str):
            return value == wanted or fold(value) == fold(wanted)
        return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _meant(wanted: str, names: Sequence[str]) -> frozenset[str]:
    """The names that a filter's value matches: the equal one; else those equal when folded; else those of its glob."""
    if wanted in names:
        return frozenset([wanted])
    plain = _folded_name(wanted)
    same = frozenset(name for name in names if _folded_name(name) == plain)
    if same:
        return same
    return _matching(wanted, names)


def _matching(glob: str, names: Sequence[str]) -> frozenset[str]:
    match = _glob(_folded_name(glob))
    return frozenset(name for name in names if match(_folded_name(name)) is not None)


def _folded_name(name: str) -> str:
    return " ".join(fold(name).split(" ")).strip()


@lru_cache(maxsize=256)
def _glob(text: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(translate(text)).match


def conditions(where: Where | None) -> tuple[FilterCondition, ...]:
    """The conditions of a filter. Raises QueryError, which names the key and its value, for one that cannot be used."""
    found: list[FilterCondition] = []
    for key, said in (where or {}).items():
        if key.startswith("$"):
            raise QueryError(f"where has {key!r}, which ragtree does not know: name a key, all keys have to hold")
        for operator, wanted in said.items() if isinstance(said, Mapping) else [("$eq", said)]:
            if operator not in OPERATORS:
                raise QueryError(f"where[{key!r}] has {operator!r}; the operators are {', '.join(OPERATORS)}")
            found.append(FilterCondition(key, operator, _checked(key, operator, wanted)))
    return tuple(found)


def _checked(key: str, operator: str, said: object) -> tuple[Scalar, ...]:
    many = operator in ("$in", "$nin", "$glob")
    if many and (isinstance(said, str) or not isinstance(said, Collection)):
        raise QueryError(f"where[{key!r}] is {shown(said)}; {operator} needs a list")
    values = [_plain(key, value) for value in said] if many and isinstance(said, Collection) else [_plain(key, said)]
    for value in values:
        wrong = ""
        if value is None:
            wrong = "text, a number, true or false, or a date"
        elif key in _GLOBS and (not isinstance(value, str) or operator in _ORDERS):
            wrong = "a glob such as 'letters/*.md'"
        elif operator == "$glob" and key not in _GLOBS:
            wrong = f"another operator: $glob is for {' and '.join(_GLOBS)}"
        elif key == "level" and (not isinstance(value, int) or isinstance(value, bool)):
            wrong = "a number, 0 for chunks"
        elif key in _DATES and not _DATE.fullmatch(str(value)):
            wrong = "a date such as '1922', '1922-11' or '1922-11-30'"
        elif operator in _ORDERS and isinstance(value, bool):
            wrong = "text, a number or a date, which can be more or less"
        if wrong:
            raise QueryError(f"where[{key!r}] is {shown(value)}; wanted is {wrong}")
    return tuple(value for value in values if value is not None)


def _plain(key: str, value: object) -> Scalar | None:
    """A value in the form in which metadata is stored. Raises QueryError for one that no document can have."""
    try:
        return plain_scalar(value)
    except ValueError as error:
        raise QueryError(
            f"where[{key!r}] is {shown(value)}; wanted is text, a number, true or false, or a date"
        ) from error


def _comparable(value: Scalar | None, wanted: Scalar) -> tuple[Any, Any] | None:
    """Both as dates cut to the same precision, as numbers, or as text; None if they cannot be compared."""
    if value is None or isinstance(value, bool) or isinstance(wanted, bool):
        return None
    text, said = str(value), str(wanted)
    if _DATE.fullmatch(text) and _DATE.fullmatch(said) and ("-" in text or "-" in said):
        length = min(len(said), len(text))
        return text[:length].replace(" ", "T"), said[:length].replace(" ", "T")
    one, other = _number(value), _number(wanted)
    if one is not None and other is not None:
        return one, other
    return (fold(value), fold(wanted)) if isinstance(value, str) and isinstance(wanted, str) else None


def _number(value: Scalar) -> int | float | None:
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return None


def parse_filter(texts: Sequence[str]) -> Where:
    """The filter that people write as `author=Venn`, `date>=1922`, `source!=drafts/*`. Raises QueryError.

    A value that looks like a number becomes one, unless the key takes text. White space around a value is removed,
    unless the value is the name of a document.
    """
    found: dict[str, dict[str, Scalar]] = {}
    for text in texts:
        match = _WRITTEN.fullmatch(text)
        if match is None or not match[3].strip():
            raise QueryError(f"the filter {text!r} cannot be read; write KEY=VALUE, or with != > >= < <=")
        key, operator, value = match[1], _SIGNS[match[2]], match[3]
        if operator in found.setdefault(key, {}):
            raise QueryError(f"the filter {text!r} is the second of its kind for {key!r}; one has to do")
        plain = value if key in _GLOBS else value.strip()
        found[key][operator] = plain if key in (*_GLOBS, *_DATES) else _scalar(plain)
    return found


def _scalar(text: str) -> Scalar:
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d*\.\d+", text) else text


def value_of(key: str, document_id: str, source: str, metadata: Mapping[str, Fact]) -> Fact | None:
    """The value of a filter's key for a document; None if it has none."""
    if key in _GLOBS:
        return source if key == "source" else document_id
    if key == "date":
        return next((found for name in _DATES if (found := _dates_in(metadata.get(name)))), None)
    if key in metadata or key.isascii():
        return metadata.get(key)
    return next((value for name, value in metadata.items() if fold(name) == fold(key)), None)


def _dates_in(value: Fact | None) -> tuple[Scalar, ...]:
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    return tuple(one for one in values if _DATE.fullmatch(str(one)))


def make_filter(where: Where | None, leaves_of: Callable[[Sequence[str]], list[Node]]) -> Accept | None:
    """A test for nodes; None if every node passes.

    A summary passes if all leaves that its claims rest on pass, so that it brings in nothing from outside the filter.
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
