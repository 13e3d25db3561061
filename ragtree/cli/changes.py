"""Shows what has changed since a date, as text and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from .output import printable

if TYPE_CHECKING:
    from ..store.since import History, SummaryChange

_LEAST_SHARE = 0.01


def as_time(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """The time that an ISO 8601 date or time means: a day means its midnight; a time without a zone is local."""
    try:
        return datetime.fromisoformat(value).astimezone() if value is not None else None
    except (ValueError, OverflowError, OSError) as error:
        raise click.BadParameter(f"{value} is not a date; write it as 2026-11-28 or 2026-11-28T14:30") from error


def show_history(history: History) -> None:
    """Print the documents that changed, and below them the summaries."""
    since = history.since.isoformat(" ", "minutes")
    if history.begins > history.since:
        click.echo(f"changes before {history.begins.isoformat(' ', 'minutes')} are not recorded")
    if not history.updates:
        click.echo(f"nothing has changed since {since}")
        return
    times = f"{history.updates} times" if history.updates > 1 else "once"
    click.echo(f"since {since} the index has changed {times}")
    lines = [
        *(f"added      {key}" for key in history.added),
        *(f"changed    {key}" for key in history.changed),
        *(f"renamed    {old} -> {new}" for old, new in history.renamed),
        *(f"removed    {key}" for key in history.removed),
    ]
    for line in lines:
        click.echo(printable(f"  {line}"))
    if history.summaries:
        click.echo("summaries at the top of the tree:")
    for change in history.summaries:
        _show_summary(change)


def _show_summary(change: SummaryChange) -> None:
    share = f"{change.stale:.0%}" if change.stale >= _LEAST_SHARE else "less than 1%"
    below = f" ({share} of the text below it was added or removed since)" if change.stale else ""
    click.echo(printable(f"  {change.kind:<11}{change.label}{below}".rstrip()))
    sentences = {"was": change.before, "is": change.after}
    if change.before == change.after:
        del sentences["was"]
    for when, sentence in sentences.items():
        if sentence:
            click.echo(printable(f"    {when:<5}{' '.join(sentence.split())}"))


def history_fields(history: History) -> dict[str, Any]:
    """The history as plain values; times are ISO 8601."""
    return {**asdict(history), "since": history.since.isoformat(), "begins": history.begins.isoformat()}
