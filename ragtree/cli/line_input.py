"""Reads the chat's lines from a person at a terminal, with editing and history, or from a pipe."""

from __future__ import annotations

import os
import sys
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from ..text_files import LONGEST_MARK, marked_encoding
from .common import notice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

PROMPT = "> "
_MOST_HISTORY = 200_000
"""Most bytes of the file of questions; when it is larger, its older part is dropped."""


class Lines(Protocol):
    """Questions and commands, one after the other."""

    def next(self) -> str | None:
        """The next one, without the space around it; it may have several lines. None if there are no more."""
        ...


def lines_of(history: Path | None) -> Lines:
    """Lines with editing if a person types, else plain ones. `history` is the file that keeps the questions, if any."""
    shown = sys.stdout.isatty() or sys.stderr.isatty()
    if sys.stdin.isatty() and shown and os.environ.get("TERM") != "dumb":
        return TypedLines(history)
    return PlainLines()


class PlainLines:
    """Line by line, as input() returns them. The prompt is for a person, so it is not part of the results."""

    def __init__(self) -> None:
        self._begun = False

    def next(self) -> str | None:
        interrupted = False
        while True:
            if sys.stdin.isatty():
                click.echo(PROMPT, nl=False, err=True)
            try:
                if not self._begun:
                    self._begun = True
                    _hear_mark()
                return input().lstrip("\ufeff").strip()
            except (EOFError, OSError):  # an input that cannot be read is an empty one
                return None
            except KeyboardInterrupt:
                if interrupted:
                    return None
                interrupted = True
                notice("\npress Ctrl-C again, or Ctrl-D, to leave")


def _hear_mark() -> None:
    """Read standard input in the encoding that its byte order mark names: it may be a file saved on Windows."""
    source = sys.stdin
    if isinstance(source, TextIOWrapper) and isinstance(source.buffer, BufferedReader) and not source.isatty():
        encoding = marked_encoding(source.buffer.peek(LONGEST_MARK)[:LONGEST_MARK])
        source.reconfigure(encoding=encoding, errors="replace", newline=None)


class TypedLines:
    """Lines that are edited with prompt_toolkit. Pasted text is one question, even if it has several lines.

    Ctrl-C empties the line; pressed twice on an empty line, it leaves. So does Ctrl-D.
    """

    def __init__(self, history: Path | None, source: Input | None = None, output: Output | None = None) -> None:
        self._session = _session(history, source, output)

    def next(self) -> str | None:
        interrupted = False
        while True:
            try:
                return self._session.prompt().strip()
            except EOFError:
                return None
            except KeyboardInterrupt:
                if self._session.default_buffer.text:
                    interrupted = False
                elif interrupted:
                    return None
                else:
                    interrupted = True
                    notice("press Ctrl-C again, or Ctrl-D, to leave")


def _session(history: Path | None, source: Input | None, output: Output | None) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory, InMemoryHistory
    from prompt_toolkit.output import create_output
    from prompt_toolkit.shortcuts import CompleteStyle

    if history is not None:
        _shorten(history)
    return PromptSession(
        PROMPT,
        history=FileHistory(history) if history is not None else InMemoryHistory(),
        completer=_completer(),
        complete_while_typing=False,  # a menu would push the answers up
        complete_style=CompleteStyle.READLINE_LIKE,
        input=source,
        output=output or create_output(always_prefer_tty=True),
    )


def _shorten(history: Path) -> None:
    """Drop the older part of a long history. Only the owner can read the file."""
    history.touch(mode=0o600)
    if history.stat().st_size > _MOST_HISTORY:
        kept = history.read_bytes()[-_MOST_HISTORY // 2 :]
        history.write_bytes(kept[kept.find(b"\n#") + 1 :])


def _completer() -> Completer:
    """Completes commands, modes after /mode, and files after /model and /save."""
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
    from prompt_toolkit.document import Document

    from ..retrieve.modes import plain_modes
    from .chat_commands import CHAT_COMMANDS

    class Commands(Completer):
        def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
            command, space, argument = document.text_before_cursor.partition(" ")
            if not space:
                known, begun = tuple(CHAT_COMMANDS) if command.startswith("/") else (), command
            else:
                known, begun = {"/mode": plain_modes(), "/model": ("bundled", "none")}.get(command, ()), argument
            yield from (Completion(name, -len(begun)) for name in known if name.startswith(begun))
            if space and command in ("/model", "/save"):
                yield from PathCompleter(expanduser=True).get_completions(Document(argument), complete_event)

    return Commands()
