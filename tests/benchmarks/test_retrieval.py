"""Which mode finds the proof of examples/library's questions? The best at 1,200 tokens is the default."""

from __future__ import annotations

from pathlib import Path

import numpy as np

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
    kinds = {score.kind: len(score.recalls) for score in scores}
    report(f"{'mode':<11}{'questions':<15}" + "".join(f"{budget:>8}" for budget in BUDGETS) + "  tokens")
    for mode in dict.fromkeys(score.mode for score in scores):
        for kind, count in kinds.items():
            row = [score.recall for score in scores if (score.mode, score.kind) == (mode, kind)]
            report(f"{mode:<11}{f'{kind} ({count})':<15}" + "".join(f"{recall:8.3f}" for recall in row))
    at_default = {
        score.mode: score for score in scores if score.kind == "all" and score.max_tokens == DEFAULT.max_tokens
    }
    best = max(at_default.values(), key=lambda score: score.recall)
    for mode, score in at_default.items():
        if mode != best.mode:
            low, high = interval(np.subtract(best.recalls, score.recalls))
            report(
                f"{best.mode} - {mode} at {DEFAULT.max_tokens}: {best.recall - score.recall:+.3f}, "
                f"95 % of paired bootstraps in [{low:+.3f}, {high:+.3f}]"
            )
    assert best.mode == DEFAULT.mode


def interval(differences, resamples=5000):
    """Where the middle 95 % of bootstrapped means lie."""
    draws = np.random.default_rng(0).integers(len(differences), size=(resamples, len(differences)))
    return np.quantile(differences[draws].mean(axis=1), (0.025, 0.975))
