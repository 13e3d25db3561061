"""`ragtree models`"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from .common import home, notice
from .output import printable, show_json

if TYPE_CHECKING:
    from ..inventory.base import FoundModel, Inventory

_FLAGS = {"llm": "--llm", "embedder": "--embedder"}


@click.command("models")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(as_json: bool) -> None:
    """List the models on this machine with their names for --llm and --embedder, and three to download."""
    from ..inventory.find_models import find_models

    found = find_models(os.environ, home())
    if as_json:
        show_json(asdict(found))
        return
    _show(found)
    for broken in found.broken:
        notice(printable(f"cannot be used: {broken.path}: {broken.reason}"))
    for said in found.notices:
        notice(printable(said))


def _show(found: Inventory) -> None:
    for use, title in (("llm", "Language models"), ("embedder", "Embedders")):
        click.echo(title)
        _show_models([model for model in found.models if model.use == use])
        click.echo()
    click.echo("Language models to download, the best for this machine's memory first")
    for one in found.suggestions:
        click.echo(f"  --llm {one.name}  {one.gigabytes:g} GB, {one.license}")


def _show_models(models: Sequence[FoundModel]) -> None:
    if not models:
        click.echo("  none")
    for model in models:
        size = (
            f"{model.bytes / 1e9:.1f} GB"
            if model.bytes >= 1e8
            else f"{model.bytes / 1e6:.0f} MB"
            if model.bytes
            else ""
        )
        about = ", ".join(
            part for part in (model.about, size, model.place if model.place != model.name else "") if part
        )
        click.echo(printable(f"  {_FLAGS[model.use]} {shlex.quote(model.name)}  {about}"))
