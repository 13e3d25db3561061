"""`ragtree chat FOLDER`"""

from __future__ import annotations

from contextlib import ExitStack

import click

from .common import Place, as_where, at_place, no_sync_option, notice, opened, so_far, where_option


@click.command("chat")
@at_place
@where_option
@no_sync_option
@click.option("--watch", "follow", is_flag=True, help="Follow FOLDER meanwhile: what changes is taken in.")
def command(where: Place, filters: tuple[str, ...], follow: bool) -> None:
    """Talk with FOLDER. What its index lacks is taken in meanwhile; questions are answered from what is there."""
    from .building import Building, Meanwhile
    from .conversation import converse
    from .lines import lines_of
    from .terminal import Screen

    if follow and not where.sync:
        raise click.UsageError("--watch brings the index up to date, and --no-sync leaves it; name one of them")
    asked = as_where(filters)
    with ExitStack() as stack:
        tree = stack.enter_context(opened(where, create=True))
        meanwhile = stack.enter_context(Building(tree, where.folder, follow)) if where.sync else Meanwhile()
        notice(f"{so_far(tree.stats())}. Ask a question; /help lists commands, Ctrl-D leaves.")
        lines = lines_of(tree.path / "questions.history")
        converse(tree, where.folder, lines, Screen(), asked, meanwhile)
