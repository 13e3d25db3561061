"""examples/library, indexed once for all tests that only read it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "examples" / "library"
QUESTIONS = ROOT / "examples" / "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


def ragtree(*arguments: object, cwd: Path | None = None, stdin: str = "", env: dict[str, str] | None = None) -> Ran:
    """Run the command line in a process of its own, as a person would."""
    done = subprocess.run(
        [sys.executable, "-m", "ragtree", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=env,
        timeout=300,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def copy_of(index: Path, target: Path) -> Path:
    """A copy of an index that a test may change."""
    shutil.copytree(index, target, ignore=shutil.ignore_patterns("lock*"))
    return target
