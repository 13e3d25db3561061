"""How long a query takes as an index grows, its embedding apart; what filters cost; eight threads at once.

RAGTREE_LATENCY_FOLDER names a folder where the made indexes are kept for the next time; 100,000 nodes take minutes.
Times are told twice: by the clock, and of the processors alone, which tells the same on a busy machine.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from large import Given, make_index, questions

from ragtree import RagTree, Settings
from ragtree.types import Where

SIZES = (1_000, 10_000, 100_000)
MODES = ("leaves", "lexical", "hybrid", "collapsed", "auto")
QUERIES = 60
THREADS = 8
SETTINGS = Settings.model_validate({"llm": {"model": "none"}, "embed": {"kind": "plain"}, "chunk": {"language": "en"}})
FILTERS: dict[str, Where] = {
    "one document": {"number": 77},
    "1 %": {"shelf": 7},
    "1 %, by a glob": {"source": "shelf07/*"},
    "10 %": {"shelf": {"$lt": 10}},
    "a year of 30": {"date": "2001"},
    "50 %": {"half": 1},
    "all": {"date": {"$gte": "1990"}},
}
Times = list[tuple[float, float]]
_hybrid: dict[int, float] = {}


@pytest.fixture(scope="module", params=SIZES)
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RagTree]:
    kept = os.environ.get("RAGTREE_LATENCY_FOLDER")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("latency")
    path = folder / str(request.param)
    if not path.exists():
        make_index(path, request.param)
    with RagTree.open(path, SETTINGS, embedder=Given()) as tree:
        yield tree


def asked(tree: RagTree) -> list[str]:
    leaves = tree.stats().levels[0]
    ids = [f"{row:032x}" for row in np.random.default_rng(3).integers(0, leaves, 200)]
    return questions(tree._catalog.nodes_of(ids), QUERIES)


def timed(search: Callable[[str], object], queries: Sequence[str]) -> Times:
    """Of every query its milliseconds by the clock, and of the processors."""
    times = []
    for query in queries:
        start, worked = time.perf_counter(), time.process_time()
        search(query)
        times.append((1000 * (time.perf_counter() - start), 1000 * (time.process_time() - worked)))
    return times


def told(times: Times) -> str:
    clock, worked = np.array(times).T
    p50, p99 = np.percentile(clock, (50, 99))
    return f"{p50:.1f} / {p99:.1f} ({np.percentile(worked, 50):.1f} / {np.percentile(worked, 99):.1f})"


def towards(tree: RagTree) -> None:
    """Queries lie near a leaf of the middle."""
    embedder = tree.embedder
    assert isinstance(embedder, Given)
    with tree._reader.reading() as snapshot:
        table = snapshot.table
        embedder.vector = np.array(table.vectors[table.leaves // 2])


def test_the_modes_and_filters(tree: RagTree, report: Callable[[str], None]) -> None:
    towards(tree)
    queries, nodes = asked(tree), sum(tree.stats().levels)
    tree.search("warm up", mode="collapsed", where={"half": 1})
    report(f"{nodes} nodes: ms by the clock p50 / p99 (of the processors)")
    plain: Times = []
    for mode in MODES:
        times = timed(lambda query, mode=mode: tree.search(query, mode=mode), queries)  # type: ignore[misc]
        report(f"  {mode:12} {told(times)}")
        plain = times if mode == "hybrid" else plain
    _hybrid[nodes] = float(np.median([worked for _, worked in plain]))
    usual = _hybrid[nodes]
    ratios = {}
    for name, where in FILTERS.items():
        start = time.process_time()
        assert tree.search(queries[0], mode="hybrid", where=where), name
        first = 1000 * (time.process_time() - start)
        times = timed(lambda query, where=where: tree.search(query, mode="hybrid", where=where), queries)  # type: ignore[misc]
        ratios[name] = float(np.median([worked for _, worked in times])) / usual
        report(f"  hybrid where {name:16} {told(times)}; {ratios[name]:.2f} x hybrid, the first time {first:.0f} ms")
    assert max(ratios.values()) <= 2, ratios


def test_threads_share_an_index(tree: RagTree, report: Callable[[str], None]) -> None:
    towards(tree)
    queries = asked(tree)
    alone = [[hit.node.id for hit in tree.search(query, mode="hybrid")] for query in queries]
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda query: [hit.node.id for hit in tree.search(query, mode="hybrid")], queries))
    seconds = time.perf_counter() - start
    assert together == alone
    report(f"  {THREADS} threads: {len(queries) / seconds:.0f} queries a second, no errors")


def test_growth(report: Callable[[str], None]) -> None:
    if len(_hybrid) < 2:
        pytest.skip("one size alone shows no growth")
    (few, least), (many, most) = min(_hybrid.items()), max(_hybrid.items())
    report(f"hybrid from {few} to {many} nodes: {most / least:.1f} times the processor time")
    assert most / least < many / few / 4
