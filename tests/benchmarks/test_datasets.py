"""The modes on published data: what work on chunks, trees and retrieval is judged by. The tables of docs/benchmarks.md.

One of them: pytest tests/benchmarks/test_datasets.py -k qasper. Runs are kept in ragtree-eval/, and go on there.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ragtree import Settings
from ragtree.evaluate.datasets.registry import open_dataset
from ragtree.evaluate.evaluation import evaluate
from ragtree.evaluate.markdown_report import contrast_table, kind_table, measure_table

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
PLAIN = Settings.model_validate({"embed": {"kind": "plain"}})
"""Chunks embedded alone, as in the papers; what else there is has tables of its own."""
MODES = {"retrieve.mode": ("leaves", "lexical", "hybrid", "auto", "collapsed", "traverse")}
BLENDED = {"embed.kind": ("plain", "blend"), "retrieve.mode": ("leaves", "hybrid", "auto", "collapsed", "traverse")}
EVIDENCE = ("qasper-train", "covidqa", "chunking-eval")
"""Evidence recall at budgets of tokens."""
BROAD = ("squality-train",)
"""How much of what people answered to broad questions stands in what was found."""
BUDGETS = (300, 600, 1200, 2000)
RANKED = ("scifact", "cranfield", "medline", "npl", "hotpotqa-100", "anthropic-docs", "limit-small", "musique-mini")
"""nDCG@10 and recall over relevance judgements."""


def measured(name, settings, grid, report):
    if not (DATA / name).is_dir():
        pytest.skip(f"{DATA / name} is not there")
    started = time.monotonic()
    found = evaluate(open_dataset(str(DATA / name)), settings, grid, budgets=BUDGETS, out=ROOT / "ragtree-eval")
    report(f"## {name}: {len(found.asked)} questions, {time.monotonic() - started:.0f} s in all")
    report(measure_table(found.cells))
    by_kind = kind_table(found.cells, ["evidence recall@1200", "coverage@1200"])
    report(by_kind or "(one kind of question)")
    report(contrast_table(found.contrasts) + "\n")
    return found


@pytest.mark.parametrize("name", EVIDENCE + BROAD)
def test_passages_of_long_documents(name, report):
    measured(name, PLAIN, BLENDED, report)


@pytest.mark.parametrize("name", RANKED)
def test_documents_ranked(name, report):
    found = measured(name, PLAIN, MODES, report)
    mean = {cell.name.partition("=")[2]: cell.estimates["nDCG@10"].mean for cell in found.cells}
    best = max(mean["leaves"], mean["lexical"])
    report(f"hybrid is {mean['hybrid'] - best:+.3f} over the better of its parts (wanted: not under -.010)\n")


def test_scifact_with_whole_documents_has_the_published_figure(report):
    """all-MiniLM-L6-v2, documents cut at the model's 256 tokens: nDCG@10 0.645."""
    whole = Settings.model_validate(
        {"chunk": {"tokens": 4096}, "embed": {"kind": "plain"}, "tree": {"cluster": "none"}}
    )
    found = measured("scifact", whole, {"retrieve.mode": ("leaves",)}, report)
    assert found.cells[0].estimates["nDCG@10"].mean == pytest.approx(0.645, abs=0.005)


@pytest.mark.parametrize(("name", "limit"), [("qasper-train", 40), ("bamboo-paperqa", 40)])
def test_short_answers(name, limit, report):
    """The bundled model reads what was found and answers in a few words: exact match and F1, or the right option."""
    if not (DATA / name).is_dir():
        pytest.skip(f"{DATA / name} is not there")
    dataset = open_dataset(str(DATA / name))
    modes = {"retrieve.mode": ("leaves", "auto", "collapsed", "traverse")}
    found = evaluate(dataset, PLAIN, modes, reader="short", limit=limit, out=ROOT / "ragtree-eval")
    report(f"## {name}, answers: {len(found.asked)} questions")
    report(measure_table(found.cells) + "\n" + contrast_table(found.contrasts) + "\n")
