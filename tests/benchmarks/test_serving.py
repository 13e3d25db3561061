"""What a search over MCP takes beside the search itself, on examples/library; and many clients at once.

Both searches are measured in turns in the same run, so the ratio tells the same on a busy machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from library import LIBRARY, QUESTIONS, copy_of
from openai import AsyncOpenAI

from ragtree import RagTree, Settings
from ragtree.embed.base import Embedder
from ragtree.serve.app import make_app
from ragtree.serve.collections import ServedFolder
from ragtree.serve.guard import ServerAccess
from ragtree.serve.mcp import search_tools

sys.path.append(str(Path(__file__).parents[1] / "serve"))
from mcp_served import talking
from running_app import running

ROUNDS = 3
MOST_RATIO = 3.0
SETTINGS = Settings.model_validate({"llm": {"model": "none"}})


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_search_over_mcp_is_answered_at_once(
    mode: str, library_index: Path, bundled_embedder: Embedder, tmp_path: Path, report: Callable[[str], None]
) -> None:
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines][:30]
    folder = ServedFolder(LIBRARY, copy_of(library_index, tmp_path / "served"), SETTINGS, bundled_embedder)
    app = make_app([folder], ServerAccess(), watch=False)
    with (
        RagTree.open(copy_of(library_index, tmp_path / "plain"), SETTINGS, embedder=bundled_embedder) as tree,
        running(app) as address,
    ):
        plain, served = asyncio.run(_measured(questions, tree, address, mode))
    over, alone = statistics.median(served), statistics.median(plain)
    report(f"search over MCP ({mode}): p50 {over:.1f} ms, tree.search {alone:.1f} ms, ratio {over / alone:.2f}")
    assert over < MOST_RATIO * alone


def test_no_answer_is_lost_and_no_thread_is_left(
    library_index: Path, bundled_embedder: Embedder, tmp_path: Path, report: Callable[[str], None]
) -> None:
    """200 clients ask for a minute (RAGTREE_SECONDS), one question after the other, without a language model."""
    seconds = float(os.environ.get("RAGTREE_SECONDS", "60"))
    folder = ServedFolder(LIBRARY, copy_of(library_index, tmp_path / "served"), SETTINGS, bundled_embedder)
    before = threading.active_count()
    with running(make_app([folder], ServerAccess(), watch=False)) as address:
        answered = asyncio.run(_crowd(address, seconds))
    time.sleep(1)
    left = threading.active_count() - before
    report(f"200 clients for {seconds:.0f} s: {len(answered)} answers, {answered.count('')} lost, {left} threads left")
    assert "" not in answered
    assert left <= 1  # torch keeps one of its own


async def _crowd(address: str, seconds: float) -> list[str]:
    """What all clients were answered; empty where they got nothing."""
    ends = time.monotonic() + seconds
    answered: list[str] = []
    async with AsyncOpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0, timeout=600) as client:

        async def asks(number: int) -> None:
            while time.monotonic() < ends:
                question = f"What did the stove for hut {number} cost?"
                said = await client.chat.completions.create(
                    model="ragtree", messages=[{"role": "user", "content": question}]
                )
                answered.append(said.choices[0].message.content or "")

        await asyncio.gather(*map(asks, range(200)))
    return answered


async def _measured(questions: list[str], tree: RagTree, address: str, mode: str) -> tuple[list[float], list[float]]:
    """Milliseconds of the searches themselves, and over MCP; the first round is not counted."""
    plain: list[float] = []
    served: list[float] = []
    async with talking(address, mode) as talk:
        for round_number in range(ROUNDS + 1):
            for question in questions:
                direct = await _timed(asyncio.to_thread(tree.search, question, max_tokens=search_tools._TOKENS))
                over = await _timed(talk.client.call_tool("search", {"query": question}))
                if round_number:
                    plain.append(direct)
                    served.append(over)
    return plain, served


async def _timed(call: Awaitable[object]) -> float:
    start = time.perf_counter()
    await call
    return 1000 * (time.perf_counter() - start)
