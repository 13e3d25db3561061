"""What the subcommands share: options, opening an index, bringing it up to date, progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

if TYPE_CHECKING:
    from ..reports import Difference, Skipped, Stats, SyncReport
    from ..tree import RagTree
    from ..types import OnProgress, Progress, Where

Decorator: TypeAlias = Callable[[Callable[..., None]], Callable[..., None]]

_STAGES = {
    "load": "Indexing",
    "chunk": "Rebuilding",
    "embed": "Embedding",
    "summarize": "Summarizing",
    "store": "Storing",
    "publish": "Publishing",
    "questions": "Making questions",
    "evaluate": "Asking",
    "judge": "Judging",
}
_PARTS = ("embed", "summarize", "store")
"""Stages that every document goes through."""
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class CommandTarget:
    """A folder, its index, and the settings given on the command line."""

    source: str
    """A folder, or an address such as `s3://bucket/prefix`."""
    index: Path | None
    flags: tuple[str, ...]
    sync: bool = True
    now: bool = False
    """Ask only what is in the index now."""

    @property
    def is_address(self) -> bool:
        """True if it is no folder of this machine."""
        from ..load.sources import is_address

        return is_address(self.source)

    @property
    def folder(self) -> Path:
        """The folder. Raises UsageError for an address, which the commands that need a folder cannot use."""
        if self.is_address:
            raise click.UsageError(f"this command needs a folder; {self.source} can be given to index, ask and search")
        return Path(self.source)

    @property
    def index_path(self) -> Path:
        """FOLDER/.ragtree, unless --index says otherwise."""
        if self.index is None and self.is_address:
            raise click.UsageError(f"say with --index where the index of {self.source} is")
        return self.index or self.folder / ".ragtree"


def with_target(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command FOLDER, --index, --set, --embedder and --llm, and pass them to it as one CommandTarget,
    `where`."""

    @wraps(command)
    def run(
        folder: str,
        index: Path | None,
        flags: tuple[str, ...],
        embedder: str | None,
        llm: str | None,
        no_sync: bool = False,
        now: bool = False,
        **rest: Any,
    ) -> None:
        if now and no_sync:
            raise click.UsageError(
                "--now may index the first documents, and --no-sync indexes none; give only one of them"
            )
        said = [f"{name}={value}" for name, value in (("embed.model", embedder), ("llm.model", llm)) if value]
        command(where=CommandTarget(folder, index, (*flags, *said), sync=not no_sync, now=now), **rest)

    options: tuple[Decorator, ...] = (
        *model_options(),
        click.option("--index", type=click.Path(path_type=Path), help="The folder of the index (FOLDER/.ragtree)."),
        click.argument("folder", type=click.Path()),
    )
    made: Callable[..., None] = run
    for option in options:
        made = option(made)
    return made


def model_options() -> tuple[Decorator, ...]:
    """--llm, --embedder and --set, which is passed on as `flags`."""
    return (
        click.option("--llm", metavar="NAME", help="bundled, FILE.gguf, hf:owner/repo/file.gguf, URL#model or none."),
        click.option("--embedder", metavar="NAME", help="bundled, a Hugging Face id, a folder or URL#model."),
        click.option("--set", "flags", multiple=True, metavar="STAGE.FIELD=VALUE", help="Any setting; repeatable."),
    )


def no_sync_option(command: Callable[..., None]) -> Callable[..., None]:
    """--no-sync, which `with_target` makes a part of the CommandTarget."""
    option = click.option("--no-sync", is_flag=True, help="Leave the index as it is, even if FOLDER has changed.")
    return option(command)


def now_option(command: Callable[..., None]) -> Callable[..., None]:
    """--now, which `with_target` makes a part of the CommandTarget."""
    text = (
        "Use what is in the index now, and say how much that is, without waiting for changes in FOLDER. If the index "
        "is empty, the first documents are indexed."
    )
    return click.option("--now", is_flag=True, help=text)(command)


