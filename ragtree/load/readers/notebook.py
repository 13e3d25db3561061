"""Jupyter notebooks: their cells in order, with what they printed."""

from __future__ import annotations

import json
import re
from typing import Any

from ...errors import LoadError
from ...settings import LoadSettings
from ..base import Loaded
from ..format_contents import BEYOND, NoticeCollector
from .outline import Outline
from .plain_text import decode

_HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t#]*")
_LONGEST_OUTPUT = 2000
"""Characters of a cell's output that are read: a longer one is a log."""

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class NotebookLoader:
    """`.ipynb`; a passage is located by the headings of the Markdown cells. Pictures are left out."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        try:
            notebook = json.loads(decode(data, source))
        except (ValueError, RecursionError) as error:
            raise LoadError(source, "a broken notebook: not JSON") from error
        cells = notebook.get("cells") if isinstance(notebook, dict) else None
        if cells is None and isinstance(notebook, dict):  # before version 4
            cells = [cell for sheet in _list(notebook.get("worksheets")) for cell in _list(sheet.get("cells"))]
        outline, collector = Outline(), NoticeCollector("TXT")
        for cell in _list(cells):
            text = _text(cell.get("source") or cell.get("input"))
            if cell.get("cell_type") == "markdown":
                _markdown(outline, text)
            elif text.strip():
                outline.add(f"```\n{text.strip()}\n```" if cell.get("cell_type") == "code" else text)
            for output in _list(cell.get("outputs")):
                outline.add(_output(output, collector))
        return outline.loaded(notices=collector.notices())


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    """A text that is stored as one string or as a list of lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _markdown(outline: Outline, text: str) -> None:
    kept: list[str] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        found = _HEADING.fullmatch(line)
        if found and not fenced:
            outline.add("\n".join(kept))
            kept.clear()
            outline.heading(len(found.group(1)), found.group(2))
        else:
            kept.append(line)
    outline.add("\n".join(kept))


def _output(output: dict[str, Any], collector: NoticeCollector) -> str:
    data = output.get("data")
    printed = _text(output.get("text")) or (_text(data.get("text/plain")) if isinstance(data, dict) else "")
    printed = _ESCAPES.sub("", printed).strip()
    if len(printed) <= _LONGEST_OUTPUT:
        return printed
    kept = printed[:_LONGEST_OUTPUT].rpartition("\n")[0] or printed[:_LONGEST_OUTPUT]
    collector.add(BEYOND, f"characters of an output beyond {_LONGEST_OUTPUT:,}", len(printed) - len(kept))
    return kept
