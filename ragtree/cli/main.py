"""The `ragtree` command: finds the subcommand, and turns errors into one line and an exit status."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Literal, TextIO

import click

from .. import __version__
from ..errors import RagtreeError

COMMANDS = tuple(
    "index watch chat ask search list tree status verify repair purge publish "
    "serve mcp serve-store eval compare doctor models".split()
)
"""In the order of the help page."""

INTERRUPTED = 130


class LazyGroup(click.Group):
    """Imports a subcommand when it is used. Subcommands import what they need when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f".{cmd_name.replace('-', '_')}", __package__).command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ragtree")
def cli() -> None:
    """Chat with a folder of documents. Every answer names its sources.

    Settings come from FOLDER/ragtree.toml, RAGTREE_* variables and --set stage.field=value.
    """


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    _open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a character that the terminal cannot show is no reason to fail
    status = run(sys.argv[1:])
    _discard_unwritten()
    sys.exit(status)


def _discard_unwritten() -> None:
    """Discard output that could not be written: Python would try again at its exit, and set a status of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        _redirect_to_nowhere(sys.stdout)


def _redirect_to_nowhere(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _open_missing_streams() -> None:
    """Replace closed standard streams: a missing input is empty, and what is written to a missing output is discarded.

    Services, pythonw and `<&-` leave standard streams closed. Their file descriptors are taken here. Otherwise a file
    of the index might get one of them, and a library would write its messages into it.
    """
    for number in range(3):
        if not _is_open(number):
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number
    sys.stdin = sys.stdin or _nowhere("r")
    sys.stdout = sys.stdout or _nowhere("w")
    sys.stderr = sys.stderr or _nowhere("w")


def _nowhere(mode: Literal["r", "w"]) -> TextIO:
    return Path(os.devnull).open(mode, encoding="utf-8")


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def run(arguments: list[str]) -> int:
    """The exit status of a command line."""
    try:
        status = cli.main(args=arguments, prog_name="ragtree", standalone_mode=False)
        return status if isinstance(status, int) else 0  # the status of click's Exit, if a command raised it
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; what was done is kept, and the next run continues from there", err=True)
        return INTERRUPTED
    except RagtreeError as error:
        click.echo("ragtree: " + " ".join(str(error).split()), err=True)
        return 1
    except OSError as error:
        click.echo(f"ragtree: {error.filename or 'the system'}: {error.strerror or error}", err=True)
        return 1
