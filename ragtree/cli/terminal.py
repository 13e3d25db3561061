"""Writes to a terminal: with its width, colours and links, and with a temporary status line."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

import click

from .output import printable
from .wrapping import cut, cut_exactly, units, width

STYLES = {"mark": "36", "bold": "1", "faint": "2", "quote": "7"}
"""The SGR codes of the styles: for numbers of sources, names, minor text, and a quote among other text."""

_LINKING = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio")
_LINKING_VARIABLES = ("KITTY_WINDOW_ID", "WT_SESSION", "KONSOLE_VERSION", "ALACRITTY_WINDOW_ID", "DOMTERM")
_FIRST_LINKING_VTE = 5000
_NARROWEST_STATUS = 8


@dataclass(frozen=True, slots=True)
class Look:
    """What a terminal can show."""

    terminal: bool
    colour: bool = False
    links: bool = False
    status: bool = False
    """True if a line can be drawn and removed: standard error is a terminal that can move its cursor."""

    @classmethod
    def of(cls, out: IO[str], err: IO[str], environment: Mapping[str, str]) -> Look:
        """What these streams can show, as the environment variables tell. NO_COLOR and TERM=dumb are respected."""
        terminal = out.isatty()
        able = environment.get("TERM") != "dumb"
        return cls(
            terminal,
            colour=terminal and able and not environment.get("NO_COLOR"),
            links=terminal and able and _links(environment),
            status=err.isatty() and able,
        )


def _links(environment: Mapping[str, str]) -> bool:
    """True for terminals that are known to show OSC 8 links; FORCE_HYPERLINK decides if it is set."""
    forced = environment.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced != "0"
    if environment.get("TERM", "").startswith(("screen", "tmux")):
        return False
    version = environment.get("VTE_VERSION", "")
    return (
        (version.isdecimal() and int(version) >= _FIRST_LINKING_VTE)
        or environment.get("TERM_PROGRAM") in _LINKING
        or environment.get("TERM", "").startswith(("xterm-kitty", "foot", "alacritty", "contour", "xterm-ghostty"))
        or any(environment.get(name) for name in _LINKING_VARIABLES)
    )


class Screen:
    """Writes text as it comes, wrapped at words. Without a terminal, nothing is wrapped, coloured or linked."""

    def __init__(self, look: Look | None = None) -> None:
        self.look = look or Look.of(sys.stdout, sys.stderr, os.environ)
        self._column = 0
        self._has_status = False

    @property
    def columns(self) -> int | None:
        """The current width, which may change with the window; None if nothing is to be wrapped."""
        return shutil.get_terminal_size().columns if self.look.terminal else None

    def write(self, text: str, style: str = "", link: str = "", indent: int = 0) -> None:
        """Continue the current line. Lines after the first are indented. The text need not be printable."""
        self.clear_status()
        columns = self.columns
        begin, end = self._dress(style, link)
        pieces = [begin]
        space = ""
        for unit in units(printable(text)):
            if unit == "\n":
                pieces.append(f"{end}\n{' ' * indent}{begin}")
                space, self._column = "", indent
            elif unit.isspace():
                space = unit if columns is None else unit.expandtabs(4)[: columns // 2]
            else:
                for part in self._fitted(unit, columns, len(space), indent):
                    if part == "\n":
                        pieces.append(f"{end}\n{' ' * indent}{begin}")
                        self._column = indent
                    else:
                        pieces.append(f"{space}{part}")
                        self._column += len(space) + width(part)
                    space = ""
        if columns is None or self._column + len(space) <= columns:
            pieces.append(space)
            self._column += len(space)
        else:
            self._column = columns  # the next text begins a new line
        click.echo("".join([*pieces, end]), nl=False, color=self.look.terminal or None)

    def line(self, text: str = "", style: str = "", link: str = "", indent: int = 0) -> None:
        """Write the text, and end the line."""
        self.write(text, style, link, indent)
        self.end()

    def end(self) -> None:
        """End the line."""
        self.clear_status()
        click.echo()
        self._column = 0

    def end_if_begun(self) -> None:
        """End the line, unless it is empty."""
        self.clear_status()
        if self._column:
            self.end()

    def status(self, text: str, tail: bool = False) -> None:
        """Show as much of `text` as fits after the current line, or of its end with `tail`, until something is written.

        It goes to standard error; if that is no terminal, nothing is shown.
        """
        begun = self._column if self.look.terminal else 0
        room = shutil.get_terminal_size().columns - begun - 2
        if not self.look.status or room < _NARROWEST_STATUS:
            return
        shown = cut(" ".join(printable(text).split()), room, tail)
        faint, plain = ("\x1b[2m", "\x1b[0m") if self.look.colour else ("", "")
        gap = " " if begun else ""
        click.echo(f"\x1b[K{gap}{faint}{shown}{plain}\x1b[{begun + 1}G", nl=False, err=True, color=True)
        self._has_status = True

    def clear_status(self) -> None:
        """Remove the status."""
        if self._has_status:
            click.echo("\x1b[K", nl=False, err=True, color=True)
            self._has_status = False

    def _dress(self, style: str, link: str) -> tuple[str, str]:
        begin = end = ""
        if link and self.look.links:
            begin, end = f"\x1b]8;;{link}\x1b\\", "\x1b]8;;\x1b\\"
        if style and self.look.colour:
            begin, end = f"{begin}\x1b[{STYLES[style]}m", f"\x1b[0m{end}"
        return begin, end

    def _fitted(self, word: str, columns: int | None, space: int, indent: int) -> Iterator[str]:
        """Yield the word, after a line break if it does not fit the current line, and in parts if it fits no line."""
        if columns is None or self._column + space + width(word) <= columns:
            yield word
            return
        room = columns - self._column - space
        if self._column > indent:
            yield "\n"
            room = columns - indent
        while width(word) > room:
            part = cut_exactly(word, room) or word[0]
            yield part
            word = word[len(part) :]
            if not word:
                return
            yield "\n"
            room = columns - indent
        yield word
