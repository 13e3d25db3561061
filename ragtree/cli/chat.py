"""`ragtree chat FOLDER`"""

from __future__ import annotations

import click

from .common import Place, as_where, at_place, bring_up_to_date, no_sync_option, notice, opened, where_option


@click.command("chat")
@at_place
@where_option
@no_sync_option
def command(where: Place, filters: tuple[str, ...]) -> None:
    """Talk with FOLDER."""
    from .conversation import converse
    from .lines import lines_of
    from .terminal import Screen

    asked = as_where(filters)
    with opened(where, create=True) as tree:
        bring_up_to_date(tree, where)
        notice(f"{tree.stats().documents} documents. Ask a question; /help lists commands, Ctrl-D leaves.")
        converse(tree, where.folder, lines_of(tree.path / "questions.history"), Screen(), asked)
