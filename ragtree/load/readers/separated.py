"""Lines of separated values -> rows of cells (RFC 4180). A malformed line does not affect the others.

Python's csv module fails on a cell of more than 131,072 characters (a limit for the whole process), and takes
everything after an unclosed quote for one cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\n|\r")


class SeparatedRow(NamedTuple):
    """A row of the file."""

    line: int
    """The line of the file where it begins, from 1."""
    cells: tuple[str, ...]
    is_broken: bool = False
    """True if a quote is unclosed or followed by text; then the line is split at every separator."""


def separated_rows(text: str, sign: str) -> Iterator[SeparatedRow]:
    """All rows, including empty lines, with the white space of their cells. `sign` is the separator."""
    cells = _quoted_cell(sign), re.compile(rf"[^\r\n{re.escape(sign)}]*+")
    hopeless: set[int] = set()
    at, line = 0, 1
    while at < len(text):
        found = _LINE_END.search(text, at)
        end, after = found.span() if found else (len(text), len(text))
        if '"' not in text[at:end]:
            yield SeparatedRow(line, tuple(text[at:end].split(sign)))
            at, line = after, line + 1
            continue
        row = None if at in hopeless else _quoted_row(text, at, sign, *cells, hopeless)
        if row is None:
            yield SeparatedRow(line, tuple(text[at:end].split(sign)), is_broken=True)
            at, line = after, line + 1
            continue
        found_cells, stop = row
        yield SeparatedRow(line, tuple(found_cells))
        if stop > end:
            found = _LINE_END.match(text, stop)
            line, after = line + len(_LINE_END.findall(text, at, stop)), found.end() if found else stop
        at, line = after, line + 1


def _quoted_cell(sign: str) -> re.Pattern[str]:
    """A quoted cell that ends where a cell may end. Quotes in it are doubled or escaped with a backslash; words after
    the last quote of a line belong to the cell."""
    ends = rf"(?=[ \t]*(?:{re.escape(sign)}|[\r\n]|\Z))"
    space = r"[ \t]*" if sign != "\t" else " *"
    doubled = r'"([^"]*+(?:""[^"]*+)*+)"'
    escaped = r'"([^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+)"'
    followed = rf'("[^"\r\n]*+"[^"\r\n{re.escape(sign)}]++)'
    return re.compile(rf"{space}(?:{doubled}{ends}|{escaped}{ends}|{followed}{ends}){space}", re.DOTALL)


def _quoted_row(
    text: str, at: int, sign: str, quoted: re.Pattern[str], bare: re.Pattern[str], hopeless: set[int]
) -> tuple[list[str], int] | None:
    """The cells of a row with quotes, and where it ends; None if a quote that opens a cell is not closed.

    `hopeless` holds the cells from which the row is known to reach such a quote. Without it, a file with one broken row
    at its end would be read again for each of its lines.
    """
    cells: list[str] = []
    begun: list[int] = []
    while True:
        begun.append(at)
        found = None if at in hopeless else quoted.match(text, at)
        if found:
            cells.append(_unquoted(found))
        else:
            found = bare.match(text, at)
            assert found is not None
            if at in hopeless or found.group().lstrip().startswith('"'):
                hopeless.update(begun)
                return None
            cells.append(found.group())
        at = found.end()
        if not text.startswith(sign, at):
            return cells, at
        at += len(sign)


def _unquoted(found: re.Match[str]) -> str:
    """The text of a quoted cell, with LF at line ends."""
    doubled, escaped, followed = found.groups()
    if followed is not None:
        return str(followed)
    text = doubled.replace('""', '"') if doubled is not None else re.sub(r'\\(["\\])|"(")', r"\1\2", escaped)
    return _LINE_END.sub("\n", text)
