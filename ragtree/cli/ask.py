"""`ragtree ask FOLDER "question"`"""

from __future__ import annotations

import click

from .common import Place, as_where, at_place, bring_up_to_date, no_sync_option, opened, where_option
from .output import answer_fields, printable, show_json
from .sources import show_sources
from .terminal import Screen


@click.command("ask")
@at_place
@click.argument("question")
@where_option
@no_sync_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(where: Place, question: str, filters: tuple[str, ...], as_json: bool) -> None:
    """Answer QUESTION from FOLDER, with its sources."""
    asked = as_where(filters)
    with opened(where, create=True) as tree:
        bring_up_to_date(tree, where)
        chat = tree.chat(where=asked)
        for piece in chat.stream(question):
            if not as_json:
                click.echo(printable(piece), nl=False)
        if chat.last is None:
            return
        if as_json:
            show_json(answer_fields(chat.last))
        else:
            click.echo("\n")
            show_sources(chat.last.citations, Screen(), where.folder)
