"""Ranking by words, by similarity, by both, reranked, and with other queries. The tables of docs/benchmarks.md.

One of them: pytest tests/benchmarks/test_ranking.py -k "scifact and reranked". Runs are kept in ragtree-eval/, and go
on there; RAGTREE_LIMIT=100 asks that many questions. RAGTREE_RERANKERS names rerankers that want a download, with
spaces between them: cross-encoder/ms-marco-MiniLM-L6-v2 colbert:colbert-ir/colbertv2.0; RAGTREE_MODEL the language
model that sorts and rewords, the bundled one where it is not set.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ragtree import Settings
from ragtree.evaluate.datasets.registry import open_dataset
from ragtree.evaluate.evaluation import evaluate
from ragtree.evaluate.markdown_report import contrast_table, measure_table
from ragtree.retrieve.rerank import late_interaction

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
LIMIT = int(os.environ.get("RAGTREE_LIMIT", "0")) or None
JUDGED = ("scifact", "cranfield", "medline", "npl", "hotpotqa-100", "anthropic-docs")
"""Sets with relevance judgements."""
FOREIGN = ("xquad-zh", "xquad-ru", "xquad-hi")
"""Questions about a paragraph each, in languages that the bundled embedder has not learned."""
PARTS = {"retrieve.mode": ("lexical", "leaves", "hybrid")}
RERANKED = {"retrieve.rerank": ("none", "late", *os.environ.get("RAGTREE_RERANKERS", "").split())}
SORTED = {"retrieve.rerank": ("none", "llm")}
FEW = 15
"""Questions where a language model sorts: it reads some thousand tokens for each."""
WRITTEN = {"retrieve.expand": ("none", "hyde", "several", "steps")}
SOME = 40
"""Questions where a language model writes what is searched with."""
MODEL = os.environ.get("RAGTREE_MODEL", "bundled")
SHARES = (0.2, 0.5, 1.0)
EXPANDED = {"retrieve.expand": ("none", "feedback")}
TOKENS = 300
"""Documents are ranked whatever the budget is; a search has to have one."""
SHOWN = ("nDCG@10", "recall@20")


def dataset_of(name):
    """The dataset; where it has no judgements, the document that a question is asked of is the relevant one."""
    if not (DATA / name).is_dir():
        pytest.skip(f"{DATA / name} is not there")
    dataset = open_dataset(str(DATA / name))
    asked = tuple(
        question if question.relevant else replace(question, relevant={question.document_id: 1})
        for question in dataset.questions
        if question.relevant or question.document_id
    )
    return replace(dataset, questions=asked)


def measured(name, grid, report, model="none", limit=LIMIT, runs="ragtree-eval", **retrieve):
    started = time.monotonic()
    flat = {"embed": {"kind": "plain"}, "tree": {"cluster": "none"}, "llm": {"model": model}}
    settings = Settings.model_validate({**flat, "retrieve": {"mode": "hybrid", **retrieve}})
    dataset = dataset_of(name)
    found = evaluate(dataset, settings, grid, budgets=(TOKENS,), scope="corpus", limit=limit, out=ROOT / runs)
    report(f"## {name}: {len(found.asked)} questions, {time.monotonic() - started:.0f} s in all")
    kept = [cell.model_copy(update={"estimates": {key: cell.estimates[key] for key in SHOWN}}) for cell in found.cells]
    report(measure_table(kept))
    report(contrast_table(found.contrasts) + "\n")
    return {cell.name: cell.estimates["nDCG@10"].mean for cell in found.cells}


@pytest.mark.parametrize("name", JUDGED + FOREIGN)
def test_hybrid_and_its_parts(name, report):
    mean = measured(name, PARTS, report)
    lexical, leaves, hybrid = (mean[f"retrieve.mode={mode}"] for mode in PARTS["retrieve.mode"])
    report(f"hybrid minus the better of its parts: {hybrid - max(lexical, leaves):+.3f} (wanted: not under -.010)\n")


@pytest.mark.parametrize("name", JUDGED)
def test_reranked(name, report):
    measured(name, RERANKED, report)


@pytest.mark.parametrize("name", JUDGED)
def test_pooled(name, report, monkeypatch):
    """With half as many token vectors. The runs have a folder of their own, as the settings are the same."""
    monkeypatch.setattr(late_interaction.LateInteraction.__init__, "__defaults__", (2,))
    measured(name, RERANKED, report, runs="ragtree-eval/pooled")


@pytest.mark.parametrize("name", JUDGED)
def test_sorted_by_a_language_model(name, report):
    measured(name, SORTED, report, model=MODEL, limit=LIMIT or FEW, candidates=20)


@pytest.mark.parametrize("name", JUDGED)
@pytest.mark.parametrize("share", SHARES)
def test_how_much_the_reranker_decides(name, share, report, monkeypatch):
    monkeypatch.setattr(late_interaction.LateInteraction, "share", share)
    report(f"the reranker decides {share} of the order")
    measured(name, RERANKED, report, runs=f"ragtree-eval/share-{share}")


@pytest.mark.parametrize("name", JUDGED)
def test_other_queries(name, report):
    measured(name, EXPANDED, report)


@pytest.mark.parametrize("name", JUDGED)
def test_queries_of_a_language_model(name, report):
    measured(name, WRITTEN, report, model=MODEL, limit=LIMIT or SOME)
