"""Opening, checking and mending a large index: seconds by the clock and of the processors, and the most memory held.

Each step runs in a process of its own. RAGTREE_LATENCY_FOLDER names a folder where the made index is kept for the next
time (making it takes minutes), as for the benchmark of latency; what a step changes it changes in a copy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from large import make_index

SIZES = (10_000, 100_000)
STEPS = {
    "open": "opening, imports included (wanted: 2 s)",
    "search": "opening and a first search",
    "verify": "verify (wanted: 60 s)",
    "repair": "repair: Chroma and the lexical index, no model (wanted: 300 s)",
    "purge": "purge",
    "salvage": "reading out a catalog whose first page is gone",
}


@pytest.fixture(scope="module", params=SIZES)
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("RAGTREE_LATENCY_FOLDER")
    made = (Path(kept) if kept else tmp_path_factory.mktemp("made")) / str(request.param)
    if not made.exists():
        make_index(made, request.param)
    copy = tmp_path_factory.mktemp("upkeep") / str(request.param)
    shutil.copytree(made, copy)
    return copy


def test_upkeep(index: Path, report: Callable[[str], None]) -> None:
    report(f"{index.name} nodes | seconds | of the processors | MiB")
    for step, name in STEPS.items():
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("upkeep_steps.py")), step, str(index)],
            capture_output=True,
            text=True,
            check=True,
        )
        found = json.loads(done.stdout)
        parts = f" ({found['imports']:.1f} of it imports)" if step == "open" else ""
        report(f"{name} | {found['all']:.1f}{parts} | {found['processors']:.1f} | {found['MiB']:.0f}")
