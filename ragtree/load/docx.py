"""Word documents: paragraphs and tables in their order, with the headings above them."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import Any

from ..errors import LoadError
from ..settings import LoadSettings
from ..types import Location, Mark
from .base import Loaded

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)


class DocxLoader:
    """`.docx`; a Word file does not know its pages, so a passage is located by its heading."""

    suffixes = frozenset({".docx"})

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        import docx
        from docx.table import Table

        if data.startswith(_OLE):
            raise LoadError(source, "locked with a password, or an old .doc file")
        _refuse_bomb(data, source, limits)
        document = docx.Document(BytesIO(data))
        blocks: list[str] = []
        marks: list[Mark] = []
        path: list[tuple[int, str]] = []
        length = 0
        for item in document.iter_inner_content():
            level = 0 if isinstance(item, Table) else _heading_level(item)
            text = _table_text(item) if isinstance(item, Table) else item.text.strip()
            if not text:
                continue
            if level:
                path = [(other, title) for other, title in path if other < level]
                path.append((level, text))
            marks.append(Mark(length, Location(heading=tuple(title for _, title in path))))
            blocks.append(text)
            length += len(text) + 2
        title = (document.core_properties.title or "").strip()
        if not title and marks and marks[0].location.heading:
            title = marks[0].location.heading[-1]
        return Loaded("\n\n".join(blocks), title=title, marks=tuple(marks))


def _refuse_bomb(data: bytes, source: str, limits: LoadSettings) -> None:
    """A few kilobytes of zip can unpack to gigabytes; the directory tells before anything is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise LoadError(source, "a broken Word file, or none") from error
    most = limits.max_megabytes * 4
    if size > most * 1e6:
        raise LoadError(source, f"unpacks to {size / 1e6:.0f} MB, more than {most:.0f} (4 x load.max_megabytes)")


def _heading_level(paragraph: Any) -> int:
    name = (paragraph.style.name or "") if paragraph.style is not None else ""
    if name.lower() == "title":
        return 1
    found = _HEADING.match(name)
    return int(found.group(1)) if found else 0


def _table_text(table: Any) -> str:
    """A row a line. The XML's own cells: `row.cells` repeats merged ones, and fails on a grid that has gaps."""
    rows = []
    for row in table.rows:
        cells = (" ".join(paragraph.text for paragraph in cell.p_lst) for cell in row._tr.tc_lst)
        rows.append("| " + " | ".join(re.sub(r"\s+", " ", cell).strip() for cell in cells) + " |")
    return "\n".join(rows) if any(row.strip("| ") for row in rows) else ""
