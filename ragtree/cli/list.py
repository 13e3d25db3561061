"""`ragtree list FOLDER "question"`"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from .common import CommandTarget, as_where, bring_up_to_date, no_sync_option, notice, opened, where_option, with_target
from .output import citation_fields, printable, show_json

if TYPE_CHECKING:
    from ..retrieve.exhaustive.survey import SurveyCost
    from ..surveys import Survey

_FREE = 10
"""Calls to the language model that need no confirmation."""


@click.command("list")
@with_target
@click.argument("question", default="")
@click.option("--pattern", help="Find dates, amounts, emails, names or a regular expression, without the model.")
@click.option("--yes", is_flag=True, help="Do not ask before many calls to the language model.")
@click.option(
    "--budget-tokens", type=click.IntRange(min=0), metavar="N", help="Most tokens that the model reads and writes."
)
@where_option
@no_sync_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    where: CommandTarget,
    question: str,
    pattern: str | None,
    yes: bool,
    budget_tokens: int | None,
    filters: tuple[str, ...],
    as_json: bool,
) -> None:
    """List and count all that answers QUESTION in FOLDER, or all that a pattern finds."""
    from ..reports import Budget

    asked = as_where(filters)
    with opened(where, create=True, reads=True) as tree:
        bring_up_to_date(tree, where)
        approve = None if yes else _approved
        found = tree.survey(question, pattern=pattern, where=asked, budget=Budget(budget_tokens), approve=approve)
    if as_json:
        show_json(_fields(found))
    else:
        _show(found)


def _approved(cost: SurveyCost) -> bool:
    """Ask at a terminal; without one, allow only a few calls. Raises BudgetError for more."""
    from ..errors import BudgetError

    if cost.calls <= _FREE:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise BudgetError(
            f"this would read {cost}; allow it with --yes, or read less with --where, --pattern or --budget-tokens"
        )
    return click.confirm(f"This reads {cost}. Continue?", default=False, err=True)


def _show(found: Survey) -> None:
    for number, item in enumerate(found.items, start=1):
        click.echo(printable(f"{number:4}. {item.text}"))
        for citation in item.citations:
            click.echo(printable(f"      {citation}"))
    mentions = sum(len(item.citations) for item in found.items)
    notice(f"{len(found.items)} different, {mentions} in all; {found.leaves_read} of {found.leaves} chunks read")
    if not found.complete:
        notice(f"the list is not complete: {found.note}")


def _fields(found: Survey) -> dict[str, Any]:
    return {
        "question": found.question,
        "count": len(found.items),
        "items": [
            {"text": item.text, "citations": [citation_fields(citation) for citation in item.citations]}
            for item in found.items
        ],
        "leaves_read": found.leaves_read,
        "leaves": found.leaves,
        "calls": found.calls,
        "complete": found.complete,
        "note": found.note,
    }
