"""Which mode finds the proof of examples/library's questions? The tables of docs/benchmarks.md."""

from __future__ import annotations

from pathlib import Path

from ragtree import RagTree, Settings
from ragtree.evaluate.conclusions import verdict
from ragtree.evaluate.datasets.questions import read_questions
from ragtree.evaluate.folder_comparison import compare_folder
from ragtree.evaluate.markdown_report import contrast_table, kind_table, measure_table
from ragtree.retrieve.modes import MODES
from ragtree.settings import RetrieveSettings

EXAMPLES = Path(__file__).parents[2] / "examples"
BUDGETS = (300, 600, 1200, 2000)
DEFAULT = RetrieveSettings()


def test_the_modes_on_examples_library(tmp_path, report):
    for budget in BUDGETS:
        settings = Settings(retrieve=RetrieveSettings(max_tokens=budget))
        with RagTree.open(tmp_path / "index", settings) as tree:
            tree.sync(EXAMPLES / "library")
            questions = read_questions(EXAMPLES / "questions.jsonl", {one.id: one for one in tree.documents()})
            found = compare_folder(tree, questions)
        for text in (measure_table(found.cells), kind_table(found.cells, [found.measure])):
            report(text)
        report(contrast_table(found.contrasts))
        report(verdict(found) + "\n")
        if budget == DEFAULT.max_tokens:
            assert max(MODES, key=lambda mode: found.estimate(mode).mean) == DEFAULT.mode
