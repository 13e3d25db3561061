"""The retriever in the real LlamaIndex."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ragtree import Document, QueryError, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder

pytest.importorskip("llama_index.core")
from llama_index.core.base.response.schema import Response
from llama_index.core.llms.mock import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode

from ragtree.integrations.llama_index import RagTreeRetriever


@pytest.fixture
def tree(tmp_path: Path) -> RagTree:
    settings = Settings.model_validate({"llm": {"model": "none"}})
    tree = RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder(256))
    tree.add(
        [
            Document("rope.md", "# Store\n\nHemp rope is kept in the loft.", metadata={"author": "Venn"}),
            Document("lamp.md", "The lamp was changed from oil to gas in 1907."),
        ]
    )
    return tree


def test_it_finds_what_the_tree_finds(tree: RagTree) -> None:
    with tree:
        retriever = RagTreeRetriever(tree, k=2, mode="leaves")
        found = retriever.retrieve("Where is the hemp rope?")
        hits = tree.search("Where is the hemp rope?", 2, "leaves")
        assert [(one.node_id, one.score) for one in found] == [(hit.node.id, hit.score) for hit in hits]
        best = found[0].node
        assert best.metadata["source"] == "rope.md"
        assert best.metadata["facts"]["author"] == "Venn"
        assert best.source_node is not None
        document = tree.document(best.source_node.node_id)
        assert document is not None
        assert document.text[best.metadata["start"] : best.metadata["end"]] == best.get_content()
        again = asyncio.run(retriever.aretrieve("Where is the hemp rope?"))
        assert [one.node_id for one in again] == [one.node_id for one in found]


def test_a_prompt_has_the_source_and_not_the_offsets(tree: RagTree) -> None:
    with tree:
        shown = RagTreeRetriever(tree, k=1).retrieve("hemp rope")[0].node.get_content(MetadataMode.LLM)
        assert "source: rope.md" in shown
        assert "start" not in shown


def test_it_filters_and_is_a_part_of_a_query_engine(tree: RagTree) -> None:
    with tree:
        retriever = RagTreeRetriever(tree, mode="leaves", where={"source": "lamp.md"})
        answer = RetrieverQueryEngine.from_args(retriever, llm=MockLLM()).query("rope")
        assert isinstance(answer, Response)
        assert {one.metadata["source"] for one in answer.source_nodes} == {"lamp.md"}


def test_errors_are_those_of_the_tree(tree: RagTree) -> None:
    with tree, pytest.raises(QueryError):
        RagTreeRetriever(tree, mode="nonsense").retrieve("rope")
