"""`ragtree eval DATASET`"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import notice, progress_bars
from .output import show_json

if TYPE_CHECKING:
    from ..evaluate.report import Report


class _Budgets(click.ParamType[tuple[int, ...]]):
    name = "TOKENS,TOKENS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        try:
            budgets = tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not a list of numbers such as 300,600,1200", param, ctx)
        if min(budgets) < 1:
            self.fail(f"{value!r}: a budget is at least 1 token", param, ctx)
        return tuple(sorted(set(budgets)))


@click.command("eval")
@click.argument("dataset", required=False)
@click.argument("axes", nargs=-1, metavar="[STAGE.FIELD=VALUE,VALUE]...")
@click.option("--grid", multiple=True, metavar="STAGE.FIELD=VALUE,VALUE", help="Vary a setting; all combinations run.")
@click.option("--format", "format_name", metavar="NAME", help="The dataset's format, if it is not detected.")
@click.option("--split", metavar="NAME", help="The split, if there are several.")
@click.option(
    "--scope",
    type=click.Choice(["corpus", "document"]),
    help="One tree over all documents, or one per document; if not given, as the dataset defines it.",
)
@click.option(
    "--reader",
    type=click.Choice(["none", "short", "full"]),
    default="none",
    show_default=True,
    help="Also write answers: short ones, or full ones with their citations.",
)
@click.option(
    "--budget",
    "budgets",
    type=_Budgets(),
    default="300,600,1200",
    show_default=True,
    help="Tokens of context at which retrieval is measured.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Ask at most this many questions, drawn with the seed.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For draws and bootstraps.")
@click.option("--baseline", metavar="CELL", help="The cell that the others are compared with; if not given, the first.")
@click.option("--judge", metavar="NAME", help="A language model that says which of two answers is better.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("ragtree-eval"),
    show_default=True,
    help="Where runs and their trees are kept.",
)
@click.option(
    "--compare",
    "two",
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="A.json B.json",
    help="Compare two existing reports, and run nothing.",
)
@click.option("--llm", metavar="NAME", help="bundled, FILE.gguf, hf:owner/repo/file.gguf, URL#model or none.")
@click.option("--embedder", metavar="NAME", help="bundled, a Hugging Face id, a folder or URL#model.")
@click.option("--set", "flags", multiple=True, metavar="STAGE.FIELD=VALUE", help="Any setting; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    dataset: str | None, two: tuple[Path, Path] | None, as_json: bool, axes: tuple[str, ...], **options: Any
) -> None:
    """Measure retrieval and answers on DATASET: a path, or hf:owner/name."""
    if two is not None:
        if dataset is not None:
            raise click.UsageError("--compare reads two reports; leave out DATASET")
        _compare(two, as_json)
        return
    if dataset is None:
        raise click.UsageError("name a DATASET, or --compare A.json B.json")
    if axes and not options["grid"]:
        raise click.UsageError(f"{axes[0]!r}: put --grid before the settings to vary")
    report = _run(dataset, (*options.pop("grid"), *axes), **options)
    if as_json:
        click.echo(report.model_dump_json())
        return
    from ..evaluate.markdown_report import contrast_table, measure_table

    click.echo(measure_table(report.cells))
    if report.contrasts:
        click.echo("\n" + contrast_table(report.contrasts))
    if not (Path(report.folder) / "plot.png").exists():
        notice("there is no plot: it needs matplotlib, which comes with pip install 'ragtree[eval]'")
    if not (Path(report.folder) / "plot.png").exists():
        notice("there is no plot: it needs matplotlib, which comes with pip install 'ragtree[eval]'")
    notice(f"the report is {Path(report.folder) / 'report.md'}")


def _run(
    dataset: str,
    axes: tuple[str, ...],
    *,
    format_name: str | None,
    split: str | None,
    llm: str | None,
    embedder: str | None,
    flags: tuple[str, ...],
    **options: Any,
) -> Report:
    from ..configuration import collect_settings
    from ..evaluate.datasets.registry import open_dataset
    from ..evaluate.evaluation import evaluate
    from ..evaluate.grid import parse_grid

    said = [f"{name}={value}" for name, value in (("embed.model", embedder), ("llm.model", llm)) if value]
    settings = collect_settings(None, os.environ, (*flags, *said))
    grid = parse_grid(axes)
    data = open_dataset(dataset, format_name, split)
    for known in data.notices:
        notice(known)
    with progress_bars() as progress:
        return evaluate(data, settings, grid, progress=progress, **options)


def _compare(two: tuple[Path, Path], as_json: bool) -> None:
    from ..evaluate.markdown_report import contrast_table
    from ..evaluate.report import read_report
    from ..evaluate.report_comparison import compare_reports

    found, notices = compare_reports(*(read_report(path) for path in two))
    for said in notices:
        notice(said)
    if as_json:
        show_json({"contrasts": [contrast.model_dump() for contrast in found], "notices": list(notices)})
    else:
        click.echo(contrast_table(found))
