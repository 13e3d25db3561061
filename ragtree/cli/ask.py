"""`ragtree ask FOLDER "question"`"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import (
    CommandTarget,
    as_where,
    bring_up_to_date,
    no_sync_option,
    notice,
    now_option,
    opened,
    where_option,
    with_target,
)
from .output import answer_fields, filled_fields, printable, show_filled, show_json
from .sources import show_sources
from .terminal import Screen

if TYPE_CHECKING:
    from ..llm.base import JsonSchema
    from ..types import StructuredAnswer


@click.command("ask")
@with_target
@click.argument("question")
@where_option
@no_sync_option
@now_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--schema",
    type=click.Path(path_type=Path),
    metavar="FILE.json",
    help="A JSON schema: the answer is an object of that form, with the sources of each field.",
)
def command(where: CommandTarget, question: str, filters: tuple[str, ...], as_json: bool, schema: Path | None) -> None:
    """Answer QUESTION from FOLDER, with the sources. Changes in FOLDER are indexed first."""
    form = _schema(schema) if schema else None
    asked = as_where(filters)
    with opened(where, create=True, reads=True) as tree:
        bring_up_to_date(tree, where)
        if form is not None:
            filled: StructuredAnswer[Any] = tree.ask(question, schema=form, where=asked)
            if as_json:
                show_json(filled_fields(filled))
            else:
                show_filled(filled)
                show_sources(filled.citations, Screen(), Path(where.source))
            return
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
            show_sources(chat.last.citations, Screen(), Path(where.source))
        if chat.last.notice:
            notice(f"ragtree: {chat.last.notice}")


def _schema(path: Path) -> JsonSchema:
    from ..errors import QueryError
    from ..text_files import read_text

    try:
        schema = json.loads(read_text(path))
    except (OSError, ValueError) as error:
        raise QueryError(f"--schema {path} cannot be read as JSON ({error})") from error
    if not isinstance(schema, dict):
        raise QueryError(f"--schema {path} contains no JSON schema, which is an object in braces")
    return schema
