"""Is an answer better than what a plain prompt gets from the same model and passages? And what is refused?

The plain prompt has the passages, the names of their files, and one line of instruction. An answer is compared without
its marks and without what ragtree itself says. Of each set questions in even places may be looked at while something
is changed; those in odd ones are reported apart. `moved` are questions of CovidQA to the library.

    RAGTREE_LLM_MODEL=FILE.gguf pytest tests/benchmarks/test_against_plain.py -k covidqa

RAGTREE_QUESTIONS says how many questions of a set are asked (100). RAGTREE_RECORDS is a folder where answers and
indexes are kept: a run that was stopped goes on there.
"""

from __future__ import annotations

import json
import logging
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ragtree import Message, RagTree, Settings
from ragtree.answer.wording import wording
from ragtree.evaluate import Question, compare, open_dataset, read_questions
from ragtree.evaluate.metrics.answer_match import token_f1, word_recall
from ragtree.evaluate.metrics.citations import plain_text
from ragtree.evaluate.metrics.spans import evidence_recall, found_spans
from ragtree.llm.base import complete

EXAMPLES = Path(__file__).parents[2] / "examples"
DATA = Path(__file__).parents[3] / "shared" / "data"
MODEL = os.environ.get("RAGTREE_LLM_MODEL", "bundled")
SIZE = int(os.environ.get("RAGTREE_QUESTIONS", "100"))
SETS = {
    "library": None,
    "moved": "covidqa",
    "covidqa": "covidqa",
    "hotpotqa-100": "hotpotqa-100",
    "qasper": "qasper-train",
}
"""By name the data that is needed beside the library."""
FOUND = 0.5
"""Share of the evidence that has to be among the passages before a question counts as answerable."""
MOST_TOKENS = 300
NO_ANSWER = "Unanswerable"
REFUSALS = tuple(wording(code).not_in_documents for code in ("en", "de", "fr", "es", "it"))


@dataclass(frozen=True)
class Asked:
    """A question, and where it is asked: of one document if it takes that for granted."""

    question: Question
    unanswerable: bool
    where: Mapping[str, str] | None = None


