"""`ragtree publish FOLDER PLACE`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import progress_bars

if TYPE_CHECKING:
    from ..publish.publishing import PublishReport


@click.command("publish")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("place", metavar="PLACE")
@click.option("--index", type=click.Path(path_type=Path), help="The folder of the index (FOLDER/.ragtree).")
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=24.0,
    show_default=True,
    metavar="HOURS",
    help="How long a snapshot stays after the next one, for readers that are fetching it.",
)
@click.option("--purge", is_flag=True, help="Remove all snapshots but the newest now, with every byte only they had.")
def command(folder: Path, place: str, index: Path | None, grace: float, purge: bool) -> None:
    """Publish the index of FOLDER, or the index FOLDER itself, at s3://BUCKET/PREFIX or in another folder."""
    from ..indexing.index_parts import index_folder
    from ..publish.bucket import store_at
    from ..publish.publishing import publish

    path = index or (folder if (folder / "catalog.sqlite").is_file() else folder / ".ragtree")
    with progress_bars() as progress:
        report = publish(index_folder(path, create=False), store_at(place), grace * 3600, purge, progress)
    click.echo(_told(report))


def _told(report: PublishReport) -> str:
    new = "" if report.is_new else " (the index has not changed)"
    removed = f"; {report.removed_snapshots} old snapshots removed" if report.removed_snapshots else ""
    return (
        f"snapshot {report.snapshot[:12]}{new}: {report.uploaded / 1e6:.1f} of {report.bytes / 1e6:.1f} MB uploaded in "
        f"{report.seconds:.1f} s{removed}"
    )
