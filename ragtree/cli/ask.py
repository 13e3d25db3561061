"""`ragtree ask FOLDER "question"`"""

from __future__ import annotations

from pathlib import Path

import click

from .common import bring_up_to_date, no_sync_option, opened, place, place_options
from .output import answer_fields, printable, show_json, show_sources


@click.command("ask")
@place_options
@click.argument("question")
@no_sync_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    folder: Path,
    index: Path | None,
    flags: tuple[str, ...],
    embedder: str | None,
    llm: str | None,
    question: str,
    no_sync: bool,
    as_json: bool,
) -> None:
    """Answer QUESTION from FOLDER, with its sources."""
    where = place(folder, index, flags, embedder, llm, no_sync)
    with opened(where, create=True) as tree:
        bring_up_to_date(tree, where)
        chat = tree.chat()
        for piece in chat.stream(question):
            if not as_json:
                click.echo(printable(piece), nl=False)
        if chat.last is None:
            return
        if as_json:
            show_json(answer_fields(chat.last))
        else:
            click.echo("\n")
            show_sources(chat.last.citations)
