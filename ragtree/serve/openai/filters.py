"""OpenAI's filters of attributes, as ragtree's `where`."""

from __future__ import annotations

from typing import Any

from ...metadata import shown

_OPERATORS = frozenset({"eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"})


def where_of(filters: object) -> dict[str, Any] | None:
    """The filter as a `where`. All conditions of a `where` hold, so `or` is possible between values of one key only.

    Raises ValueError for a filter that has no such form.
    """
    if filters is None:
        return None
    found: dict[str, dict[str, Any]] = {}
    for key, operator, value in _comparisons(filters):
        if operator in found.setdefault(key, {}):
            raise ValueError(f"it has two conditions {operator[1:]!r} for {key!r}; one has to do")
        found[key][operator] = value
    return found


def _comparisons(one: object) -> list[tuple[str, str, Any]]:
    """Key, operator and value of all conditions, which all have to hold."""
    if not isinstance(one, dict) or not isinstance(one.get("type"), str):
        raise ValueError("a filter is an object with a type")
    kind = one["type"]
    if kind in ("and", "or"):
        inner = one.get("filters")
        if not isinstance(inner, list) or not inner:
            raise ValueError(f"{kind!r} needs a list of filters")
        return [part for each in inner for part in _comparisons(each)] if kind == "and" else [_either(inner)]
    if kind not in _OPERATORS:
        raise ValueError(f"the type of a filter is {shown(kind)}; wanted is 'and' or one of {sorted(_OPERATORS)}")
    key = one.get("key")
    if not isinstance(key, str) or not key or "value" not in one:
        raise ValueError(f"{kind!r} needs a key and a value")
    return [(key, f"${kind}", one["value"])]


def _either(filters: list[object]) -> tuple[str, str, Any]:
    """One condition for several values of the same key."""
    found = [part for each in filters for part in _comparisons(each)]
    keys = {key for key, _, _ in found}
    if len(keys) != 1 or len(found) != len(filters) or not all(operator in ("$eq", "$in") for _, operator, _ in found):
        raise ValueError("'or' is possible between values of one key only ('eq' or 'in'); search once for each part")
    lists = [value if operator == "$in" and isinstance(value, list) else [value] for _, operator, value in found]
    return keys.pop(), "$in", [value for values in lists for value in values]
