"""Sections against clusters inside documents: what `collapsed` and `traverse` find over both (`tree.shape`).

`auto`, the default mode, searches chunks for facts, and is the same over both. RAGTREE_QUESTIONS=100 is a quick look.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ragtree import Settings
from ragtree.evaluate import contrast_table, evaluate, measure_table, open_dataset

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
GRID = {"tree.shape": ("documents", "clusters"), "retrieve.mode": ("collapsed", "traverse")}
QUESTIONS = int(os.environ.get("RAGTREE_QUESTIONS", "0")) or None


@pytest.mark.parametrize("name", ["qasper-train", "covidqa", "chunking-eval"])
def test_sections_against_clusters(name, report):
    if not (DATA / name).is_dir():
        pytest.skip(f"{DATA / name} is not there")
    settings = Settings.model_validate({"llm": {"model": "none"}})
    found = evaluate(
        open_dataset(str(DATA / name)),
        settings,
        GRID,
        budgets=(300, 600, 1200, 2000),
        limit=QUESTIONS,
        out=ROOT / "ragtree-eval",
    )
    report(f"## {name}: {len(found.asked)} questions")
    report(measure_table(found.cells) + "\n" + contrast_table(found.contrasts) + "\n")
