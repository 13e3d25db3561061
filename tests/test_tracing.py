"""Spans for OpenTelemetry: one tree for a sync and for an answer, without any text."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ragtree import AsyncRagTree, Document, ModelError, RagTree, Settings, tracing
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.base import Message
from ragtree.llm.scripted import ScriptedChat

pytest.importorskip("opentelemetry.sdk")
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

LAMP = "The lamp was changed from oil to gas in 1907."
QUESTION = "When was the lamp changed?"
SETTINGS = Settings.model_validate({"answer": {"strictness": "low"}, "summarize": {"kind": "extractive"}})


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """The exported spans, in the order in which they ended."""
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer = provider.get_tracer("test")
    monkeypatch.setattr(tracing, "_tracer", lambda: tracer)
    yield kept
    provider.shutdown()


def tree_of(spans: Sequence[ReadableSpan]) -> set[tuple[str, str]]:
    """Pairs of a span's name and its parent's name, which is empty at the top."""
    names = {span.context.span_id: span.name for span in spans if span.context}
    return {(span.name, names[span.parent.span_id] if span.parent else "") for span in spans}


def opened(path: Path, model: ScriptedChat | None = None) -> RagTree:
    return RagTree.open(path, SETTINGS, embedder=HashingEmbedder(64), llm=model or ScriptedChat([LAMP]))


def test_a_sync_is_one_tree(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    with opened(tmp_path) as tree:
        tree.add([Document("a", LAMP), Document("b", "The rope is of hemp.")])
    found = spans.get_finished_spans()
    assert tree_of(found) == {
        ("ragtree.sync", ""),
        ("ragtree.sync.documents", "ragtree.sync"),
        ("ragtree.sync.collection", "ragtree.sync"),
    }
    assert found[-1].attributes is not None
    assert found[-1].attributes["ragtree.sync.added"] == 2


def test_an_answer_is_one_tree_and_no_text_is_in_it(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    with opened(tmp_path) as tree:
        tree.add([Document("a", LAMP), Document("b", "The rope is of hemp.")])
        spans.clear()
        pieces = tree.chat().stream(QUESTION)
        first = next(pieces)
        with tracing.span("the reader's own"):  # between two pieces: it is not below the answer
            pass
        assert LAMP in first + "".join(pieces)
    found = spans.get_finished_spans()
    assert tree_of(found) == {
        ("the reader's own", ""),
        ("ragtree.ask", ""),
        ("ragtree.understand", "ragtree.ask"),
        ("embeddings hashing-64", "ragtree.ask"),
        ("retrieval", "ragtree.ask"),
        ("chat scripted", "ragtree.ask"),
    }
    shown = " ".join(f"{span.name} {span.attributes} {span.events}" for span in found)
    assert "lamp" not in shown
    top = next(span for span in found if span.name == "ragtree.ask")
    assert top.attributes is not None
    assert top.attributes["ragtree.answer.supported"] is True
    assert top.attributes[tracing.INPUT_TOKENS] > 0  # type: ignore[operator]


def test_a_failure_has_the_kind_of_its_error_and_not_its_text(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    def fail(messages: Sequence[Message]) -> str:
        raise ModelError(f"no model; {LAMP}")

    with opened(tmp_path, ScriptedChat(fail)) as tree:
        tree.add([Document("a", LAMP)])
        spans.clear()
        with pytest.raises(ModelError):
            tree.ask(QUESTION)
    failed = {span.name for span in spans.get_finished_spans() if not span.status.is_ok}
    assert {"ragtree.ask", "chat scripted"} <= failed
    assert all("lamp" not in f"{span.attributes} {span.status.description}" for span in spans.get_finished_spans())


def test_an_answer_that_nobody_reads_on_ends_its_span(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    async def left() -> None:
        async with AsyncRagTree.open(
            tmp_path, SETTINGS, embedder=HashingEmbedder(64), llm=ScriptedChat([LAMP])
        ) as tree:
            await tree.add([Document("a", LAMP)])
            async with contextlib.aclosing(tree.chat().stream(QUESTION)) as pieces:
                async for _ in pieces:
                    break

    asyncio.run(left())
    assert ("ragtree.ask", "") in tree_of(spans.get_finished_spans())


def test_without_opentelemetry_nothing_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "_tracer", lambda: None)
    with opened(tmp_path) as tree:
        tree.add([Document("a", LAMP)])
        assert tree.ask(QUESTION).supported
