"""Rows of Markdown tables: cells -> a line, and the written cell -> its text."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BAR = re.compile(r"(\\*)\|")
"""A bar, and the backslashes before it."""


def table_row(cells: Iterable[str]) -> str:
    """The row of a Markdown table. Each cell is on one line, and its bars are escaped, so that it stays one cell."""
    return "| " + " | ".join(_BAR.sub(r"\1\1\\|", " ".join(cell.split())) for cell in cells) + " |"


def cell_text(written: str) -> str:
    """The text of a cell as a row has it: on one line, its bars without the backslashes that escape them."""
    text = _BAR.sub(lambda found: found[1][: len(found[1]) // 2] + "|", written)
    return " ".join(text.split())
