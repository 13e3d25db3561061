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
ROUNDS = 2


def test_a_sync_on_ray_and_without(tmp_path: Path, report: Callable[[str], None]) -> None:
    pytest.importorskip("ray")
    folder = Path(shutil.copytree(LIBRARY, tmp_path / "docs"))
    for path in sorted(PEPS.glob("*"))[:60]:
        shutil.copy(path, folder)
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for number in range(ROUNDS):
        for way, more in WAYS.items():
            started = time.perf_counter()
            index = tmp_path / f"{number}{way.strip('-')}"
            subprocess.run(
                [sys.executable, "-m", "ragtree", "index", folder, "--index", index, *more],
                capture_output=True,
                check=True,
            )
            seconds[way].append(time.perf_counter() - started)
    with RagTree.open(index, read_only=True) as tree:
        count = sum(node.level == 0 for node in tree.nodes())
    report(f"{count} chunks, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f} from all programs")
    for way, taken in seconds.items():
        report(f"{way:<12}{'  '.join(f'{one:6.1f} s' for one in taken)}")
