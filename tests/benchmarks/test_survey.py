"""What does a survey leave unread that it should have read? The thresholds of ragtree/retrieve/exhaustive/pruning.py.

For every question of examples/questions.jsonl: the share of the chunks that is read, and of the proving quotes that
lies in them.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np

from ragtree import RagTree
from ragtree.evaluate.base import Place
from ragtree.evaluate.datasets.questions import read_questions
from ragtree.evaluate.metrics.spans import evidence_recall
from ragtree.retrieve.branches import branches_of
from ragtree.retrieve.exhaustive import pruning

EXAMPLES = Path(__file__).parents[2] / "examples"
THRESHOLDS = ((-9.0, -9.0), (-0.5, 0.5), (0.0, 1.0), (0.0, 1.5), (0.0, 2.0), (0.5, 1.0), (0.5, 1.5), (1.0, 2.0))


def test_what_is_left_unread(tmp_path, bundled_embedder, monkeypatch, report):
    with RagTree.open(tmp_path / "index", embedder=bundled_embedder) as tree, ExitStack() as reading:
        tree.sync(EXAMPLES / "library")
        questions = read_questions(EXAMPLES / "questions.jsonl", {one.id: one for one in tree.documents()})
        index = tree._reader.index(reading.enter_context(tree._reader.reading()))
        groups = branches_of(index).groups()
        leaves = {node.id: node for node in tree.nodes(0)}
        proved = [question for question in questions if question.proofs]
        report(f"## survey: {len(proved)} questions, {len(leaves)} chunks in {len(groups)} parts")
        for summary, leaf in THRESHOLDS:
            monkeypatch.setattr(pruning, "_SUMMARY", summary)
            monkeypatch.setattr(pruning, "_LEAF", leaf)
            read, kept = [], []
            for question in proved:
                parts = pruning.parts_to_read(groups, index.nodes, tree._search.vector(question.text, index))
                seen = {key for part in parts for key in part.leaves}
                read.append(len(seen) / len(leaves))
                places = [Place(leaves[key].document_id, leaves[key].span) for key in seen]
                kept.append(evidence_recall(question.proofs, places))
            report(
                f"summaries from {summary:+.1f}, leaves from {leaf:+.1f} standard deviations: "
                f"reads {np.mean(read):.2f} of the chunks, {np.mean(kept):.3f} of the proof lies in them"
            )
