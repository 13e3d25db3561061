"""`ragtree chat FOLDER`"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from .common import Place, as_where, at_place, bring_up_to_date, no_sync_option, notice, opened, where_option
from .contents import show_contents
from .output import printable, show_sources

if TYPE_CHECKING:
    from ..answer.chat import Chat
    from ..tree import RagTree
    from ..types import Where

_HELP = """\
Ask a question; a follow-up is understood from what was said.
/sources  what the last answer rests on, in full
/tree     the table of contents
/reset    forget the conversation
/help     this list
Ctrl-C stops an answer, Ctrl-D leaves."""


@click.command("chat")
@at_place
@where_option
@no_sync_option
def command(where: Place, filters: tuple[str, ...]) -> None:
    """Talk with FOLDER."""
    asked = as_where(filters)
    with opened(where, create=True) as tree:
        bring_up_to_date(tree, where)
        notice(f"{tree.stats().documents} documents. Ask a question; /help lists commands, Ctrl-D leaves.")
        _converse(tree, asked)


def _converse(tree: RagTree, asked: Where | None) -> None:
    from ..errors import RagtreeError

    _line_editing()
    chat = tree.chat(where=asked)
    while True:
        try:
            line = input("> " if sys.stdin.isatty() else "").strip()
        except EOFError:
            click.echo()
            return
        except KeyboardInterrupt:
            click.echo()
            continue
        try:
            if line.startswith("/"):
                _command(line, tree, chat)
            elif line:
                _answer(line, chat)
        except KeyboardInterrupt:
            click.echo("\n(stopped)")
        except RagtreeError as error:
            notice(f"ragtree: {error}")


def _answer(question: str, chat: Chat) -> None:
    pieces = chat.stream(question)
    try:
        for piece in pieces:
            click.echo(printable(piece), nl=False)
    finally:
        pieces.close()  # type: ignore[attr-defined]
    click.echo("\n")
    if chat.last is not None:
        show_sources(chat.last.citations)
        click.echo()


def _command(line: str, tree: RagTree, chat: Chat) -> None:
    if line == "/sources":
        if chat.last is None or not chat.last.citations:
            click.echo("there are no sources yet")
        else:
            show_sources(chat.last.citations, whole=True)
    elif line == "/tree":
        show_contents(tree.nodes(), depth=3)
    elif line == "/reset":
        chat.reset()
        click.echo("the conversation is forgotten")
    elif line == "/help":
        click.echo(_HELP)
    else:
        click.echo(f"there is no command {line}\n{_HELP}")


def _line_editing() -> None:
    """Arrow keys and history, where the system has them."""
    try:
        import readline  # noqa: F401
    except ImportError:  # Windows
        return