def where_option(command: Callable[..., None]) -> Callable[..., None]:
    """--where, repeatable, which is passed to a command as `filters`."""
    text = "Use only documents with this source, date or metadata; also != > >= < <=; repeatable."
    option = click.option("--where", "filters", multiple=True, metavar="KEY=VALUE", help=text)
    return option(command)


def as_where(filters: tuple[str, ...]) -> Where | None:
    """The filter that --where gave; None if it was not given. Raises QueryError."""
    from ..retrieve.where import parse_filter

    return parse_filter(filters) if filters else None


@contextmanager
def opened(where: CommandTarget, create: bool, quiet: bool = False, reads: bool = False) -> Iterator[RagTree]:
    """Open the index of a folder, with the settings that apply to it.

    For a command that only `reads`, an index that cannot be written is opened read-only, and a message says so.
    """
    from ..configuration import collect_settings
    from ..errors import NothingToIndexError, SettingsError
    from ..store.index_files import unwritable
    from ..tree import RagTree

    folder = None if where.is_address else where.folder
    if folder is not None:
        if where.sync and not folder.is_dir():
            kind = "is a file; name the folder that holds it" if folder.exists() else "does not exist"
            raise NothingToIndexError(f"{folder} {kind}")
        if where.index_path.resolve() == folder.resolve():
            raise SettingsError(f"--index {where.index_path} is the folder itself; name another place")
    settings = collect_settings(folder, os.environ, where.flags)
    new = not (where.index_path / "catalog.sqlite").exists()
    stuck = unwritable(where.index_path) if reads and not new else None
    create, read_only = create and where.sync, stuck is not None
    with RagTree.open(where.index_path, settings, create=create, read_only=read_only) as tree:
        if read_only:
            left = ", and changes in FOLDER are ignored" if where.sync else ""
            notice(f"{stuck} cannot be written: the index is opened read-only{left}")
        if new and not quiet:
            notice(f"the index is {where.index_path}")
        yield tree


def bring_up_to_date(tree: RagTree, where: CommandTarget) -> None:
    """Sync before a question, unless --no-sync, and say what changed, if anything. With --now, say how much is in."""
    if not where.sync or tree.read_only:
        return
    from ..errors import IndexLockedError

    try:
        if where.now:
            _first_documents(tree, where.source)
            notice(so_far(tree.stats()))
            return
        with progress_bars() as progress:
            report = tree.sync(where.source, progress, settings_too=False)
    except IndexLockedError as error:
        notice(not_up_to_date(error))
        return
    if report.added or report.changed or report.renamed or report.removed:
        notice(summary_line(report))
    name_skipped(report.skipped)
    name_notices(report)


class _Enough(BaseException):
    """Something is in the index: this sync leaves the rest to the next one."""


def _first_documents(tree: RagTree, folder: str) -> None:
    """Sync until there is something to ask."""
    if tree.stats().documents:
        return
    with progress_bars() as progress, suppress(_Enough):

        def step(done: Progress) -> None:
            progress(done)
            if done.stage != "store" and tree.stats().documents:
                raise _Enough

        tree.sync(folder, step, settings_too=False)


def not_up_to_date(error: Exception) -> str:
    """The message if another process is writing the index, which can be asked nevertheless."""
    return f"not brought up to date: {error}"


def so_far(stats: Stats) -> str:
    """The message that says how much of a folder is in its index."""
    if stats.documents < stats.found:
        return f"{stats.documents} of {stats.found} documents so far"
    return f"{stats.documents} documents"


