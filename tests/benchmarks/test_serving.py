"""What a search over MCP takes beside the search itself, on examples/library.

Both are measured in turns in the same run, so the ratio tells the same on a busy machine.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from library import LIBRARY, QUESTIONS, copy_of

from ragtree import RagTree, Settings
from ragtree.embed.base import Embedder
from ragtree.serve.app import make_app
from ragtree.serve.collections import Folder
from ragtree.serve.guard import Access
from ragtree.serve.mcp import finding

sys.path.append(str(Path(__file__).parents[1] / "serve"))
from mcp_served import running, talking

ROUNDS = 3
MOST_RATIO = 3.0
SETTINGS = Settings.model_validate({"llm": {"model": "none"}})


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_search_over_mcp_is_answered_at_once(
    mode: str, library_index: Path, bundled_embedder: Embedder, tmp_path: Path, report: Callable[[str], None]
) -> None:
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines][:30]
    folder = Folder(LIBRARY, copy_of(library_index, tmp_path / "served"), SETTINGS, bundled_embedder)
    app = make_app([folder], Access(), watch=False)
    with (
        RagTree.open(copy_of(library_index, tmp_path / "plain"), SETTINGS, embedder=bundled_embedder) as tree,
        running(app) as address,
    ):
        plain, served = asyncio.run(_measured(questions, tree, address, mode))
    over, alone = statistics.median(served), statistics.median(plain)
    report(f"search over MCP ({mode}): p50 {over:.1f} ms, tree.search {alone:.1f} ms, ratio {over / alone:.2f}")
    assert over < MOST_RATIO * alone


async def _measured(questions: list[str], tree: RagTree, address: str, mode: str) -> tuple[list[float], list[float]]:
    """Milliseconds of the searches themselves, and over MCP; the first round is not counted."""
    plain: list[float] = []
    served: list[float] = []
    async with talking(address, mode) as talk:
        for round_number in range(ROUNDS + 1):
            for question in questions:
                direct = await _timed(asyncio.to_thread(tree.search, question, max_tokens=finding._TOKENS))
                over = await _timed(talk.client.call_tool("search", {"query": question}))
                if round_number:
                    plain.append(direct)
                    served.append(over)
    return plain, served


async def _timed(call: Awaitable[object]) -> float:
    start = time.perf_counter()
    await call
    return 1000 * (time.perf_counter() - start)
