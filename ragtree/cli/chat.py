"""`ragtree chat FOLDER`"""

from __future__ import annotations

import sys
from contextlib import ExitStack

import click

from .common import (
    CommandTarget,
    as_where,
    bring_up_to_date,
    no_sync_option,
    notice,
    opened,
    so_far,
    where_option,
    with_target,
)


@click.command("chat")
@with_target
@where_option
@no_sync_option
@click.option("--watch", "follow", is_flag=True, help="Follow FOLDER during the chat: changes are indexed.")
def command(where: CommandTarget, filters: tuple[str, ...], follow: bool) -> None:
    """Chat with FOLDER. On a terminal you can ask while the index is being built; answers come from what is in it so
    far. Questions from a pipe wait for the whole folder."""
    from .building import BackgroundSync, BackgroundWork
    from .conversation import converse
    from .line_input import lines_of
    from .terminal import Screen

    if follow and not where.sync:
        raise click.UsageError("--watch updates the index, and --no-sync leaves it as it is; give only one of them")
    asked = as_where(filters)
    with ExitStack() as stack:
        tree = stack.enter_context(opened(where, create=True, reads=not follow))
        typed = sys.stdin.isatty()
        if not typed:
            bring_up_to_date(tree, where)  # a script cannot see how much is in, and would end before the rest is
        builds = where.sync and not tree.read_only and (typed or follow)
        background = stack.enter_context(BackgroundSync(tree, where.folder, follow)) if builds else BackgroundWork()
        notice(f"{so_far(tree.stats())}. Ask a question; /help lists commands, Ctrl-D leaves.")
        lines = lines_of(None if tree.read_only else tree.path / "questions.history")
        converse(tree, where.folder, lines, Screen(), asked, background)
