"""examples/library, indexed once for all tests that only read it."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from ragtree.cli.main import run

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "examples" / "library"
QUESTIONS = ROOT / "examples" / "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


def ragtree(*arguments: object, stdin: str = "") -> Ran:
    """Run a command line in this process, where the models' libraries are loaded already."""
    out, err = io.StringIO(), io.StringIO()
    with mock.patch("sys.stdin", io.StringIO(stdin)), redirect_stdout(out), redirect_stderr(err):
        status = run([str(argument) for argument in arguments])
    return Ran(status, out.getvalue(), err.getvalue())


def ragtree_process(*arguments: object) -> Ran:
    """Run a command line in a process of its own, as a person does."""
    done = subprocess.run(
        [sys.executable, "-m", "ragtree", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def copy_of(index: Path, target: Path) -> Path:
    """A copy of an index that a test may change."""
    shutil.copytree(index, target, ignore=shutil.ignore_patterns("lock*"))
    return target
