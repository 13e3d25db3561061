"""Seconds of a first sync with `--on local` against without, over examples/library and 60 files of folder-peps.

    pytest tests/benchmarks/test_on_ray.py

Each is a program of its own, so the start of Ray and of its workers counts, as it does for `ragtree index`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from library import LIBRARY

from ragtree import RagTree

PEPS = Path(__file__).parents[3] / "shared" / "data" / "folder-peps" / "files"
WAYS = {"without": [], "--on local": ["--on", "local"]}
FILES = 60


@pytest.mark.parametrize("backend", ["static", "torch"])
def test_a_sync_on_ray_and_without(backend: str, tmp_path: Path, report: Callable[[str], None]) -> None:
    pytest.importorskip("ray")
    folder = Path(shutil.copytree(LIBRARY, tmp_path / "docs"))
    for path in sorted(PEPS.glob("*"))[:FILES]:
        shutil.copy(path, folder)
    seconds: dict[str, float] = {}
    for way, more in WAYS.items():
        started, index = time.perf_counter(), tmp_path / way.strip("-")
        command = [sys.executable, "-m", "ragtree", "index", folder, "--index", index]
        subprocess.run([*command, "--set", f"embed.backend={backend}", *more], capture_output=True, check=True)
        seconds[way] = time.perf_counter() - started
    with RagTree.open(index, read_only=True) as tree:
        count = sum(node.level == 0 for node in tree.nodes())
    report(f"{backend}: {count} chunks, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f} from all programs")
    for way, taken in seconds.items():
        report(f"  {way:<12}{taken:6.1f} s")
