"""What spans cost an answer, in processor time: none, to an application without a tracer provider, and recorded.

Wanted: under 1 %. The same questions in turns, so that what else the machine does counts for all three alike.
"""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path
from unittest import mock

from library import LIBRARY

from ragtree import RagTree, Settings, tracing

QUESTIONS = ["What did the stove cost?", "Who kept the light in 1922?", "Where is the hemp rope?", "Is there a cat?"]
TURNS = 6


def test_overhead(library_index: Path) -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(InMemorySpanExporter()))
    ways = {"off": None, "no provider": tracing._tracer(), "recorded": provider.get_tracer("ragtree")}
    seconds: defaultdict[str, float] = defaultdict(float)
    with RagTree.open(library_index, Settings.model_validate({"llm": {"model": "none"}}), read_only=True) as tree:
        assert tree.stats().documents == len([path for path in LIBRARY.rglob("*") if path.is_file()])
        for turn in range(TURNS + 2):
            names = list(ways)
            for name in names[turn % 3 :] + names[: turn % 3]:
                tracer = ways[name]
                with mock.patch.object(tracing, "_tracer", lambda tracer=tracer: tracer):
                    before = time.process_time()
                    for question in QUESTIONS:
                        tree.ask(question)
                    seconds[name] += (time.process_time() - before) * (turn > 1)
    for name, spent in seconds.items():
        print(f"{name}: {spent / TURNS / len(QUESTIONS) * 1000:.1f} ms an answer, {spent / seconds['off']:.4f}")
