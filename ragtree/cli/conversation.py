"""The loop of the chat: reads a line, answers it or runs its command, and reads the next."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from .building import BackgroundWork
from .chat_commands import ChatState, run_command
from .common import notice
from .line_input import Lines
from .sources import show_sources
from .terminal import Screen

if TYPE_CHECKING:
    from ..tree import RagTree
    from ..types import Step, Where

_MARKS = re.compile(r"((?:\[\d+\])+)")
_MOST_NAMED = 3
"""Documents that the status names; it counts the others."""


def converse(
    tree: RagTree,
    folder: Path,
    lines: Lines,
    screen: Screen,
    where: Where | None = None,
    background: BackgroundWork | None = None,
) -> None:
    """Answer until there are no more lines, or until /quit. An error is one line; then the next question may come.

    `background` is what happens during the chat.
    """
    from ..errors import RagtreeError

    background = background or BackgroundWork()
    state = ChatState(tree, tree.chat(where=where), folder, screen)
    while not state.is_over:
        background.tell()
        line = lines.next()
        if line is None:
            return
        background.tell()
        try:
            if line.startswith("/"):
                run_command(state, line)
            elif line and background.ready():
                answer(state, line)
                background.answered()
        except KeyboardInterrupt:
            screen.end_if_begun()
            notice("(stopped)")
        except RagtreeError as error:
            screen.end_if_begun()
            notice(f"ragtree: {' '.join(str(error).split())}")


def answer(state: ChatState, question: str) -> None:
    """Show the answer as it is written and checked, and its sources below it."""
    chat, screen = state.chat, state.screen
    status = Status(screen)
    chat.on_step = status.show
    pieces = chat.stream(question)
    try:
        for piece in pieces:
            _write_marked(piece, screen)
            status.forget_draft()
    finally:
        pieces.close()
        screen.clear_status()
    screen.end()
    screen.line()
    if chat.last is not None:
        show_sources(chat.last.citations, screen, state.folder)
        screen.line()
        if chat.last.notice:
            notice(f"ragtree: {chat.last.notice}")


def _write_marked(text: str, screen: Screen) -> None:
    """Write a piece of an answer, with its marks in colour if the terminal has colours."""
    for number, part in enumerate(_MARKS.split(text)):
        if part:
            screen.write(part, style="mark" if number % 2 else "")


class Status:
    """Shows the steps of an answer in the temporary line."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._draft = ""

    def show(self, step: Step) -> None:
        """Show what is being done: the search, the documents that are read, or the words that are not checked yet."""
        if step.kind == "search":
            self._screen.status(f"searching for: {step.text} …" if step.text else "searching …")
        elif step.kind == "read":
            names = list(dict.fromkeys(hit.node.source for hit in step.hits if hit.node.source))
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            self._screen.status(f"reading {', '.join(names[:_MOST_NAMED])}{more} …" if names else "reading …")
        else:
            self._draft += step.text
            self._screen.status(f"… {self._draft}", tail=True)

    def forget_draft(self) -> None:
        """Forget the words that have been checked and shown."""
        self._draft = ""
