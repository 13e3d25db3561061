"""What is embedded before a chunk, from the settings to the index."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import pytest
from test_summary_cache import CountingEmbedder

from ragtree import Document, ModelError, RagTree, Settings
from ragtree.chunk.written_context import WrittenContext
from ragtree.embed.hashing import HashingEmbedder
from ragtree.indexing.chunks import embedded_text
from ragtree.indexing.contextual_chunker import make_chunker, make_context
from ragtree.llm.base import Message
from ragtree.llm.scripted import ScriptedChat
from ragtree.store.catalog import Catalog
from ragtree.types import Node

TEXT = "# Harbour\n\nThe harbour lies south of the town.\n\n## Depths\n\nThey were sounded in May and again in June.\n"
DOCUMENT = Document("log.md", TEXT, title="Soundings")


def settings(**chunk: object) -> Settings:
    return Settings.model_validate(
        {
            "chunk": {"tokens": 16, **chunk},
            "summarize": {"kind": "extractive", "tokens": 32},
            "tree": {"group_tokens": 64},
        }
    )


def test_the_context_is_embedded_and_neither_quoted_nor_counted(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    with RagTree.open(tmp_path, settings(context="heading"), embedder=embedder) as tree:
        tree.add([DOCUMENT])
        leaf = next(node for node in tree.nodes(0) if "sounded" in node.text)
        assert leaf.context == "Soundings > Harbour > Depths"
        assert leaf.text == leaf.span.of(TEXT)
        assert embedded_text(leaf) == f"Soundings > Harbour > Depths\n{leaf.text}"
        assert embedded_text(leaf) in embedder.texts and leaf.text not in embedder.texts
        assert tree.verify() == []
        found = tree.search("Soundings Harbour Depths", k=9, mode="leaves")
        (hit,) = [hit for hit in found if hit.node == leaf]  # as Chroma has it
        assert hit.score == pytest.approx(
            float(HashingEmbedder().embed([embedded_text(leaf)])[0] @ embedder.embed_query("Soundings Harbour Depths")),
            abs=1e-5,
        )
        assert tree.repair() == len(tree.nodes())
        assert tree.verify() == []


def test_another_context_keeps_the_chunks_and_embeds_them_anew(tmp_path: Path) -> None:
    with RagTree.open(tmp_path, settings(), embedder=HashingEmbedder()) as tree:
        tree.add([DOCUMENT])
        before = tree.nodes(0)
        assert not any(node.context for node in before)
    with RagTree.open(tmp_path, settings(context="title"), embedder=HashingEmbedder()) as tree:
        tree.add([Document("other.md", "Words.")])
        after = [node for node in tree.nodes(0) if node.document_id == "log.md"]
        assert [(node.id, node.text) for node in after] == [(node.id, node.text) for node in before]
        assert all(node.context == "Soundings" for node in after)
        assert tree.verify() == []


@pytest.mark.parametrize("kind", ["sentences", "tokens", "recursive", "structure", "semantic", "layout"])
def test_every_kind_grows_a_sound_tree_and_plans_without_a_model(tmp_path: Path, kind: str) -> None:
    embedder = CountingEmbedder()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "log.md").write_text(TEXT * 3, encoding="utf-8")
    with RagTree.open(tmp_path / "index", settings(kind=kind), embedder=embedder) as tree:
        plan = tree.plan(folder, measure=False)
        assert plan.chunks > 1 and embedder.texts == []
        tree.sync(folder)
        assert tree.verify() == []
        again = tree.plan(folder, measure=False)
        assert again.is_empty and again.chunks == 0
        assert any(node.context for node in tree.nodes(0)) == (kind in ("structure", "layout"))


class Broken(ScriptedChat):
    def __init__(self) -> None:
        super().__init__(["The harbour lies south of the town."])
        self.broken = True

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        if self.broken:
            raise ModelError("connection refused")
        yield from super().stream(messages, max_tokens)


def test_contexts_that_failed_are_asked_for_again(tmp_path: Path) -> None:
    model = Broken()
    with RagTree.open(tmp_path, settings(context="llm"), embedder=HashingEmbedder(), llm=model) as tree:
        report = tree.add([DOCUMENT])
        leaves = tree.nodes(0)
        assert report.without_context == len(leaves)
        assert [node.context for node in leaves] == ["Soundings", "Soundings > Harbour > Depths"][: len(leaves)]
        model.broken = False
        report = tree.remove([])
        assert report.without_context == 0
        assert all("lies south" in node.context for node in tree.nodes(0) if "lies south" not in node.text)
        calls = len(model.calls)
        assert calls
        tree.remove([])
        assert len(model.calls) == calls
        assert tree.verify() == []


def test_without_a_language_model_the_headings_have_to_do(tmp_path: Path) -> None:
    made = settings(context="llm").model_copy(update={"llm": Settings().llm.model_copy(update={"model": "none"})})
    with RagTree.open(tmp_path, made, embedder=HashingEmbedder()) as tree:
        assert tree.add([DOCUMENT]).without_context == 0
        assert any(node.context.endswith("Depths") for node in tree.nodes(0))


def test_the_plan_knows_the_context_that_the_index_was_made_with(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    model = ScriptedChat(["Nothing."])
    real = make_context(settings(context="llm"), HashingEmbedder(), lambda: model, catalog)
    planned = make_context(settings(context="llm"), HashingEmbedder(), lambda: model, catalog, planning=True)
    assert isinstance(planned, WrittenContext)
    assert real.fingerprint == planned.fingerprint
    for kind in ("semantic", "layout"):
        fingerprints = {
            make_chunker(settings(kind=kind), HashingEmbedder(), planning).fingerprint for planning in (True, False)
        }
        assert len(fingerprints) == 1
    catalog.close()


def test_a_node_from_before_there_were_contexts_is_read() -> None:
    from ragtree.store.base import node_from_json, node_to_json

    node = Node("a", 0, "Words.", 2)
    assert "context" not in node_to_json(node)
    assert node_from_json(node_to_json(node)) == node
    with_one = Node("a", 0, "Words.", 2, context="Harbour")
    assert node_from_json(node_to_json(with_one)) == with_one
    assert np.isfinite(HashingEmbedder().embed([embedded_text(with_one)])).all()
