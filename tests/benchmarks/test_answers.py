"""How good are the answers of the bundled models on examples/library's questions?

Word recall: the share of the right answer's numbers and content words that stand in the given one.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from ragtree import RagTree, Settings
from ragtree.evaluate.answers import word_recall
from ragtree.evaluate.dataset import gold_spans, read_questions
from ragtree.evaluate.evidence import evidence_recall

EXAMPLES = Path(__file__).parents[2] / "examples"
WAYS = {
    "quotes only": {"llm": {"model": "none"}},
    "bundled, reads 500": {"llm": {"model": "bundled"}},
    "bundled, reads 1,200": {"llm": {"model": "bundled"}, "answer": {"read_tokens": 1200}},
}


@pytest.mark.parametrize("way", WAYS)
def test_answers(tmp_path_factory, way, report):
    questions = read_questions(EXAMPLES / "questions.jsonl")
    index = tmp_path_factory.getbasetemp() / "answers"
    recalls: dict[str, list[float]] = {}
    cited: list[float] = []
    seconds: list[float] = []
    refused: list[bool] = []
    with RagTree.open(index, Settings.model_validate(WAYS[way])) as tree:
        tree.sync(EXAMPLES / "library")
        documents = {document.id: document for document in tree.documents()}
        for question in questions:
            answer = tree.ask(question.question)
            seconds.append(answer.usage.seconds)
            if question.answer is None:
                refused.append(not answer.supported)
                continue
            recalls.setdefault(question.kind, []).append(word_recall(question.answer, answer.text))
            spans = [(citation.document_id, citation.span) for citation in answer.citations]
            cited.append(evidence_recall(gold_spans(question, documents), spans))
    row = ", ".join(f"{kind} {statistics.mean(values):.3f}" for kind, values in recalls.items())
    report(
        f"{way:<22} word recall: {row}; proof cited {statistics.mean(cited):.3f}; "
        f"refused {sum(refused)} of {len(refused)}; median {statistics.median(seconds):.1f} s"
    )
