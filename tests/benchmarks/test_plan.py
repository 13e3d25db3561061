"""A plan against the run that it is of: calls within 25 %, time within 50 %.

The seconds are this machine's, and on a machine that others use as well they change between the plan and the run; the
last column is what counts. `-k library` for the quick half.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from ragtree import Message, RagTree, Settings
from ragtree.llm.scripted import ScriptedChat

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "examples" / "library"
RUSTBOOK = ROOT.parent / "shared" / "data" / "folder-rustbook" / "files"
WORDS = 75


def a_summary(messages: Sequence[Message]) -> str:
    """As long as a model's: the beginnings of the passages that it was shown."""
    passages = re.findall(r"<passage[^>]*>\n(.*?)\n</passage>", messages[-1].content, re.DOTALL)
    each = max(6, WORDS // max(1, len(passages)))
    return " ".join(" ".join(passage.split()[:each]).rstrip(".") + "." for passage in passages)


def against(plan: float, run: float, unit: str = "") -> str:
    return f"plan {plan:9.1f}{unit}, run {run:9.1f}{unit}, {plan / run if run else float('nan'):5.2f} of it"


def planned_and_run(name, folder, settings, tmp_path, embedder, report, llm=None):
    with RagTree.open(tmp_path / "index", settings, embedder=embedder, llm=llm) as tree:
        started = time.monotonic()
        plan = tree.plan(folder)
        took = time.monotonic() - started
        asked = len(llm.calls) if llm else 0
        done = tree.sync(folder)
        levels = tree.stats().levels
    report(f"{name}: {plan.files} files, {plan.pages} pages; the plan took {took:.1f} s")
    report(f"  levels   plan {plan.levels}, run {levels}")
    report(f"  groups   {against(plan.summaries, done.summarized)}")
    if llm:
        report(f"  calls    {against(plan.calls, len(llm.calls) - asked)}")
        report(f"  read     {against(plan.prompt_tokens, done.prompt_tokens, ' tokens')}")
        report(f"  written  {against(plan.answer_tokens, done.answer_tokens, ' tokens')}")
    report(f"  time     {against(60 * plan.minutes, done.seconds, ' s')}")
    report("           " + ", ".join(f"{part} {seconds:.1f} s" for part, seconds in plan.seconds.items()) + "\n")
    assert plan.levels[0] == levels[0]
    assert plan.summaries == pytest.approx(done.summarized, rel=0.25)
    if llm:
        assert plan.calls == pytest.approx(len(llm.calls) - asked, rel=0.25)


@pytest.mark.parametrize("cluster", ["kmeans", "gmm"])
def test_library_extractive(cluster, tmp_path, bundled_embedder, report):
    settings = Settings.model_validate({"tree": {"cluster": cluster}})
    planned_and_run(f"library, {cluster}, extractive", LIBRARY, settings, tmp_path, bundled_embedder, report)


def test_library_abstractive(tmp_path, bundled_embedder, report):
    settings = Settings.model_validate({"summarize": {"kind": "abstractive"}})
    model = ScriptedChat(a_summary)
    planned_and_run("library, abstractive", LIBRARY, settings, tmp_path, bundled_embedder, report, model)


def test_rustbook(tmp_path, bundled_embedder, report):
    if not RUSTBOOK.is_dir():
        pytest.skip(f"{RUSTBOOK} is not there")
    planned_and_run("rustbook, extractive", RUSTBOOK, Settings(), tmp_path, bundled_embedder, report)
