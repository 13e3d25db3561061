"""`ragtree doctor [FOLDER]`"""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import click

from .common import home
from .output import counted, printable, show_json

_SIGNS = {"good": "ok   ", "note": "note ", "wrong": "WRONG"}
_WIDTH = 18


@click.command("doctor")
@click.option("--llm", metavar="NAME", help="As for the other commands.")
@click.option("--embedder", metavar="NAME", help="As for the other commands.")
@click.option("--set", "flags", multiple=True, metavar="STAGE.FIELD=VALUE", help="Any setting; repeatable.")
@click.option("--index", type=click.Path(path_type=Path), help="The folder of the index (FOLDER/.ragtree).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def command(
    folder: Path | None,
    index: Path | None,
    flags: tuple[str, ...],
    embedder: str | None,
    llm: str | None,
    as_json: bool,
) -> None:
    """Check everything that ragtree needs, and say what is wrong and what to do. The exit status is 1 if anything is.

    With FOLDER, also check its settings, its index and the servers that they name.
    """
    from ..diagnosis.all_checks import diagnose

    said = [f"{name}={value}" for name, value in (("embed.model", embedder), ("llm.model", llm)) if value]
    if index is None and folder is not None:
        index = folder / ".ragtree"
    found = []
    for check in diagnose(folder, index, os.environ, (*flags, *said), home()):
        found.append(check)
        if not as_json:
            advice = f"; {check.advice}" if check.advice else ""
            click.echo(printable(f"{_SIGNS[check.state]} {check.name:<{_WIDTH}} {check.found}{advice}"))
    wrong = sum(check.state == "wrong" for check in found)
    if as_json:
        show_json({"wrong": wrong, "checks": [asdict(check) for check in found]})
    else:
        click.echo(counted(wrong, "problem") if wrong else "nothing is wrong")
    if wrong:
        raise click.exceptions.Exit(1)
