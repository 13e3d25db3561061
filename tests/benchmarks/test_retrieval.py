"""Which mode finds the proof of examples/library's questions? The best at 1,200 tokens is the default."""

from __future__ import annotations

from pathlib import Path

from ragtree import RagTree, Settings
from ragtree.evaluate.dataset import read_questions
from ragtree.evaluate.retrieval import compare_modes
from ragtree.settings import RetrieveSettings

EXAMPLES = Path(__file__).parents[2] / "examples"
BUDGETS = (300, 600, 1200, 2000)
DEFAULT = RetrieveSettings()


def test_the_default_mode_finds_the_most_evidence(tmp_path, report):
    questions = read_questions(EXAMPLES / "questions.jsonl")
    with RagTree.open(tmp_path / "index", Settings()) as tree:
        tree.sync(EXAMPLES / "library")
        scores = compare_modes(tree, questions, BUDGETS)
        report(f"evidence recall on examples/library, nodes by level {tree.stats().levels}")
    kinds = {score.kind: score.questions for score in scores}
    report(f"{'mode':<11}{'questions':<15}" + "".join(f"{budget:>8}" for budget in BUDGETS) + "  tokens")
    for mode in dict.fromkeys(score.mode for score in scores):
        for kind, count in kinds.items():
            row = [score.recall for score in scores if (score.mode, score.kind) == (mode, kind)]
            report(f"{mode:<11}{f'{kind} ({count})':<15}" + "".join(f"{recall:8.3f}" for recall in row))
    at_default = {
        score.mode: score.recall for score in scores if score.kind == "all" and score.max_tokens == DEFAULT.max_tokens
    }
    assert max(at_default, key=at_default.__getitem__) == DEFAULT.mode
