from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path, PureWindowsPath
from uuid import UUID

import numpy as np
import pytest

from ragtree.metadata import plain_fact, plain_id, plain_metadata


class Colour(Enum):
    RED = "red"


class Grade(IntEnum):
    GOOD = 2


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("text", "text"),
        (True, True),
        (3, 3),
        (10**30, 10**30),
        (2.5, 2.5),
        (date(2025, 1, 2), "2025-01-02"),
        (date(1, 1, 1), "0001-01-01"),
        (datetime(2025, 1, 2, 3, tzinfo=UTC), "2025-01-02T03:00:00+00:00"),
        (time(3, 4), "03:04:00"),
        (Path("a/b.txt"), "a/b.txt"),
        (PureWindowsPath(r"a\b.txt"), "a/b.txt"),
        (Decimal("12.50"), 12.5),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.datetime64("2025-01-02"), "2025-01-02"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "red"),
        (Grade.GOOD, 2),
        (["bird", "ship"], ("bird", "ship")),
        ((1, date(2025, 1, 2)), (1, "2025-01-02")),
        ({"b", "a"}, ("a", "b")),
        (np.array([1, 2]), (1, 2)),
        (["a", None], ("a",)),
    ],
)
def test_what_is_kept_of_a_value(value: object, plain: object) -> None:
    found = plain_fact(value)
    assert found == plain
    assert type(found) is type(plain)


@pytest.mark.parametrize(
    "value", [None, float("nan"), np.float64("nan"), Decimal("nan"), np.datetime64("NaT"), [], [None], np.array([])]
)
def test_what_says_nothing_is_left_out(value: object) -> None:
    assert plain_metadata({"key": value, "other": 1}) == {"other": 1}


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1}, [[1]], b"bytes", object(), float("inf"), Decimal("1e400"), 10**5000, 1j, np.timedelta64(1), [{}],
        np.eye(2), range(3),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_metadata_that_cannot_be_stored_is_reported_by_its_key(value: object) -> None:
    with pytest.raises(ValueError, match="metadata 'key' is"):
        plain_metadata({"key": value})


def test_names() -> None:
    assert [plain_id(value) for value in ("a", 7, Path("a/b"), np.int64(3), UUID(int=1))] == [
        "a", "7", "a/b", "3", "00000000-0000-0000-0000-000000000001",
    ]  # fmt: skip
    for value in (None, b"a", 1.5, True, ["a"]):
        with pytest.raises(ValueError, match="a "):
            plain_id(value)
