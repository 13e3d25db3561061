"""`ragtree index FOLDER`"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import (
    CommandTarget,
    ignored_line,
    name_notices,
    name_skipped,
    notice,
    opened,
    progress_bars,
    summary_line,
    with_target,
)
from .purge import purge_and_tell

if TYPE_CHECKING:
    from ..reports import Plan


@click.command("index")
@with_target
@click.option("--plan", "only_plan", is_flag=True, help="Say what would be done and what it would cost; do nothing.")
@click.option(
    "--budget-tokens",
    type=click.IntRange(min=0),
    metavar="N",
    help="Most tokens that the language model reads and writes; the next index continues with the rest.",
)
@click.option(
    "--budget-minutes",
    type=click.FloatRange(min=0, min_open=True),
    metavar="M",
    help="Finish with a complete tree after about M minutes; the next index continues with the rest.",
)
@click.option(
    "--on",
    default="",
    metavar="WHERE",
    help="Read and build with Ray: local for this machine, ray://HOST:10001 for a cluster.",
)
@click.option("--refresh", is_flag=True, help="Also rewrite summaries below which only little has changed.")
@click.option("--purge", "and_purge", is_flag=True, help="Then erase every byte of removed documents from the index.")
def command(
    where: CommandTarget,
    only_plan: bool,
    budget_tokens: int | None,
    budget_minutes: float | None,
    on: str,
    refresh: bool,
    and_purge: bool,
) -> None:
    """Create the index of FOLDER or bring it up to date: read, chunk, embed, cluster, summarize."""
    from ..reports import Budget

    budget = Budget(budget_tokens, budget_minutes)
    if only_plan:
        if budget != Budget():
            raise click.UsageError("--plan says what all would cost; leave out --budget-tokens and --budget-minutes")
        if and_purge or on:
            raise click.UsageError("--plan changes nothing here; leave out --purge and --on")
        _plan(where)
        return
    with opened(where, create=True) as tree:
        with progress_bars() as progress:
            report = tree.sync(where.source, progress, budget=budget, refresh=refresh, on=on)
        name_skipped(report.skipped)
        name_notices(report)
        notice(summary_line(report))
        if and_purge:
            purge_and_tell(tree)


def _plan(where: CommandTarget) -> None:
    from tempfile import TemporaryDirectory

    if (where.index_path / "catalog.sqlite").exists():
        with opened(where, create=False) as tree, progress_bars() as progress:
            plan = tree.plan(where.source, progress)
    else:  # without an index everything is new; an empty one elsewhere says what that costs
        with (
            TemporaryDirectory() as empty,
            opened(replace(where, index=Path(empty)), create=True, quiet=True) as tree,
            progress_bars() as progress,
        ):
            plan = tree.plan(where.source, progress)
    for name, ids in (("add", plan.added), ("change", plan.changed), ("remove", plan.removed)):
        for key in ids:
            click.echo(f"{name:<8}{key}")
    for old, new in plan.renamed:
        click.echo(f"rename  {old} -> {new}")
    for skipped in plan.skipped:
        click.echo(f"skip    {skipped.source}: {skipped.reason}")
    for one in plan.notices:
        click.echo(f"in part {one.source}: {one.text}")
    if plan.ignored:
        click.echo(ignored_line(plan))
    click.echo(" ".join(_sentences(plan)))


def _sentences(plan: Plan) -> Iterator[str]:
    """Yield sentences that say what a sync would do and cost."""
    if plan.is_empty:
        yield f"Nothing to do: {plan.unchanged} documents are unchanged."
        return
    pages = f" with {plan.pages} pages" if plan.pages else ""
    yield f"{plan.files} documents to take in{pages}, {len(plan.removed)} to remove, {plan.unchanged} unchanged."
    if plan.settings_changed:
        yield "The settings have changed: documents are rebuilt from their texts in the index."
    if plan.unfinished:
        yield "The last sync left something unfinished; the next one completes it."
    yield f"About {plan.chunks} chunks with {plan.tokens} tokens to embed, and {plan.summaries} summaries to write."
    if plan.levels:
        levels = " + ".join(map(str, plan.levels))
        yield f"The tree will have about {levels} nodes (chunks first)."
    if plan.figures:
        yield f"About {plan.figures} pictures are sent to the vision model, which describes them."
    if plan.calls:
        called = "Both models are" if plan.figures else "The language model is"
        read, written = plan.prompt_tokens, plan.answer_tokens
        yield f"{called} called about {plan.calls} times, to read about {read} tokens and write about {written}."
    else:
        yield "The language model is not called."
    seconds = {**plan.paid, **plan.seconds}  # another process loads the models again
    parts = ", ".join(f"{name} {_duration(taken)}" for name, taken in seconds.items() if taken >= 1)
    yield f"This takes about {_duration(sum(seconds.values()))} on this machine{f' ({parts})' if parts else ''}."


def _duration(seconds: float) -> str:
    """A duration as people say it: `40 s`, `12 min`, `3 h 20 min`."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
