"""The retriever in the real LangChain."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ragtree import Document, QueryError, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder

pytest.importorskip("langchain_core")
from langchain_core.runnables import RunnableLambda

from ragtree.integrations.langchain import RagTreeRetriever


@pytest.fixture
def tree(tmp_path: Path) -> RagTree:
    tree = RagTree.open(tmp_path / "index", Settings(llm={"model": "none"}), embedder=HashingEmbedder(256))  # type: ignore[arg-type]
    tree.add(
        [
            Document("rope.md", "# Store\n\nHemp rope is kept in the loft.", metadata={"author": "Venn"}),
            Document("lamp.md", "The lamp was changed from oil to gas in 1907."),
        ]
    )
    return tree


def test_it_finds_what_the_tree_finds(tree: RagTree) -> None:
    with tree:
        retriever = RagTreeRetriever(tree=tree, k=2, mode="leaves")
        found = retriever.invoke("Where is the hemp rope?")
        hits = tree.search("Where is the hemp rope?", 2, "leaves")
        assert [one.id for one in found] == [hit.node.id for hit in hits]
        best = found[0]
        assert best.metadata["source"] == "rope.md"
        assert best.metadata["facts"]["author"] == "Venn"
        document = tree.document(best.metadata["document_id"])
        assert document is not None
        assert document.text[best.metadata["start"] : best.metadata["end"]] == best.page_content
        assert [one.id for one in asyncio.run(retriever.ainvoke("Where is the hemp rope?"))] == [
            one.id for one in found
        ]


def test_it_filters_and_is_a_part_of_a_chain(tree: RagTree) -> None:
    with tree:
        retriever = RagTreeRetriever(tree=tree, mode="leaves", where={"source": "lamp.md"})
        chain = retriever | RunnableLambda(lambda found: [one.metadata["source"] for one in found])
        assert set(chain.invoke("rope")) == {"lamp.md"}


def test_errors_are_those_of_the_tree(tree: RagTree) -> None:
    with tree, pytest.raises(QueryError):
        RagTreeRetriever(tree=tree, mode="nonsense").invoke("rope")
