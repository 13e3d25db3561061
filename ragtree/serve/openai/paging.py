"""Lists in pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from starlette.requests import Request

from ...metadata import shown
from .error_replies import RequestError


class Listed(Protocol):
    """What stands in lists: an object of OpenAI's client with an id."""

    id: str

    def to_dict(self) -> dict[str, object]:
        """Its fields."""
        ...


def page_of(found: Sequence[Listed], request: Request, most: int, default: int) -> dict[str, object]:
    """The page that `limit`, `after`, `before` and `order` ask for. Raises RequestError for values that mean nothing.

    The order is that of `found` (`asc`), unless `desc` is asked for.
    """
    asked = request.query_params
    limit = asked.get("limit", str(default))
    if not limit.isascii() or not limit.isdigit() or len(limit) > 6 or not 1 <= int(limit) <= most:
        raise RequestError(f"limit is {shown(limit)}; wanted is a number from 1 to {most}", "limit")
    order = asked.get("order", "asc")
    if order not in ("asc", "desc"):
        raise RequestError(f"order is {shown(order)}; wanted is 'asc' or 'desc'", "order")
    rows = list(found) if order == "asc" else list(found)[::-1]
    if "after" in asked:
        rows = rows[_place(rows, asked["after"], "after") + 1 :]
    if "before" in asked:
        rows = rows[: _place(rows, asked["before"], "before")]
    page = rows[: int(limit)]
    return {
        "object": "list",
        "data": [row.to_dict() for row in page],
        "first_id": page[0].id if page else None,
        "last_id": page[-1].id if page else None,
        "has_more": len(rows) > len(page),
    }


def _place(rows: Sequence[Listed], key: str, field: str) -> int:
    for place, row in enumerate(rows):
        if row.id == key:
            return place
    raise RequestError(f"{field} is {shown(key)}, which is not in the list", field)
