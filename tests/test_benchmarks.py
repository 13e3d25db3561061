"""Benchmarks take minutes and are run by hand. Here it is only checked that what they import and patch exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tests" / "benchmarks"


def test_every_benchmark_can_be_collected() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", str(FOLDER)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout
    assert all(path.name in found.stdout for path in FOLDER.glob("test_*.py"))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("test_*.py")), ids=lambda path: path.name)
def test_what_a_benchmark_names_is_there(path: Path) -> None:
    for name in re.findall(r'"(ragtree(?:\.\w+){2,})"', path.read_text(encoding="utf-8")):
        resolve_name(name)