def asked_of(name: str, tree: RagTree) -> list[Asked]:
    """The questions of a set, always in the same order; the tree has read their documents."""
    if name in ("library", "moved"):
        tree.sync(EXAMPLES / "library")
    if name == "library":
        documents = {document.id: document for document in tree.documents()}
        own = [read_questions(EXAMPLES / file, documents) for file in ("questions.jsonl", "unanswerable.jsonl")]
        return [Asked(question, question.unanswerable) for questions in own for question in questions[:SIZE]]
    dataset = open_dataset(str(DATA / str(SETS[name])))
    questions = [question for question in dataset.questions if question.unanswerable or answers_of(question)]
    random.Random(0).shuffle(questions)
    if name == "moved":
        return [Asked(question, True) for question in questions[: SIZE // 2]]
    without = [question for question in questions if question.unanswerable][: SIZE // 2]
    asked = [question for question in questions if not question.unanswerable][:SIZE] + without
    alone = dataset.scope == "document"
    about = {question.document_id for question in asked}
    tree.add([document for document in dataset.documents if not alone or document.id in about])
    return [
        Asked(question, question.unanswerable, {"document_id": question.document_id} if alone else None)
        for question in asked
    ]


def answers_of(question: Question) -> list[str]:
    return [reference for reference in question.references if reference and reference != NO_ANSWER]


def plainly(tree: RagTree, question: str, passages: Sequence[tuple[str, str]]) -> str:
    """What the model says to the passages with the names of their files, and one line of instruction."""
    read = "\n\n".join(f"[{source}]\n{text}" for source, text in passages)
    asked = f"{read}\n\nAnswer the question from the passages above.\nQuestion: {question}"
    return complete(tree.llm, [Message("user", asked)], MOST_TOKENS)


@contextmanager
def logged(name: str) -> Iterator[list[str]]:
    """What a module logs meanwhile: how sure the model was, and what was left out."""
    lines: list[str] = []
    logger, handler = logging.getLogger(name), logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    before = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def record_of(tree: RagTree, asked: Asked) -> dict[str, Any]:
    """What was answered both ways."""
    question = asked.question
    with logged("ragtree.answer") as lines:
        answer = tree.ask(question.text, where=asked.where)
    leaves = {node.id: node for node in tree.nodes(0)}
    hits = answer.hits or tree.search(question.text, max_tokens=tree.settings.retrieve.max_tokens, where=asked.where)
    places = found_spans(hits, lambda ids: [leaves[key] for key in ids if key in leaves])
    passages = [(hit.node.source, hit.node.text) for hit in hits]
    return {
        "id": question.id,
        "question": question.text,
        "unanswerable": asked.unanswerable,
        "references": answers_of(question),
        "found": evidence_recall(question.proofs, places) if question.proofs else None,
        "text": answer.text,
        "ours": plain_text(answer),
        "refused": answer.text.startswith(REFUSALS),
        "log": lines,
        "cited": {citation.number: citation.quote for citation in answer.citations},
        "plain": "" if asked.unanswerable or tree.llm is None else plainly(tree, question.text, passages),
    }


def records_of(name: str, place: Path) -> list[dict[str, Any]]:
    """One for each question; those that are on file already are not asked again."""
    kept = Path(os.environ.get("RAGTREE_RECORDS", place)) / f"{name}.jsonl"
    kept.parent.mkdir(parents=True, exist_ok=True)
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else []
    known = {record["id"]: record for record in map(json.loads, lines)}
    settings = Settings.model_validate(
        {"llm": {"model": MODEL, "context": 8192}, "summarize": {"kind": "extractive"}}  # it writes answers only
    )
    with RagTree.open(kept.with_suffix(".index"), settings) as tree, kept.open("a", encoding="utf-8") as file:
        asked = asked_of(name, tree)
        for one in asked:
            if one.question.id not in known:
                known[one.question.id] = record = record_of(tree, one)
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                file.flush()
    return [known[one.question.id] for one in asked]


def best(measure: Callable[[str, str], float], record: Mapping[str, Any], key: str) -> float:
    """The measure of an answer against the reference that suits it best."""
    return max(measure(reference, record[key]) for reference in record["references"])


def told(name: str, records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines: refusals, and both measures against those of the plain prompt."""
    without = [record for record in records if record["unanswerable"]]
    answerable = [record for record in records if record["references"] and not record["unanswerable"]]
    found = [record for record in answerable if record["found"] is None or record["found"] >= FOUND]
    lines = []
    if without:
        refused = sum(record["refused"] for record in without)
        lines.append(f"{name}: of {len(without)} without an answer {refused / len(without):.2f} are refused")
    if found:
        refused = sum(record["refused"] for record in found)
        lines.append(f"{name}: of {len(found)} with their evidence {refused / len(found):.3f} are refused")
    if any(record["plain"] for record in answerable):
        for title, measure in (("token F1", f1), ("recall", word_recall)):
            ours = np.array([best(measure, record, "ours") for record in answerable])
            plain = np.array([best(measure, record, "plain") for record in answerable])
            result = compare(ours, plain)
            lines.append(
                f"{name}: {title} of {len(ours)} answers {ours.mean():.3f}, of the plain prompt {plain.mean():.3f}: "
                f"{result.difference:+.3f} [{result.low:+.3f}, {result.high:+.3f}]"
            )
    return lines


def f1(reference: str, answer: str) -> float:
    return token_f1([reference], answer)


@pytest.mark.parametrize("name", SETS)
def test_against_a_plain_prompt(tmp_path_factory, name, report):
    needed = SETS[name]
    if needed and not (DATA / needed).is_dir():
        pytest.skip("the data is not beside the repository")
    records = records_of(name, tmp_path_factory.getbasetemp())
    halves = {"": records, ", even places": records[::2], ", odd places": records[1::2]}
    for half, rows in halves.items():
        for line in told(f"{name}, {MODEL}{half}", rows):
            report(line)