def summary_line(report: SyncReport) -> str:
    """What a sync did, in one line."""
    counts = {
        "added": len(report.added),
        "changed": len(report.changed),
        "renamed": len(report.renamed),
        "removed": len(report.removed),
        "unchanged": report.unchanged,
        "skipped": len(report.skipped),
    }
    files = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing there"
    if report.ignored:
        files += f", {ignored_line(report)}"
    work = f"{report.embedded} texts embedded"
    if report.cut_texts:
        work += f" ({report.cut_texts} in parts, because they are too long for the server: lower chunk.tokens)"
    work += f", {report.summarized} groups summarized"
    if report.without_context:
        work += (
            f", {report.without_context} chunks without a written context (the model failed; the next run asks again)"
        )
    if report.unwritten and not report.over_budget:
        work += f", {report.unwritten} left extractive because the model failed (the next run asks again)"
    if report.left_out:
        work += (
            f", {report.left_out} tokens left out of groups larger than the model's context (lower tree.group_tokens)"
        )
    done = f"{files}; {work}; {report.nodes} nodes in {report.seconds:.1f} s"
    left = left_over(len(report.waiting), report.unwritten)
    return f"{done}; the budget is used up: {left}" if left and report.over_budget else done


def left_over(waiting: int, unwritten: int) -> str:
    """What a budget did not allow, and when it will be done; empty if everything is done."""
    left = [f"{waiting} documents wait"] if waiting else []
    if unwritten:
        left.append(f"{unwritten} summaries are extractive until the language model writes them")
    return f"{' and '.join(left)}; the next `ragtree index` continues" if left else ""


def ignored_line(difference: Difference) -> str:
    """How many files were ignored, and why: `3 ignored (2 hidden, 1 excluded)`."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in difference.ignored.items())
    return f"{sum(difference.ignored.values())} ignored ({kinds})"


def name_skipped(skipped: Sequence[Skipped], say: Callable[[str], None] | None = None) -> None:
    """Name every file that was left out, with the reason; a long list is cut, with the number of the others."""
    say = say or notice
    for one in skipped[:_MOST_NAMED]:
        say(f"skipped {one.source}: {one.reason}")
    if len(skipped) > _MOST_NAMED:
        say(f"… and {len(skipped) - _MOST_NAMED} more; `ragtree status` lists them all")


def name_notices(report: SyncReport, say: Callable[[str], None] | None = None) -> None:
    """Say what is missing from the documents that this sync took in; a long list is cut, as in `name_skipped`."""
    say = say or notice
    taken_in = {*report.added, *report.changed, *(new for _, new in report.renamed)}
    told = [one for one in report.notices if one.source in taken_in]
    for one in told[:_MOST_NAMED]:
        say(f"in part {one.source}: {one.text}")
    if len(told) > _MOST_NAMED:
        say(f"… and {len(told) - _MOST_NAMED} more; `ragtree status` lists them all")


def home() -> Path:
    """The home folder; for a user without one (in containers), a path that does not exist. `Path.home` would raise."""
    return Path(os.path.expanduser("~"))  # noqa: PTH111


def notice(text: str) -> None:
    """Print a line on standard error."""
    click.echo(text, err=True)


@contextmanager
def progress_bars() -> Iterator[OnProgress]:
    """Show bars with the time left on standard error; nothing if that is not a terminal.

    While files are indexed, one bar counts them, and the text beside it says what is being done.
    """
    from ..types import no_progress

    if not sys.stderr.isatty():
        yield no_progress
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description:<12}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
        bars.TextColumn("{task.fields[doing]}"),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as display:
        tasks: dict[str, bars.TaskID] = {}

        def show(step: Progress) -> None:
            name = _STAGES.get(step.stage, step.stage)
            files = tasks.get("load")
            if step.stage == "recognize":
                if files is not None:
                    display.update(files, doing=f"recognizing page {step.done}")
                return
            if step.stage in _PARTS and files is not None and not display.tasks[files].finished:
                display.update(files, doing=name.lower())
                return
            if step.stage not in tasks:
                tasks[step.stage] = display.add_task(name, total=step.total, doing="")
            task = tasks[step.stage]
            if display.tasks[task].total != step.total:  # the next level of the tree
                display.reset(task, total=step.total)
            display.update(task, completed=step.done, doing="")

        yield show
