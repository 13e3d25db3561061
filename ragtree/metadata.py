"""Converts values from applications and files to the ids and metadata that an index stores."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np

Scalar: TypeAlias = str | int | float | bool
Fact: TypeAlias = Scalar | tuple[Scalar, ...]
"""The metadata of a document under one key: one value, or several."""

_SHOWN = 200
_MOST_DIGITS = 4000
"""Most digits of an integer: Python refuses to convert longer ones to text."""


def plain_id(value: object) -> str:
    """An id, a title or a source as text; paths get forward slashes. Raises ValueError for any other type."""
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, (str, int, UUID, np.integer)) and not isinstance(value, (bool, Enum)):
        return str(value)
    if isinstance(value, Enum) and isinstance(value.value, (str, int)):
        return str(value.value)
    raise ValueError(f"a {type(value).__name__}")


def plain_scalar(value: Any) -> Scalar | None:
    """A single value: text, a number or a boolean; None for a missing value (None, NaN, NaT).

    Dates and times become ISO 8601, paths get forward slashes. Raises ValueError, which says what was given.
    """
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, np.generic) and not isinstance(value, np.timedelta64):
        value = float(value) if isinstance(value, np.floating) else value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value).bit_length() > _MOST_DIGITS * 3.3:
            raise ValueError(f"a number of more than {_MOST_DIGITS} digits")
        return int(value)
    if isinstance(value, (float, Decimal)):
        return _number(value)
    if isinstance(value, (date, time)):
        return None if value != value else value.isoformat()  # pandas has a missing date, NaT
    if isinstance(value, (str, PurePath, UUID)):
        return value.as_posix() if isinstance(value, PurePath) else str(value)
    raise ValueError(f"a {type(value).__name__}")


def plain_fact(value: Any) -> Fact | None:
    """A value, or the values of a list, tuple, set or array; None if there is none. Raises ValueError."""
    if isinstance(value, np.ndarray):
        value = list(np.atleast_1d(value))
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [plain_scalar(item) for item in value]
        found = [item for item in items if item is not None]
        return tuple(sorted(found, key=repr) if isinstance(value, (set, frozenset)) else found) or None
    return plain_scalar(value)


def plain_metadata(said: Mapping[Any, Any]) -> dict[str, Fact]:
    """Metadata as it is stored, without keys that have no value. Raises ValueError, which names the key."""
    if not isinstance(said, Mapping):
        raise ValueError(f"metadata is a {type(said).__name__}; wanted is a mapping of keys to values")
    found: dict[str, Fact] = {}
    for key, value in said.items():
        try:
            name, fact = plain_id(key), plain_fact(value)
        except ValueError as error:
            wanted = "wanted are text, numbers, true or false, dates, or a list of these"
            raise ValueError(f"metadata {str(key)[:60]!a} is {error}; {wanted}") from error
        if fact is not None:
            found[name] = fact
    return found


def _number(value: float | Decimal) -> float | int | None:
    if not value.is_finite() if isinstance(value, Decimal) else not math.isfinite(value):
        if value.is_nan() if isinstance(value, Decimal) else math.isnan(value):
            return None
        raise ValueError(f"the number {value}")
    found = float(value)
    if math.isinf(found):
        raise ValueError(f"the number {value}, which is too large")
    return found


def half_pair(text: str) -> int | None:
    """The position of a lone surrogate, which UTF-8 cannot encode and ragtree cannot store; None if there is none."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return error.start
    return None


def shown(value: object) -> str:
    """A value for an error message: on one line, and shortened if it is long."""
    try:
        text = repr(value)
    except ValueError:  # an integer with too many digits
        text = f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
