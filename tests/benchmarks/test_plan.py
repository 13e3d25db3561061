"""A plan against the sync that it is of: calls within 25 %, time within 50 %.

The seconds are this machine's, and on a machine that others use as well they change between the plan and the sync; the
ratio of processor times is what counts then. `-k library` for the quick part.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from ragtree import Message, RagTree, Settings
from ragtree.llm.scripted import ScriptedChat

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
FOLDERS = {
    "library": ROOT / "examples" / "library",
    "folder-peps": DATA / "folder-peps" / "files",
    "folder-rustbook": DATA / "folder-rustbook" / "files",
}
WORDS = 75


def a_summary(messages: Sequence[Message]) -> str:
    """As long as a model's: the beginnings of the passages that it was shown."""
    passages = re.findall(r"<passage[^>]*>\n(.*?)\n</passage>", messages[-1].content, re.DOTALL)
    each = max(6, WORDS // max(1, len(passages)))
    return " ".join(" ".join(passage.split()[:each]).rstrip(".") + "." for passage in passages)


def against(plan: float, run: float, unit: str = "") -> str:
    return f"plan {plan:9.1f}{unit}, sync {run:9.1f}{unit}, {plan / run if run else float('nan'):5.2f} of it"


@pytest.fixture(params=FOLDERS)
def folder(request: pytest.FixtureRequest) -> Path:
    if not FOLDERS[request.param].is_dir():
        pytest.skip(f"{FOLDERS[request.param]} is not there")
    return FOLDERS[request.param]


@pytest.fixture
def processor_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Plans are told in seconds of processor time, which others on the machine change less than the clock's."""
    for name in ("plan", "estimate", "speed"):
        monkeypatch.setattr(f"ragtree.planning.{name}.time", SimpleNamespace(monotonic=time.process_time))
    yield


def test_extractive(folder, tmp_path, bundled_embedder, report, processor_time):
    with RagTree.open(tmp_path / "index", Settings(), embedder=bundled_embedder) as tree:
        plan = tree.plan(folder)
        started = time.process_time()
        done = tree.sync(folder)
        taken = time.process_time() - started
        levels = tree.stats().levels
    report(f"{folder}: {plan.files} files, {plan.pages} pages")
    report(f"  levels   plan {plan.levels}, sync {levels}")
    report(f"  groups   {against(plan.summaries, done.summarized)}")
    report(f"  time     {against(60 * plan.minutes, taken, ' s of processor time')}")
    report("           " + ", ".join(f"{part} {seconds:.1f} s" for part, seconds in plan.seconds.items()) + "\n")
    assert plan.summaries == pytest.approx(done.summarized, rel=0.25)


def test_abstractive(folder, tmp_path, quick_embedder, report):
    settings = Settings.model_validate({"summarize": {"kind": "abstractive"}})
    model = ScriptedChat(a_summary)
    with RagTree.open(tmp_path / "index", settings, embedder=quick_embedder, llm=model) as tree:
        plan = tree.plan(folder)
        asked = len(model.calls)
        done = tree.sync(folder)
    calls = len(model.calls) - asked
    report(f"{folder}, with a model that copies")
    report(f"  calls    {against(plan.calls, calls)}")
    report(f"  read     {against(plan.prompt_tokens, done.prompt_tokens, ' tokens')}")
    report(f"  written  {against(plan.answer_tokens, done.answer_tokens, ' tokens')}\n")
    assert plan.calls == pytest.approx(calls, rel=0.25)


@pytest.fixture
def quick_embedder():
    """Words for meaning: the number of calls hardly depends on the embedder."""
    from ragtree.embed.hashing import HashingEmbedder

    return HashingEmbedder()
