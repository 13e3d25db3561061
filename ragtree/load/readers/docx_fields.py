"""Fields of a Word file: filled-in forms, links, and page numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .docx_parts import value_of
from .link_targets import target_after
from .markup import attribute, child, children

_LINK = re.compile(r'\s*HYPERLINK\s+"([^"]+)"', re.IGNORECASE)
_PAGE = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
PAGE_NUMBER = "\ue000"
"""Placeholder for a page number until the text of a header or footer is assembled."""

_OFF = ("0", "false", "off")
_SIGNS = {
    0xF0FE: "[x]", 0xF0FD: "[x]", 0xF052: "[x]", 0xF0A8: "[ ]", 0xF06F: "[ ]", 0xF0A3: "[ ]", 0xF0FC: "✓", 0xF0FB: "✗",
    0xF0E0: "→", 0xF0DF: "←", 0xF0E8: "→", 0xF04A: "☺", 0xF0A7: "▪", 0xF0B7: "•", 0xF06C: "•", 0xF0D8: "•",
    0xF028: "☎", 0xF02A: "✉",
}  # fmt: skip
"""Wingdings characters that people use as symbols: ticked boxes, bullets, arrows."""
_GREEK = dict(zip(range(0x41, 0x5B), "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True)) | dict(
    zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True)
)
"""Letters of the font Symbol."""


def is_on(element: Any, wanted: str) -> bool:
    """Whether a boolean child is present and on."""
    switch = child(element, wanted)
    return switch is not None and attribute(switch, "val") not in _OFF


@dataclass(slots=True)
class Fields:
    """The fields that are open in a paragraph, the innermost last."""

    codes: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """For each of them, how many pieces of the paragraph came before it."""

    def step(self, element: Any, words: list[str]) -> None:
        """Handle the begin or end mark of a field, with its form data."""
        kind = attribute(element, "fldCharType")
        if kind == "begin":
            self.codes.append("")
            self.starts.append(len(words))
            words.append(_form(child(element, "ffData")))
        elif kind == "end" and self.codes:
            code, start = self.codes.pop(), self.starts.pop()
            close(code, start, words)

    def code(self, text: str) -> None:
        """Add a piece of the code of the innermost field."""
        if self.codes:
            self.codes[-1] += text


def close(code: str, start: int, words: list[str]) -> None:
    """End a field whose result begins at the piece `start`: add a link's target, or mark a page number."""
    link = _LINK.match(code)
    if link:
        words.append(target_after("".join(words[start:]), link[1]))
    elif _PAGE.match(code):
        words[start:] = [PAGE_NUMBER, *words[start:]]


def _form(data: Any) -> str:
    """The text of a legacy form field that has none of its own: a tick, or the chosen entry."""
    box, choice = child(data, "checkBox"), child(data, "ddList")
    if box is not None:
        ticked = is_on(box, "checked") if child(box, "checked") is not None else is_on(box, "default")
        return "[x]" if ticked else "[ ]"
    if choice is not None:
        entries = [attribute(entry, "val") for entry in children(choice, "listEntry")]
        chosen = value_of(choice, "result") or value_of(choice, "default") or "0"
        return entries[int(chosen)] if chosen.isdecimal() and int(chosen) < len(entries) else ""
    return ""


def symbol(element: Any) -> str:
    """A character of a symbol font as Unicode; empty if it is unknown."""
    code = attribute(element, "char")
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    if attribute(element, "font").lower() == "symbol" and 0xF000 <= number < 0xF100:
        low = number - 0xF000
        return _GREEK.get(low) or _SIGNS.get(number) or (chr(low) if low < 0x40 else "")
    if 0xE000 <= number < 0xF900:
        return _SIGNS.get(number, "")
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else ""


def control(element: Any) -> str | None:
    """The text that replaces a content control: a tick for a box, nothing for a placeholder; None for its own text."""
    properties = child(element, "sdtPr")
    box = child(properties, "checkbox")
    if box is not None:
        return "[x]" if is_on(box, "checked") else "[ ]"
    return "" if is_on(properties, "showingPlcHdr") else None


def page_texts(text: str) -> list[str]:
    """The pieces of a line of a header or footer, without those that say little more than the page number."""
    pieces = [piece for piece in re.split(r"[\t\n]", text) if piece.strip()]
    kept = (piece for piece in pieces if PAGE_NUMBER not in piece or len(re.findall(r"[^\W\d_]+", piece)) > 2)
    return [" ".join(piece.replace(PAGE_NUMBER, "").split()) for piece in kept]
