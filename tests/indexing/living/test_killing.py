"""Syncs that are killed: nothing is lost, and nothing is paid twice. `killing.py` says how; the benchmark kills 200."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

KILLING = Path(__file__).parent / "killing.py"


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_killed_sync_goes_on_where_it_was() -> None:
    command = [sys.executable, str(KILLING), "--kills", "4", "--embedder", "hashing", "--seed", "3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    undisturbed, outcomes = rows[:4], rows[4:]
    assert all(row["calls"] > 3 for row in undisturbed if "abstractive" in row["scenario"])
    assert len(outcomes) == 4
    for row in outcomes:
        assert row["faults"] == [] and row["same"] and row["repeated"] <= 1
