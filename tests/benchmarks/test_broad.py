"""Broad questions: do the words, and the sense, of what people answered stand in what each mode finds?

SQuALITY's stories, one tree a story with extractive summaries; "What is the plot of the story?" and its other questions
apart. Words are those of the answers that stand in the passages; sense is the mean, over the sentences of the answers,
of the cosine to the nearest sentence of the passages. Answers are those without a language model: what of people's
words stands in their quotes. RAGTREE_STORIES=8 is a quick look.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from ragtree import RagTree, Settings
from ragtree.evaluate.datasets.registry import open_dataset
from ragtree.evaluate.metrics.answer_match import coverage
from ragtree.evaluate.significance import compare
from ragtree.text.sentences import sentence_spans

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "squality-train"
BUDGETS = (300, 600, 1200, 2000)
MODES = ("auto", "hybrid", "collapsed", "traverse")
STORIES = int(os.environ.get("RAGTREE_STORIES", "50"))
LEAST_WORDS = 4
"""Words of a sentence whose sense can be compared."""


class Sense:
    """Sentences and their vectors, each embedded once."""

    def __init__(self, embedder):
        self._embedder = embedder
        self._rows = {}

    def rows(self, texts):
        sentences = [span.of(text).strip() for text in texts for span in sentence_spans(text, "en")]
        wanted = [text for text in dict.fromkeys(sentences) if len(text.split()) >= LEAST_WORDS]
        new = [text for text in wanted if text not in self._rows]
        self._rows.update(zip(new, self._embedder.embed(new), strict=True)) if new else None
        return np.stack([self._rows[text] for text in wanted]) if wanted else np.zeros((1, self._embedder.dimension))

    def coverage(self, references, texts):
        return float((self.rows(references) @ self.rows(texts).T).max(axis=1).mean())


def test_what_people_answered_to_broad_questions(tmp_path, bundled_embedder, report):
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is not there")
    data = open_dataset(str(DATA))
    sense = Sense(bundled_embedder)
    values, groups, quoted = defaultdict(list), defaultdict(list), defaultdict(list)
    for number, document in enumerate(data.documents[:STORIES]):
        settings = Settings.model_validate({"llm": {"model": "none"}})
        with RagTree.open(tmp_path / str(number), settings, embedder=bundled_embedder) as tree:
            tree.add([document])
            for question in data.questions:
                if question.document_id != document.id or not question.references:
                    continue
                kind = "plot" if "plot" in question.text.lower() else "other"
                groups[kind].append(document.id)
                answer = tree.ask(question.text)
                quoted[kind].append((coverage(question.references, answer.text), len(answer.citations)))
                for mode in ("leaves", *MODES):
                    for budget in BUDGETS:
                        texts = [hit.node.text for hit in tree.search(question.text, mode=mode, max_tokens=budget)]
                        found = coverage(question.references, "\n".join(texts))
                        values[kind, "words", mode, budget].append(found)
                        values[kind, "sense", mode, budget].append(sense.coverage(question.references, texts))
    for kind, answers in quoted.items():
        words, quotes = np.mean(answers, axis=0)
        report(f"## answers to {kind} questions: {quotes:.1f} quotes with {words:.3f} of people's words")
    for kind, of in groups.items():
        for measure in ("words", "sense"):
            report(f"## {measure}, {kind} questions: {len(of)} of {len(set(of))} stories")
            for mode in MODES:
                for budget in BUDGETS:
                    own, flat = (np.array(values[kind, measure, name, budget]) for name in (mode, "leaves"))
                    over = compare(own, flat, groups=of)
                    report(
                        f"{mode:10}@{budget:<5} {own.mean():.3f}, leaves {flat.mean():.3f}: {over.difference:+.3f} "
                        f"[{over.low:+.3f}, {over.high:+.3f}]"
                    )
