"""Does a small model that reads question and passage together find answers better than vectors and words?

answer_finder/train.py makes the model. It never saw XQuAD, nor the folders whose first questions are asked here.

    RAGTREE_ANSWER_FINDER=FILE.onnx pytest tests/benchmarks/test_answer_finder.py
"""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path

import numpy as np
import pytest
from first_answers import faults

from ragtree import RagTree, Settings
from ragtree.answer.answerability import answerability
from ragtree.answer.citation_marks import CitationMarker
from ragtree.answer.options import SUPPORT
from ragtree.answer.passages import QuoteFinder
from ragtree.answer.quoting import choose_quotes, is_overview
from ragtree.gather.topics import topics_of
from ragtree.models import embedder_files
from ragtree.settings import EmbedSettings
from ragtree.text.sentences import sentence_spans
from ragtree.understand.base import Request
from ragtree.understand.kinds import RequestClassifier

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "answer_finder"))
from finder import AnswerFinder, Stretch, find_answers  # noqa: E402

XQUAD = HERE.parents[2] / "shared" / "data" / "xquad-en"
FOLDERS = {"household": "startup", "startup": "research", "research": "manuals", "manuals": "household"}
"""The folders in English, and the one whose questions each does not answer."""
KINDS = RequestClassifier()
ASKED = 400
WEIGHT = 0.1
"""Of the log-odds, beside a cosine."""
MODEL = os.environ.get("RAGTREE_ANSWER_FINDER", "")


@pytest.fixture(scope="module")
def finder():
    if not MODEL:
        pytest.skip("set RAGTREE_ANSWER_FINDER to a file that answer_finder/train.py wrote")
    return AnswerFinder(Path(MODEL), embedder_files(EmbedSettings()) / "tokenizer.json")


def rows(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]


def area(yes, no):
    """The share of pairs of which the answerable question has more."""
    return float(np.mean(np.array(yes)[:, None] > np.array(no)[None, :]))


def test_the_sentence_of_a_paragraph(tmp_path, finder, report):
    if not XQUAD.is_dir():
        pytest.skip("the data is not beside the repository")
    documents = {row["id"]: row for row in rows(XQUAD / "corpus.jsonl")}
    asked = rows(XQUAD / "queries.jsonl")
    random.Random(5).shuffle(asked)
    near, found = [], []
    with RagTree.open(tmp_path / "index", Settings.model_validate({"llm": {"model": "none"}})) as tree:
        for row in asked[:ASKED]:
            text, answer = documents[row["doc_id"]]["text"], row["answers"][0]
            at = row["spans"][0][0] if row.get("spans") else text.index(answer)
            cuts = sentence_spans(text, "en")
            sentences = tuple(cut.of(text).strip() for cut in cuts)
            holds = [cut.start <= at < cut.end for cut in cuts]
            cosines = tree.embedder.embed(sentences) @ tree.embedder.embed_query(row["text"])
            (scores,) = finder.log_odds(row["text"], [Stretch(documents[row["doc_id"]]["title"], sentences)])
            near.append(holds[int(np.argmax(cosines))])
            found.append(holds[int(np.argmax(scores))])
    report(
        f"{len(near)} questions of XQuAD, each to its own paragraph; the sentence with the answer is first: by cosine "
        f"{np.mean(near):.3f}, by the answer finder {np.mean(found):.3f}"
    )


def read(tree, question):
    """The request, its passages, and the cosine of the question to each quote."""
    hits = tree.search(question, max_tokens=tree.settings.retrieve.max_tokens)
    documents = {document.id: document for document in tree.documents()}
    known = {node.id: node for node in tree.nodes(0)}
    quotes = QuoteFinder(lambda keys: [known[key] for key in keys if key in known], documents.get, "auto")
    passages = quotes.passages(hits)
    wants, topics = KINDS.wanted(question), tuple(topics_of(question, KINDS.is_request_word))
    near = CitationMarker(passages.quotes, tree.embedder, SUPPORT, question).relevance()
    return Request(question, wants=wants, topics=topics), passages, near


def test_first_questions(tmp_path, finder, report):
    """Questions of other folders have no answer here."""
    first = {"today": [], "with the finder": []}
    best = {"today": [], "with the finder": []}
    sure = {(way, holds): [] for way in first for holds in (True, False)}
    for folder, other in FOLDERS.items():
        with RagTree.open(tmp_path / folder, Settings.model_validate({"llm": {"model": "none"}})) as tree:
            tree.sync(HERE / "folders" / folder)
            for name in (folder, other):
                for row in rows(HERE / "first_questions" / f"{name}.jsonl"):
                    if "||" in row["question"] or row.get("refuse") or KINDS.classify(row["question"]).kind != "fact":
                        continue
                    request, passages, near = read(tree, row["question"])
                    if is_overview(passages) or not passages.quotes:
                        continue
                    found = np.clip(find_answers(finder, row["question"], passages), -8, 8)
                    evidence = answerability(request, passages, near)
                    sure["today", name == folder].append(evidence)
                    sure["with the finder", name == folder].append(evidence + WEIGHT / 2 * float(found.max()))
                    holds = [not faults(row, one.text, [one.citation.source]) for one in passages.quotes]
                    if name != folder or not any(holds):
                        continue
                    for way, scores in (("today", near), ("with the finder", list(near + WEIGHT * found))):
                        chosen = choose_quotes(request, passages, scores, 3)
                        first[way].append(holds[chosen[0]])
                        best[way].append(any(holds[one] for one in chosen))
    for way in first:
        report(
            f"first questions of {len(FOLDERS)} folders, {way}: of {len(first[way])}, the first quote answers "
            f"{np.mean(first[way]):.3f}, one of three {np.mean(best[way]):.3f}; area for those without an answer "
            f"{area(sure[way, True], sure[way, False]):.3f}"
        )
