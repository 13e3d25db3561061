"""How far can the evaluation itself be trusted? False alarms and power of the paired test, and made questions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from simulations import documents_with_leanings, five_points_better, same_twice_with_noise

from ragtree import RagTree
from ragtree.evaluate import compare_folder, contrast_table, make_questions, measure_table, read_questions
from ragtree.evaluate.significance import permutation_p

EXAMPLES = Path(__file__).parents[2] / "examples"
TRIALS = 200


def called(trials) -> float:
    """Share of trials that the test calls different."""
    return float(np.mean([permutation_p(first, second, groups=groups) < 0.05 for first, second, groups in trials]))


def ungrouped(draw, share):
    dice = np.random.default_rng(0)
    for _ in range(TRIALS):
        first, second = draw(dice, 300, share)
        yield first, second, None


def test_the_paired_test(report):
    """A null that is called different, and five points on 300 questions that are found, in 200 trials each."""
    dice = np.random.default_rng(0)
    report("| simulation | share of scores drawn anew | correlation | called different |\n| --- | --- | --- | --- |")
    for share in (0.4, 1.0):
        report(f"| the same system twice | {share} | | {called(ungrouped(same_twice_with_noise, share)):.1%} |")
    leaning = called(documents_with_leanings(dice) for _ in range(TRIALS))
    report(f"| the same twice, questions of 60 documents | | | {leaning:.1%} |")
    for share in (0.15, 0.2, 0.3, 1.0):
        first, second = five_points_better(np.random.default_rng(1), 100_000, share)
        shared = np.corrcoef(first, second)[0, 1]
        found = called(ungrouped(five_points_better, share))
        report(f"| five points better | {share} | {shared:.2f} | {found:.0%} |")


def test_made_questions_against_peoples_own(tmp_path, report):
    """Do questions made from the folder say of the modes what the folder's own questions say?"""
    with RagTree.open(tmp_path / "index") as tree:
        tree.sync(EXAMPLES / "library")
        documents = list(tree.documents())
        made = make_questions(documents, tree.nodes(level=0), 600, 0, "en", None).questions
        own = read_questions(EXAMPLES / "questions.jsonl", {one.id: one for one in documents})
        for name, questions in (("made", made), ("own", own)):
            found = compare_folder(tree, questions)
            report(
                f"{name}: {len(questions)} questions\n{measure_table(found.cells)}\n{contrast_table(found.contrasts)}"
            )
