from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragtree.chunk.semantic import SemanticChunker, cheapest_cuts, gap_costs, gap_similarity
from ragtree.embed.hashing import HashingEmbedder
from ragtree.settings import ChunkSettings
from ragtree.types import Document


def test_the_similarity_of_a_gap_is_that_of_what_stands_on_either_side() -> None:
    vectors = np.repeat(np.eye(3, dtype=np.float32), 3, axis=0)
    found = gap_similarity(vectors, 3)
    assert found.argmin() == 2 and found[2] == found[5] == 0
    assert (found >= 0).all() and (found <= 1).all() and np.array_equal(found, found[::-1])
    assert gap_similarity(vectors, 1).tolist() == [1, 1, 0, 1, 1, 0, 1, 1]


def test_only_deep_valleys_pay_for_a_cut() -> None:
    costs = gap_costs(np.array([0.9, 0.8, 0.2, 0.3, 0.9, 0.7, 0.9]), 1.0)
    assert [row for row, cost in enumerate(costs) if cost < 0] == [2]
    assert (gap_costs(np.full(5, 0.5), 1.0) >= 0).all()


def best_by_trying(costs: list[float], counts: list[int], limit: int) -> float:
    """The least cost over all ways to cut."""
    least = float("inf")
    for chosen in range(2 ** len(costs)):
        cuts = [row + 1 for row in range(len(costs)) if chosen >> row & 1]
        bounds = [0, *cuts, len(counts)]
        groups = list(pairwise(bounds))
        if all(sum(counts[a:b]) <= limit or b - a == 1 for a, b in groups):
            least = min(least, sum(costs[cut - 1] for cut in cuts))
    return least


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.floats(-1, 1, width=16)), min_size=1, max_size=8))
def test_the_cuts_are_the_cheapest_that_hold_the_limit(rows: list[tuple[int, float]]) -> None:
    counts = [count for count, _ in rows]
    costs = [cost for _, cost in rows[1:]]
    cuts = cheapest_cuts(np.array(costs), np.array(counts), 10)
    bounds = [0, *cuts, len(counts)]
    assert bounds == sorted(set(bounds))
    assert all(sum(counts[a:b]) <= 10 or b - a == 1 for a, b in pairwise(bounds))
    assert sum(costs[cut - 1] for cut in cuts) == pytest.approx(best_by_trying(costs, counts, 10), abs=1e-6)


WHALES = "Whales sing in the deep sea. Whales eat krill in the sea. Whales dive into the deep sea. "
BREAD = "Bread dough needs yeast and flour. Bread bakes in an oven. Yeast makes bread dough rise. "


def chunks(text: str, tokens: int) -> list[str]:
    chunker = SemanticChunker(ChunkSettings(tokens=tokens), HashingEmbedder(256))
    return [span.of(text) for span in chunker.chunk(Document("d.md", text))]


def test_a_chunk_ends_where_the_subject_changes() -> None:
    assert chunks(WHALES + BREAD, 30) == [WHALES, BREAD]
    assert chunks(WHALES * 2 + BREAD * 2, 54) == [WHALES * 2, BREAD * 2]


def test_a_heading_goes_with_what_stands_under_it() -> None:
    found = chunks(f"{WHALES}\n\n# Of loaves\n\n{BREAD}", 40)
    assert len(found) == 2
    assert found[1].startswith("# Of loaves")
