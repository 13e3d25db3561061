"""Shows the sources of an answer: the numbered list below it, and one source in its surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .terminal import Screen

if TYPE_CHECKING:
    from ..types import Citation, Document, Span

_QUOTE_WIDTH = 160
_LINES_AROUND = 3
_CHARACTERS_AROUND = 400
"""Most lines, and most characters, that are shown before a quote and after it."""
_INDENT = 4


def show_sources(citations: Sequence[Citation], screen: Screen, folder: Path, whole: bool = False) -> None:
    """Print what the marks of an answer point at, with links to the files if the terminal has links."""
    for citation in citations:
        quote = " ".join(citation.quote.split())
        if not whole and len(quote) > _QUOTE_WIDTH:
            quote = quote[:_QUOTE_WIDTH].rstrip() + " …"
        _show_place(citation, screen, folder)
        screen.line(f"{' ' * _INDENT}“{quote}”", indent=_INDENT)


def show_in_surroundings(citation: Citation, document: Document | None, screen: Screen, folder: Path) -> None:
    """Print the quote and the lines around it. The quote is marked by a style, or by » and « without colours."""
    _show_place(citation, screen, folder)
    if document is None:
        screen.line("(the document is no longer in the index; this was the quote)", indent=_INDENT)
        screen.line(f"{' ' * _INDENT}“{' '.join(citation.quote.split())}”", indent=_INDENT)
        return
    before, after = surroundings(document.text, citation.span)
    opened, closed = ("", "") if screen.look.colour else ("»", "«")
    screen.write(f"{' ' * _INDENT}{before}", indent=_INDENT)
    screen.write(f"{opened}{citation.quote}{closed}", style="quote", indent=_INDENT)
    screen.line(after, indent=_INDENT)


def surroundings(text: str, span: Span) -> tuple[str, str]:
    """The text before and after a span: some whole lines, or if these are long, whole words."""
    before = "\n".join(text[: span.start].split("\n")[-_LINES_AROUND - 1 :])
    after = "\n".join(text[span.end :].split("\n")[: _LINES_AROUND + 1])
    if len(before) > _CHARACTERS_AROUND:
        before = "… " + before[-_CHARACTERS_AROUND:].partition(" ")[2]
    if len(after) > _CHARACTERS_AROUND:
        after = after[:_CHARACTERS_AROUND].rpartition(" ")[0] + " …"
    return before.lstrip("\n"), after.rstrip()


def _show_place(citation: Citation, screen: Screen, folder: Path) -> None:
    from ..answer.packing import also_in

    number = f"[{citation.number}]"
    screen.write(number, style="mark")
    screen.write(" ")
    screen.line(str(citation), link=link_to(citation, folder), indent=_INDENT)
    also = also_in([str(place) for place in citation.also])
    if also:
        screen.line(f"{' ' * _INDENT}{also}", indent=_INDENT)


def link_to(citation: Citation, folder: Path) -> str:
    """The address of the file, with the page or the line after #; empty if there is no such file.

    For a member of an archive it is that of the archive. PDF viewers understand `page=7`; a bare number is a line.
    """
    place = folder / citation.source
    for path in (place, *place.parents):
        if path == folder:
            return ""
        if path.is_file():
            break
    else:
        return ""
    address = path.resolve().as_uri()
    if path != place:
        return address
    if citation.location.page is not None:
        return f"{address}#page={citation.location.page}"
    return f"{address}#{citation.location.line}" if citation.location.line is not None else address
