"""How good are the answers of the bundled models on examples/library's questions?

Word recall: the share of the right answer's numbers and content words that stand in the given one.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from ragtree import RagTree, Settings, models
from ragtree.answer.wording import wording
from ragtree.evaluate.datasets.questions import read_questions
from ragtree.evaluate.metrics.answer_match import word_recall
from ragtree.evaluate.metrics.citations import citation_recall

EXAMPLES = Path(__file__).parents[2] / "examples"
WAYS = {
    "quotes only": {"llm": {"model": "none"}},
    "bundled, reads 500": {"llm": {"model": "bundled"}},
    "bundled, reads 1,200": {"llm": {"model": "bundled"}},
}


@pytest.mark.parametrize("way", WAYS)
def test_answers(tmp_path_factory, way, report, monkeypatch):
    if "1,200" in way:
        monkeypatch.setattr(models, "BUNDLED_READS", 1200)
    index = tmp_path_factory.getbasetemp() / "answers"
    recalls: dict[str, list[float]] = {}
    cited: list[float] = []
    seconds: list[float] = []
    refused: list[bool] = []
    exact: list[bool] = []
    from_the_right_document: dict[int, list[bool]] = {0: [], 1: []}
    disagreeing: list[str] = []
    with RagTree.open(index, Settings.model_validate(WAYS[way])) as tree:
        tree.sync(EXAMPLES / "library")
        documents = {document.id: document for document in tree.documents()}
        for number, question in enumerate(read_questions(EXAMPLES / "questions.jsonl", documents)):
            answer = tree.ask(question.text)
            seconds.append(answer.usage.seconds)
            exact += [one.quote == one.span.of(documents[one.document_id].text) for one in answer.citations]
            if wording().documents_disagree in answer.text:
                disagreeing.append(question.id)
            if question.unanswerable:
                refused.append(not answer.supported)
                continue
            recalls.setdefault(question.kind, []).append(word_recall(question.references[0], answer.text))
            cited.append(citation_recall(answer, question.proofs))
            right = {place.document_id for proof in question.proofs for place in proof.places}
            said = [one.document_id in right for one in answer.citations if answer.supported]
            from_the_right_document[number % 2] += said
    row = ", ".join(f"{kind} {statistics.mean(values):.3f}" for kind, values in recalls.items())
    report(
        f"{way:<22} word recall: {row}; proof cited {statistics.mean(cited):.3f}; "
        f"refused {sum(refused)} of {len(refused)}; median {statistics.median(seconds):.1f} s"
    )
    even, odd = from_the_right_document.values()
    report(
        f"{way:<22} quotes read back exactly: {sum(exact)} of {len(exact)}; citations of answers from a document that "
        f"holds the answer: {statistics.mean([*even, *odd]):.3f} (questions in even places, with which the choice of "
        f"quotes was made: {statistics.mean(even):.3f}; odd: {statistics.mean(odd):.3f}); disagree: {disagreeing}"
    )
